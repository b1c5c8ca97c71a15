"""What the page is given of the history, and to whom."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from PIL import Image
from starlette.testclient import TestClient

from fooo.record import Record
from fooo.record.history import Wanted
from fooo.request import Vary
from fooo.service import Fooo
from tests.interface.http.asking import LogIn
from tests.record.history.pictures import keep

ROUTE = "/api/history"


def listed(client: TestClient, **wanted: object) -> list[dict[str, Any]]:
    return client.get(ROUTE, params={key: str(value) for key, value in wanted.items()}).json()["pictures"]


def words(client: TestClient, **wanted: object) -> list[str]:
    return [each["words"] for each in listed(client, **wanted)]


def ids(client: TestClient, **wanted: object) -> list[str]:
    return [each["id"] for each in listed(client, **wanted)]


def test_the_list_tells_what_the_page_shows_and_no_path(client: TestClient, outputs: Path) -> None:
    answer = client.get(ROUTE)
    told = answer.json()
    assert [each["words"] for each in told["pictures"]] == ["bob's castle", "ann's boat", "nobody's apple"]
    assert (told["total"], told["next"], told["unread"], told["models"]) == (3, None, 0, ["pocket/base"])
    assert str(outputs) not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_it_is_given_in_pages_and_searched(client: TestClient) -> None:
    first = client.get(ROUTE, params={"limit": 2}).json()
    second = client.get(ROUTE, params={"limit": 2, "after": first["next"]}).json()
    assert [each["words"] for each in second["pictures"]] == ["nobody's apple"]
    assert "unread" not in second
    assert words(client, words="CASTLE") == ["bob's castle"]
    assert words(client, model="another") == []


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"limit": 501}, {"words": "x" * 401}, {"favourite": "maybe"}])
def test_what_is_no_question_is_refused(client: TestClient, wrong: dict[str, Any]) -> None:
    assert client.get(ROUTE, params=wrong).status_code == 422


def test_a_picture_is_given_large_and_small(client: TestClient, outputs: Path) -> None:
    picture = listed(client)[0]
    full, small = client.get(picture["full"]), client.get(picture["small"])
    assert full.content in [each.read_bytes() for each in outputs.rglob("bob/*/*.png")]
    assert (full.headers["content-type"], small.headers["content-type"]) == ("image/png", "image/webp")
    with Image.open(io.BytesIO(small.content)) as image:
        assert image.size == (32, 32)
    # under its address it never changes; whoever logs in next at this browser asks anew
    assert all("immutable" in each.headers["cache-control"] for each in (full, small))
    assert all("Cookie" in each.headers["vary"] for each in (full, small))


def test_a_favourite_is_kept(client: TestClient, outputs: Path) -> None:
    (picture,) = ids(client, words="boat")
    assert client.post(f"{ROUTE}/favourite", json={"ids": [picture], "favourite": True}).json() == {"ids": [picture]}
    assert words(client, favourite=True) == ["ann's boat"]
    assert len(list((outputs / ".favourites").iterdir())) == 1
    client.post(f"{ROUTE}/favourite", json={"ids": [picture], "favourite": False})
    assert words(client, favourite=True) == []


def test_what_is_thrown_away_is_put_back_by_what_it_is_answered_with(client: TestClient) -> None:
    thrown = client.post(f"{ROUTE}/throw", json={"ids": ids(client)[:2]}).json()["ids"]
    assert words(client) == ["nobody's apple"]
    assert set(words(client, thrown=True)) == {"ann's boat", "bob's castle"}
    back = client.post(f"{ROUTE}/put-back", json={"ids": thrown}).json()["ids"]
    assert words(client) == ["bob's castle", "ann's boat", "nobody's apple"]
    assert back == ids(client)[:2]


def test_nothing_is_thrown_away_twice_or_put_back_that_was_not(client: TestClient) -> None:
    everything = ids(client)
    assert client.post(f"{ROUTE}/put-back", json={"ids": everything}).json() == {"ids": []}
    thrown = client.post(f"{ROUTE}/throw", json={"ids": everything}).json()["ids"]
    assert client.post(f"{ROUTE}/throw", json={"ids": [*everything, *thrown]}).json() == {"ids": []}


def test_the_trash_is_emptied_and_what_is_not_in_it_stays(client: TestClient, outputs: Path) -> None:
    thrown = client.post(f"{ROUTE}/throw", json={"ids": ids(client)[:2]}).json()["ids"]
    assert client.post(f"{ROUTE}/empty-trash").json() == {"removed": 2}
    assert words(client, thrown=True) == []
    assert words(client) == ["nobody's apple"]
    assert len(list(outputs.rglob("*.png"))) == 1
    assert client.post(f"{ROUTE}/put-back", json={"ids": thrown}).json() == {"ids": []}
    assert client.post(f"{ROUTE}/empty-trash").json() == {"removed": 0}


def test_several_are_downloaded_as_one_zip_file(client: TestClient) -> None:
    answer = client.get(f"{ROUTE}/zip", params={"ids": ",".join([*ids(client)[:2], "../../etc/passwd"])})
    assert answer.headers["content-disposition"].startswith('attachment; filename="fooo-')
    with ZipFile(io.BytesIO(answer.content)) as bundle:
        assert bundle.testzip() is None
        assert len(bundle.namelist()) == 2
        assert not any("/" in name for name in bundle.namelist())


@pytest.mark.parametrize(
    "name",
    [
        "..",
        "%2e%2e",
        "..%2f..%2fsecret",
        "%2e%2e%2f.queue.sqlite",
        "x" * 24,
        "0" * 24,
        "%00",
        "C:%5Csecret",
        "a" * 5000,
    ],
)
@pytest.mark.parametrize("what", ["full", "small"])
def test_only_an_id_of_the_list_opens_a_file(client: TestClient, name: str, what: str) -> None:
    assert client.get(f"{ROUTE}/{name}/{what}").status_code == 404
    assert client.get(f"{ROUTE}/zip", params={"ids": name}).status_code == 404


@pytest.mark.parametrize(
    "body", [{}, {"ids": "x"}, {"ids": [1]}, {"ids": ["0" * 24] * 1001}, [], {"ids": [{"path": "/etc/passwd"}]}]
)
@pytest.mark.parametrize("route", ["throw", "put-back", "favourite"])
def test_what_is_no_list_of_ids_is_refused(client: TestClient, route: str, body: object) -> None:
    assert client.post(f"{ROUTE}/{route}", json=body).status_code in {403, 422}
    assert len(listed(client)) == 3


def test_ids_that_are_none_do_nothing(client: TestClient, outputs: Path) -> None:
    before = sorted(outputs.rglob("*.png"))
    answer = client.post(f"{ROUTE}/throw", json={"ids": ["../x", "", "0" * 24, ".trash"]})
    assert (answer.status_code, answer.json()) == (200, {"ids": []})
    assert sorted(outputs.rglob("*.png")) == before


@pytest.mark.parametrize("route", ["throw", "put-back", "favourite"])
def test_another_site_changes_nothing(client: TestClient, route: str) -> None:
    body = {"ids": ids(client), "favourite": True}
    for headers in ({"Origin": "https://example.org"}, {"Sec-Fetch-Site": "cross-site"}):
        assert client.post(f"{ROUTE}/{route}", json=body, headers=headers).status_code == 403
    assert client.get(ROUTE, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post(f"{ROUTE}/{route}", data={"ids": "x"}).status_code == 415
    assert len(listed(client)) == 3


def test_another_site_empties_no_trash(client: TestClient) -> None:
    client.post(f"{ROUTE}/throw", json={"ids": ids(client)})
    for headers in ({"Origin": "https://example.org"}, {"Sec-Fetch-Site": "cross-site"}):
        assert client.post(f"{ROUTE}/empty-trash", headers=headers).status_code == 403
    assert client.get(f"{ROUTE}/empty-trash").status_code in {404, 405}
    assert len(listed(client, thrown=True)) == 3


def test_each_empties_their_own_trash_alone(log_in: LogIn, outputs: Path) -> None:
    for name in ("ann", "bob"):
        client = log_in(name)
        client.post(f"{ROUTE}/throw", json={"ids": ids(client)})
    assert log_in("eve").post(f"{ROUTE}/empty-trash").json() == {"removed": 0}
    assert log_in("bob").post(f"{ROUTE}/empty-trash").json() == {"removed": 1}
    assert words(log_in("bob"), thrown=True) == []
    assert sorted(words(log_in("ann"), thrown=True)) == ["ann's boat", "nobody's apple"]
    assert len(list(outputs.rglob("*.png"))) == 2


def test_each_sees_their_own_and_an_owner_what_was_drawn_before_anybody_logged_in(log_in: LogIn) -> None:
    assert words(log_in("ann")) == ["ann's boat", "nobody's apple"]
    assert words(log_in("bob")) == ["bob's castle"]
    assert words(log_in("eve")) == []


def test_nobody_touches_what_is_not_theirs(log_in: LogIn, outputs: Path) -> None:
    (boat, apple), before = ids(log_in("ann")), sorted(outputs.rglob("*.png"))
    bob = log_in("bob")
    for picture in (boat, apple):
        for what in ("full", "small"):
            assert bob.get(f"{ROUTE}/{picture}/{what}").status_code == 404
        assert bob.get(f"{ROUTE}/zip", params={"ids": picture}).status_code == 404
        assert bob.post(f"{ROUTE}/throw", json={"ids": [picture]}).json() == {"ids": []}
        assert bob.post(f"{ROUTE}/favourite", json={"ids": [picture], "favourite": True}).json() == {"ids": []}
    assert sorted(outputs.rglob("*.png")) == before
    thrown = log_in("ann").post(f"{ROUTE}/throw", json={"ids": [boat]}).json()["ids"]
    assert log_in("bob").post(f"{ROUTE}/put-back", json={"ids": thrown}).json() == {"ids": []}
    assert words(log_in("bob"), thrown=True) == []
    assert words(log_in("ann"), thrown=True) == ["ann's boat"]


def test_who_has_not_logged_in_is_told_nothing(log_in: LogIn) -> None:
    client = log_in("ann")
    picture = ids(client)[0]
    client.cookies.clear()
    for path in (ROUTE, f"{ROUTE}/{picture}/full", f"{ROUTE}/zip?ids={picture}"):
        assert client.get(path).status_code == 401
    assert client.post(f"{ROUTE}/throw", json={"ids": [picture]}).status_code == 401
    assert client.post(f"{ROUTE}/empty-trash").status_code == 401


def test_a_family_is_told_with_how_the_words_came_from_the_parents(
    client: TestClient, program: Fooo, record: Record
) -> None:
    boat, castle = ids(client, words="boat")[0], ids(client, words="castle")[0]
    (kept,) = program.history.find([boat])
    start = Vary(picture=program.pictures.add(kept.path))
    drawn = record.model_copy(update={"request": record.request.model_copy(update={"start": start})})
    child = keep(program.archive.folder, drawn, "ann's red boat", made=datetime(2026, 1, 2))
    below = client.get(f"{ROUTE}/{program.history.id_at(child)}/family").json()
    assert (below["parent"]["id"], below["children"]) == (boat, [])
    assert below["words"] == [["same", "ann's "], ["new", "red "], ["same", "boat"]]
    above = client.get(f"{ROUTE}/{boat}/family").json()
    assert (above["parent"], above["words"]) == (None, [])
    assert [each["words"] for each in above["children"]] == ["ann's red boat"]
    assert client.get(f"{ROUTE}/{castle}/family").json() == {"parent": None, "children": [], "words": []}
    assert client.get(f"{ROUTE}/{'0' * 24}/family").status_code == 404


def test_the_family_of_another_persons_picture_is_not_told(log_in: LogIn, program: Fooo) -> None:
    program.history.refresh()
    castle = next(each.id for each in program.history.page(Wanted(), limit=9).pictures if "castle" in each.words)
    assert log_in("bob").get(f"{ROUTE}/{castle}/family").status_code == 200
    assert log_in("eve").get(f"{ROUTE}/{castle}/family").status_code == 404
