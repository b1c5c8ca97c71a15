"""Events over our own API: told once each, taken up again, and forgotten when nobody listens."""

import json
import threading
from collections.abc import Generator
from typing import Any

import httpx
import pytest

from fooo.interface.http.v1.events import Streams
from fooo.interface.http.v1.feed import Feed
from fooo.request import Request
from fooo.service import Fooo
from tests.interface.http.conftest import Served, until
from tests.interface.http.v1.conftest import MANY_STEPS, Api

Told = tuple[str, str, Any]
"""Id, name, data."""


def read(text: str) -> list[Told]:
    """The events of a stream."""
    parts = [part for part in text.split("\n\n") if part and not part.startswith(":")]
    told = [dict(line.split(": ", 1) for line in part.splitlines()) for part in parts]
    return [(each["id"], each["event"], json.loads(each["data"])) for each in told]


def follow(api: Api, job_id: str, last: str | None = None) -> list[Told]:
    """All events of a job to its end, behind one."""
    answer = api.get(f"jobs/{job_id}/events", headers={"Last-Event-ID": last} if last else {})
    assert answer.headers["content-type"].startswith("text/event-stream")
    return read(answer.text)


def test_a_job_tells_all_that_happens_to_it_and_ends(api: Api):
    told = follow(api, api.ended(output={"count": 2}, sampling={"steps": 3}))
    assert [name for _, name, _ in told] == ["step"] * 3 + ["picture"] + ["step"] * 3 + ["picture", "done"]
    assert [data["number"] for _, name, data in told if name == "picture"] == [0, 1]
    assert told[-1][2] == {"pictures": 2, "stopped": False}
    assert len({number for number, _, _ in told}) == len(told)


def test_who_listens_from_the_beginning_hears_the_same_as_who_comes_late(api: Api):
    api.running("another")
    job_id, heard = api.draw(sampling={"steps": 3}), list[Told]()
    listener = threading.Thread(target=lambda: heard.extend(follow(api, job_id)))
    listener.start()
    api.engine.gate.set()
    listener.join(20)
    without_times = [(number, name, {**data, "seconds_left": 0}) for number, name, data in heard]
    late = [(number, name, {**data, "seconds_left": 0}) for number, name, data in follow(api, job_id)]
    assert without_times == late


def test_a_stream_is_taken_up_behind_the_last_event(api: Api):
    job_id = api.ended(sampling={"steps": 4})
    whole = follow(api, job_id)
    for place, (number, _, _) in enumerate(whole[:-1]):
        assert follow(api, job_id, number) == whole[place + 1 :]


def test_behind_the_end_nothing_comes_any_more(api: Api):
    job_id = api.ended()
    last = follow(api, job_id)[-1][0]
    assert api.get(f"jobs/{job_id}/events", headers={"Last-Event-ID": last}).status_code == 204


@pytest.mark.parametrize("last", ["", "x", "5", "00000000-3", "-", "deadbeef-99999999999999999999"])
def test_an_id_of_another_run_begins_anew(api: Api, last: str):
    job_id = api.ended(sampling={"steps": 2})
    assert follow(api, job_id, last) == follow(api, job_id)


def test_steps_bring_the_picture_as_it_is_if_that_is_wanted(api: Api):
    job_id = api.running(sampling={"steps": MANY_STEPS})
    api.engine.gate.set()
    until(lambda: api.job(job_id)["progress"] is not None)
    threading.Timer(0.3, lambda: api.delete(f"jobs/{job_id}")).start()
    told = read(api.get(f"jobs/{job_id}/events?previews=true").text)
    shown = [data["preview"] for _, name, data in told if name == "step" and data["preview"]]
    assert shown
    assert shown[0].startswith("data:image/jpeg;base64,")


def test_a_failed_job_tells_why(api: Api):
    api.engine.broken = True
    api.engine.gate.set()
    job_id = api.draw()
    (*_, (_, name, data)) = follow(api, job_id)
    assert name == "failed"
    assert data["error"] == api.job(job_id)["error"]


def test_all_jobs_are_told_whole_whenever_they_change(program: Fooo):
    feed = Feed(program.jobs, program.job, clock=iter(range(100)).__next__)
    assert feed.since(0) == []
    first, second = (program.submit(Request(prompt=prompt)) for prompt in "ab")
    for job in (first, second):
        list(job.events())
    told = feed.since(0)
    assert [job_id for _, job_id in told] == [first.id, second.id]
    assert feed.since(told[-1][0] + 1) == []
    third = program.submit(Request(prompt="c"))
    list(third.events())
    assert [job_id for _, job_id in feed.since(told[-1][0] + 1)] == [third.id]
    # from the beginning each job is told once, as it is now
    assert [job_id for _, job_id in feed.since(0)] == [first.id, second.id, third.id]


def test_ids_of_this_run_lead_to_the_number_behind():
    streams = Streams()
    assert streams.number_after(streams.id_of(7)) == 8
    assert Streams().number_after(streams.id_of(7)) is None


def events_of(stream: httpx.Response) -> Generator[Told]:
    """Each event of a stream that does not end."""
    part = ""
    for line in stream.iter_lines():
        if line:
            part += f"{line}\n"
            continue
        yield from read(part)
        part = ""


def test_the_stream_of_all_jobs_tells_a_job_until_it_is_done_and_who_was_away_what_changed(here: Served):
    with httpx.Client(base_url=f"{here.address}/api/v1", timeout=20) as client:
        with client.stream("GET", "/events") as stream:
            job_id = client.post("/jobs", json={"prompt": "a cat"}).json()["id"]
            told = events_of(stream)
            last, name, data = next(told)
            while (data["id"], data["state"]) != (job_id, "done"):
                last, name, data = next(told)
            assert name == "job"
        away = client.post("/jobs", json={"prompt": "a dog"}).json()["id"]
        until(lambda: client.get(f"/jobs/{away}").json()["state"] == "done")
        with client.stream("GET", "/events", headers={"Last-Event-ID": last}) as stream:
            _, _, data = next(events_of(stream))
        assert (data["id"], data["state"]) == (away, "done")


def test_clients_that_go_away_are_forgotten(here: Served):
    with httpx.Client(base_url=f"{here.address}/api/v1", timeout=20) as client:

        def listening() -> int:
            lines = client.get("/metrics").text.splitlines()
            return next(int(line.split()[1]) for line in lines if line.startswith("fooo_event_streams "))

        until(lambda: listening() == 0)
        job_id = client.post("/jobs", json={"prompt": "a cat", "sampling": {"steps": MANY_STEPS}}).json()["id"]
        for path in ("/events", f"/jobs/{job_id}/events"):
            with httpx.Client(base_url=client.base_url, timeout=20) as other, other.stream("GET", path) as stream:
                lines = stream.iter_lines()
                next(lines)
                assert listening() == 1
        until(lambda: listening() == 0)
        client.delete(f"/jobs/{job_id}")


def test_a_silent_stream_beats(api: Api):
    job_id = api.running()
    threading.Timer(0.5, api.engine.gate.set).start()
    assert api.get(f"jobs/{job_id}/events").text.count(": still here") >= 2
