"""What a guest may not: more than a quota, other people's pictures and jobs, models, settings, the queue."""

import json

import httpx
import pytest

from fooo.errors import NotAllowed, RequestError
from fooo.interface.people import HOST, Deed, Person, Role, check_may, is_own, may, retry, sees, submit
from fooo.interface.web.acts import target_named
from fooo.interface.web.view import Address, Lookout
from fooo.request import read_request
from tests.attacks.conftest import QUOTA, Login, Target, drawn_for

GUS = Person("gus", Role.GUEST, QUOTA)


def small(**more: object) -> dict[str, object]:
    return {"prompt": "a cat", "size": {"width": 64, "height": 64}, "sampling": {"steps": 1}, **more}


def test_a_guest_sees_own_pictures_and_no_others(house: Target, login: Login) -> None:
    own, other, owners = (drawn_for(house, name) for name in ("gil", "gus", "ann"))
    for rest in ("0.png", "0/small.jpg"):
        assert login("gil").get(f"/pictures/{own.id}/{rest}").status_code == 200
        for job in (other, owners):
            assert login("gil").get(f"/pictures/{job.id}/{rest}").status_code == 404
            assert login("ann").get(f"/pictures/{job.id}/{rest}").status_code == 200


def test_pictures_lie_in_their_persons_folder(house: Target) -> None:
    outputs = house.folder / "outputs"
    assert drawn_for(house, "gil").pictures[0].path.parent.parent == outputs / "gil"
    assert drawn_for(house, "").pictures[0].path.parent.parent == outputs


def test_the_page_shows_each_their_own(house: Target) -> None:
    own, other = drawn_for(house, "gil", "mine"), drawn_for(house, "gus", "his")
    lookout = Lookout(house.program, lambda job, number: Address(f"{job.id}/{number}", ""))

    def jobs(person: Person) -> set[str]:
        return {each.job for each in lookout.look(person).finished}

    assert own.id in jobs(Person("gil", Role.GUEST))
    assert other.id not in jobs(Person("gil", Role.GUEST)) | jobs(Person("ann"))
    assert {own.id, other.id} <= jobs(HOST)


def test_a_guest_varies_no_picture_of_another(house: Target) -> None:
    other = drawn_for(house, "ann")
    pressed = json.dumps({"how": "vary_subtle", "job": other.id, "number": 0})
    with pytest.raises(RequestError):
        target_named(pressed, house.program, GUS)


def test_a_guest_stops_no_job_of_another(house: Target) -> None:
    lookout = Lookout(house.program, lambda job, number: Address("", ""))
    house.program.queue.pause()
    job = house.program.submit(read_request(small()), person="ann")
    lookout.stop(job.id, GUS, keep=False)
    lookout.skip(job.id, GUS)
    assert not job.has_ended
    job.stop()
    house.program.queue.resume()


def test_a_protocols_client_reads_no_picture_of_another(house: Target, login: Login) -> None:
    other = drawn_for(house, "ann")
    asked = {"name": "describe_settings", "arguments": {"picture": f"/pictures/{other.id}/0.png"}}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": asked}
    headers = {"accept": "application/json, text/event-stream"}
    told = {name: login(name).post("/mcp", json=call, headers=headers).text for name in ("gil", "ann")}
    assert "There is no such picture" in told["gil"]
    assert "There is no such picture" not in told["ann"]


@pytest.mark.parametrize("path", ["/api/downloads", "/api/downloads/pause", "/api/downloads/resume"])
def test_a_guest_fetches_nothing(login: Login, path: str) -> None:
    answer = login("gil").post(path, json={"name": "x"})
    assert answer.status_code == 403
    assert "guest may not" in answer.text


def test_a_guest_changes_no_settings(login: Login) -> None:
    for path, said in (
        ("/sdapi/v1/options", {"CLIP_stop_at_last_layers": 2}),
        ("/sdapi/v1/txt2img", {"prompt": "x", "override_settings": {"samples_format": "jpg"},
                               "override_settings_restore_afterwards": False}),
    ):  # fmt: skip
        assert login("gil").post(path, json=said).status_code == 403
    assert "CLIP_stop_at_last_layers" in login("ann").get("/sdapi/v1/options").text
    assert login("ann").get("/sdapi/v1/options").json()["CLIP_stop_at_last_layers"] == 1


