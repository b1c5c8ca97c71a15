"""Jobs over our own API."""

from typing import Any

import pytest

from fooo.events import JobDone
from tests.interface.http.conftest import until
from tests.interface.http.v1.conftest import MANY_STEPS, Api, below


def ids(answer: Any) -> list[str]:
    return [job["id"] for job in answer.json()["jobs"]]


def test_a_request_becomes_a_job_that_is_found_where_the_answer_says(api: Api):
    answer = api.post("jobs", json={"prompt": "a cat", "output": {"count": 2}})
    assert answer.status_code == 201
    job = answer.json()
    assert (job["request"]["prompt"], job["count"], job["person"]) == ("a cat", 2, "")
    assert api.get(below(answer.headers["location"])).json()["id"] == job["id"]


def test_the_job_of_a_request_asks_for_the_same_again(api: Api):
    first = api.job(api.ended("a red cat"))
    again = api.job(api.ended(**first["request"]))
    assert again["request"] == first["request"]
    assert again["pictures"][0]["seed"] == first["pictures"][0]["seed"]


def test_what_is_drawn_comes_first_then_what_waits_then_what_has_ended(api: Api):
    oldest, newer = api.ended("a"), api.ended("b")
    api.engine.gate.clear()
    running, waiting, last = api.running("c"), api.draw("d"), api.draw("e")
    listed = api.get("jobs")
    assert ids(listed) == [running, waiting, last, newer, oldest]
    assert [job["place"] for job in listed.json()["jobs"]] == [None, 1, 2, None, None]
    assert ids(api.get("jobs?state=waiting&state=done")) == [waiting, last, newer, oldest]


def test_pages_follow_each_other_without_gap_or_repetition(api: Api):
    for number in range(5):
        api.draw(f"cat {number}")
    whole, found, after = ids(api.get("jobs")), list[str](), ""
    while True:
        page = api.get(f"jobs?limit=2{after}")
        found += ids(page)
        if page.json()["next"] is None:
            break
        after = f"&after={page.json()['next']}"
    assert found == whole
    assert page.json()["total"] == 5
    assert api.get("jobs?after=x").json()["field"] == "after"


def test_a_running_job_tells_how_far_it_is(api: Api):
    job_id = api.running(sampling={"steps": MANY_STEPS})
    api.engine.gate.set()
    until(lambda: api.job(job_id)["progress"] is not None)
    progress = api.job(job_id)["progress"]
    assert 1 <= progress["step"] <= progress["steps"] == progress["total"] == MANY_STEPS
    assert api.delete(f"jobs/{job_id}").status_code == 200
    until(lambda: api.job(job_id)["state"] == "stopped")


def test_a_job_that_waits_ends_at_once_and_stays_ended(api: Api):
    api.running()
    waiting = api.draw()
    assert [api.delete(f"jobs/{waiting}").json()["state"] for _ in range(2)] == ["stopped"] * 2


@pytest.mark.parametrize(("keep", "pictures"), [("true", 1), ("false", 0)])
def test_the_half_picture_is_kept_if_it_is_wanted(api: Api, keep: str, pictures: int):
    job_id = api.running(sampling={"steps": MANY_STEPS})
    api.engine.gate.set()
    until(lambda: api.job(job_id)["progress"] is not None)
    api.delete(f"jobs/{job_id}?keep={keep}")
    until(lambda: api.job(job_id)["state"] == "stopped")
    assert len(api.job(job_id)["pictures"]) == pictures


def test_skipping_goes_on_with_the_next_picture(api: Api):
    job_id = api.running(sampling={"steps": MANY_STEPS}, output={"count": 2})
    api.engine.gate.set()
    until(lambda: api.job(job_id)["progress"] is not None)
    assert api.post(f"jobs/{job_id}/skip").status_code == 200
    until(lambda: api.job(job_id)["progress"] is not None and api.job(job_id)["progress"]["picture"] == 1)
    api.delete(f"jobs/{job_id}")


