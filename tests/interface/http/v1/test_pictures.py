"""Pictures over our own API."""

import hashlib
import io

import pytest
from PIL import Image

from fooo.record import read_record
from tests.interface.http.conftest import until
from tests.interface.http.foreign.test_bad_input import bomb
from tests.interface.http.v1.conftest import MANY_STEPS, Api, below


@pytest.mark.parametrize(("kind", "media"), [("png", "image/png"), ("jpeg", "image/jpeg"), ("webp", "image/webp")])
def test_a_picture_is_the_kept_file_with_its_record(api: Api, kind: str, media: str):
    picture = api.job(api.ended(output={"format": kind}))["pictures"][0]
    answer = api.get(below(picture["file"]))
    assert answer.headers["content-type"] == media
    assert "immutable" in answer.headers["cache-control"]
    with Image.open(io.BytesIO(answer.content)) as image:
        assert image.size == (picture["width"], picture["height"])
    assert api.get(below(picture["record"])).json() == read_record(answer.content).model_dump(mode="json")


def test_a_record_makes_the_picture_again(api: Api):
    first = api.job(api.ended(output={"count": 2}))["pictures"][1]
    again = api.job(api.ended(**api.get(below(first["record"])).json()["request"]))["pictures"][0]
    assert again["seed"] == first["seed"]


def test_a_small_picture_is_a_jpeg_of_192_pixels_at_most(api: Api):
    picture = api.job(api.ended())["pictures"][0]
    with Image.open(io.BytesIO(api.get(below(picture["small"])).content)) as image:
        assert image.format == "JPEG"
        assert image.height <= 192


def test_all_pictures_are_listed_newest_first_in_pages(api: Api):
    first, second = api.ended("a", output={"count": 2}), api.ended("b")
    page = api.get("pictures?limit=2").json()
    assert [(each["job"], each["number"]) for each in page["pictures"]] == [(second, 0), (first, 1)]
    assert page["total"] == 3
    last = api.get(f"pictures?limit=2&after={page['next']}").json()
    assert [(each["job"], each["number"], last["next"]) for each in last["pictures"]] == [(first, 0, None)]


def test_what_is_drawn_can_be_seen_before_it_is_done(api: Api):
    job_id = api.running(sampling={"steps": MANY_STEPS})
    assert api.get(f"jobs/{job_id}/preview").status_code == 404
    api.engine.gate.set()
    until(lambda: api.get(f"jobs/{job_id}/preview").status_code == 200)
    answer = api.get(f"jobs/{job_id}/preview")
    assert answer.headers["content-type"] == "image/jpeg"
    api.delete(f"jobs/{job_id}")


def test_an_uploaded_picture_can_be_begun_with(api: Api, picture_file: bytes):
    answer = api.post("pictures", content=picture_file, headers={"content-type": "image/png"})
    assert answer.status_code == 201
    begun = answer.json()
    assert begun == {"id": hashlib.sha256(picture_file).hexdigest(), "width": 256, "height": 256}
    job = api.job(api.draw(start={"kind": "vary", "picture": begun["id"], "strength": 0.5}))
    assert job["request"]["start"]["picture"] == begun["id"]


@pytest.mark.parametrize(("content", "status"), [(b"", 415), (b"hello", 415), (bomb(100_000), 413), (bomb(10), 422)])
def test_what_is_no_picture_is_refused(api: Api, content: bytes, status: int):
    answer = api.post("pictures", content=content, headers={"content-type": "image/png"})
    assert answer.status_code == status
    assert answer.json()["field"] == "picture"


def test_a_picture_that_is_not_kept_cannot_be_begun_with(api: Api):
    answer = api.post("jobs", json={"start": {"kind": "keep", "picture": "0" * 64}})
    assert answer.status_code == 422
    assert "hand the picture in again" in answer.json()["error"]


def test_a_picture_that_was_moved_away_is_not_there(api: Api):
    job = api.program.job(api.ended())
    assert job
    job.pictures[0].path.unlink()
    assert api.get(f"jobs/{job.id}/pictures/0").status_code == 404
    assert api.get(f"jobs/{job.id}/pictures/0/record").status_code == 200
    assert api.get(f"jobs/{job.id}/pictures/1").status_code == 404


def test_it_is_told_whether_a_picture_was_blurred_and_browsers_keep_it_for_one_person_alone(api: Api):
    picture = api.job(api.ended())["pictures"][0]
    assert picture["blurred"] is False
    for address in (picture["file"], picture["small"]):
        assert api.get(below(address)).headers["vary"] == "Cookie, Authorization"