@pytest.mark.parametrize("deed", list(Deed))
def test_an_owner_may_everything_and_a_guest_none_of_it(deed: Deed) -> None:
    assert may(Person("ann"), deed)
    assert may(HOST, deed)
    assert not may(GUS, deed)
    with pytest.raises(NotAllowed, match="ask the owner"):
        check_may(GUS, deed)


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (small(size={"width": 1024, "height": 1024}), "smaller size"),
        (small(sampling={"steps": 50}), "steps"),
        (small(output={"count": 7}), "pictures a day"),
    ],
)
def test_a_guest_who_wants_too_much_is_told_kindly(house: Target, wish: dict[str, object], said: str) -> None:
    with pytest.raises(NotAllowed, match=said):
        submit(house.program, read_request(wish), GUS)
    submit(house.program, read_request({**wish, "sampling": {"steps": 1}}), Person("ann")).stop()


def test_a_guest_has_so_many_pictures_a_day_and_so_many_jobs_waiting(house: Target) -> None:
    kim = Person("kim", Role.GUEST, QUOTA)
    house.program.queue.pause()
    jobs = [submit(house.program, read_request(small(output={"count": 3})), kim) for _ in range(2)]
    with pytest.raises(NotAllowed, match="waiting"):
        submit(house.program, read_request(small()), kim)
    house.program.queue.resume()
    for job in jobs:
        list(job.events())
    with pytest.raises(NotAllowed, match="left today: 0"):
        submit(house.program, read_request(small()), kim)


def test_trying_again_asks_for_the_quota_too(house: Target) -> None:
    lee = Person("lee", Role.GUEST, QUOTA)
    house.program.queue.pause()
    stopped = submit(house.program, read_request(small(output={"count": 4})), lee)
    stopped.stop()
    submit(house.program, read_request(small(output={"count": 4})), lee)
    with pytest.raises(NotAllowed, match="left today: 2"):
        retry(house.program, stopped, lee)
    house.program.queue.resume()


@pytest.mark.parametrize("path", ["/sdapi/v1/txt2img", "/v1/images/generations"])
def test_every_door_asks_for_the_quota(login: Login, path: str) -> None:
    answer = login("gus").post(path, json={"prompt": "x", "n": 9, "batch_size": 9, "size": "256x256", "steps": 1,
                                           "width": 64, "height": 64})  # fmt: skip
    assert answer.status_code == 403
    assert "A guest" in answer.text


def test_a_job_belongs_to_whom_it_was_drawn_for(house: Target) -> None:
    mine, nobodys = drawn_for(house, "gus"), drawn_for(house, "")
    assert sees(GUS, mine)
    assert not sees(GUS, nobodys)
    assert is_own(Person("ann"), nobodys)
    assert not is_own(Person("ann"), mine)
    assert sees(Person("ann"), mine)


def test_the_page_itself_refuses_a_guest(house: Target, login: Login) -> None:
    told = login("gil").get("/config")
    assert told.status_code == 200
    names = [event["api_name"] for event in told.json()["dependencies"]]
    job = drawn_for(house, "ann", "for her eyes")
    page = login("gil")
    asked = {"data": list[str](), "fn_index": names.index("arrive"), "session_hash": "gils"}
    assert page.post("/gradio_api/queue/join", json=asked).status_code == 200
    seen = b""
    with page.stream("GET", "/gradio_api/queue/data?session_hash=gils") as stream:
        for chunk in stream.iter_bytes():
            seen += chunk
            if b"process_completed" in seen:
                break
    assert job.id.encode() not in seen
    assert b"for her eyes" not in seen
    assert b"process_completed" in seen


@pytest.mark.parametrize("person", ["gil", "gus"])
def test_nobody_else_is_named_to_a_guest(house: Target, login: Login, person: str) -> None:
    drawn_for(house, "ann", "words of hers")
    for path in ("/sdapi/v1/progress", "/sdapi/v1/options", "/v1/models", "/api/downloads", "/config"):
        assert "words of hers" not in login(person).get(path).text


def test_nobody_gets_in_without_a_name(house: Target, stranger: httpx.Client) -> None:
    job = drawn_for(house, "")
    for path in ("/", "/config", f"/pictures/{job.id}/0.png", "/sdapi/v1/options", "/v1/models", "/api/downloads",
                 "/api/v1/jobs", "/assets/x.js", "/gradio_api/app_id"):  # fmt: skip
        assert stranger.get(path).status_code == 401
    for path in ("/mcp", "/api/v1/plan", "/gradio_api/queue/join", "/gradio_api/upload", "/api/v1/jobs"):
        assert stranger.post(path, json={}).status_code == 401