def test_what_is_not_drawn_cannot_be_skipped(api: Api):
    api.running()
    answer = api.post(f"jobs/{api.draw()}/skip")
    assert (answer.status_code, answer.json()["field"]) == (422, "job")


def test_a_stopped_job_is_retried_as_a_new_one(api: Api):
    api.running()
    stopped = api.draw("a dog")
    assert api.post(f"jobs/{stopped}/retry").status_code == 422
    api.delete(f"jobs/{stopped}")
    again = api.post(f"jobs/{stopped}/retry")
    assert again.status_code == 201
    assert again.json()["id"] != stopped
    assert again.json()["request"] == api.job(stopped)["request"]
    assert again.headers["location"].endswith(again.json()["id"])


def test_a_job_is_moved_before_another_and_behind_all(api: Api):
    api.running()
    first, second, third = (api.draw(prompt) for prompt in "abc")
    assert api.post(f"jobs/{third}/move", json={"before": first}).json()["place"] == 1
    assert ids(api.get("jobs?state=waiting")) == [third, first, second]
    assert api.post(f"jobs/{third}/move", json={"before": None}).json()["place"] == 3
    assert ids(api.get("jobs?state=waiting")) == [first, second, third]


def test_a_larger_priority_comes_first(api: Api):
    api.running()
    first, second = api.draw("a"), api.draw("b")
    assert api.post(f"jobs/{second}/priority", json={"priority": 1}).json()["place"] == 1
    third = api.post("jobs?priority=2", json={"prompt": "c"}).json()["id"]
    assert ids(api.get("jobs?state=waiting")) == [third, second, first]


@pytest.mark.parametrize(
    ("method", "rest"),
    [("GET", ""), ("DELETE", ""), ("POST", "/skip"), ("POST", "/retry"), ("GET", "/events"), ("GET", "/preview"),
     ("GET", "/pictures/0"), ("GET", "/pictures/0/small"), ("GET", "/pictures/0/record")],
)  # fmt: skip
def test_a_job_that_there_is_not_is_told_everywhere(api: Api, method: str, rest: str):
    answer = api.request(method, f"jobs/{'0' * 32}{rest}")
    assert answer.status_code == 404
    assert "There is no such" in answer.json()["error"]


def test_a_job_that_there_is_not_cannot_be_moved_nor_be_moved_before(api: Api):
    api.running()
    job_id = api.draw()
    assert api.post(f"jobs/{'0' * 32}/move", json={"before": None}).status_code == 404
    assert api.post(f"jobs/{job_id}/move", json={"before": "x"}).status_code == 404
    assert api.post(f"jobs/{'0' * 32}/priority", json={"priority": 1}).status_code == 404


def test_the_plan_is_what_is_drawn(api: Api):
    plan = api.post("plan", json={"prompt": "a cat"}).json()["plan"]
    job = api.program.job(api.draw("a cat"))
    assert job
    assert job.plan.model_dump(mode="json") == plan
    assert len(api.program.jobs()) == 1


def test_the_request_of_a_plan_asks_for_the_same_pictures_again(api: Api):
    plan = api.post("plan", json={"prompt": "a {red|blue} cat", "output": {"count": 2}}).json()["plan"]
    assert api.post("plan", json=plan["request"]).json()["plan"]["shots"] == plan["shots"]


def test_the_seconds_are_told_once_the_machine_has_drawn(api: Api):
    assert api.post("plan", json={"prompt": "a cat"}).json()["seconds"] is None
    api.ended()
    assert api.post("plan", json={"prompt": "a cat"}).json()["seconds"] >= 0


def test_a_job_of_several_pictures_tells_each(api: Api):
    job = api.program.job(api.ended(output={"count": 2}))
    assert job
    assert list(job.events())[-1] == JobDone(2)
    assert [picture["number"] for picture in api.job(job.id)["pictures"]] == [0, 1]
