"""What `POST /api/plan` answers."""

from collections.abc import Generator

import pytest
from starlette.testclient import TestClient

from fooo.app import make_application
from fooo.interface.http import Hosts
from fooo.request import read_request
from fooo.service import Fooo
from fooo.settings import ServeSettings
from tests.conftest import DRAWN_SEED

HERE = "http://127.0.0.1:7865"


@pytest.fixture
def client(program: Fooo) -> Generator[TestClient]:
    with TestClient(make_application(program, ServeSettings(), Hosts("127.0.0.1")), base_url=HERE) as client:
        yield client


def test_the_plan_tells_who_says_what_and_nothing_is_drawn(client: TestClient, program: Fooo) -> None:
    answer = client.post("/api/plan", json={"prompt": "a cat", "styles": ["Sticker"]})
    assert answer.status_code == 200
    plan = answer.json()
    assert plan["shots"][0]["texts"]["positive_spans"] == [
        {"text": "a cat", "source": "user"},
        {"text": ", sticker", "source": "style"},
    ]
    assert program.jobs() == ()


def test_the_seconds_are_told_once_the_machine_has_drawn(client: TestClient, program: Fooo) -> None:
    assert client.post("/api/plan", json={"prompt": "a cat"}).json()["promise"] is None
    list(program.submit(read_request({"prompt": "a cat"})).events())
    promise = client.post("/api/plan", json={"prompt": "a cat", "output": {"count": 2}}).json()["promise"]
    assert promise.keys() == {"seconds", "loading", "finishing", "pictures"}
    assert (promise["pictures"], promise["loading"], promise["finishing"]) == (2, 0, 0)


def test_the_request_of_the_plan_asks_for_the_same_shots_again(client: TestClient, program: Fooo) -> None:
    plan = client.post("/api/plan", json={"prompt": "a {red|blue} cat", "output": {"count": 2}}).json()
    assert plan["request"]["sampling"]["seed"] == DRAWN_SEED
    again = program.plan(read_request(plan["request"])).model_dump(mode="json")
    assert again["shots"] == plan["shots"]


@pytest.mark.parametrize(
    ("asked", "field", "sentence"),
    [
        ({"prompt": "a", "styles": ["Stickr"]}, "styles", "there is no 'Stickr'"),
        ({"promt": "a"}, "promt", "is not a field of a request"),
        ({"prompt": "a\n---\nb"}, "prompt", "holds 2 jobs, parted by ---; send each alone"),
        (["a"], "request", "is not a JSON object"),
        (None, "request", "is not a JSON object"),
    ],
)
def test_what_cannot_be_planned_names_the_field(client: TestClient, asked: object, field: str, sentence: str) -> None:
    answer = client.post("/api/plan", json=asked)
    assert answer.status_code == 422
    assert answer.json()["field"] == field
    assert sentence in answer.json()["error"]


def test_it_is_asked_by_post_from_here_and_in_json_only(client: TestClient) -> None:
    for path in ("/api/plan", "/api/plans", "/api/plan/"):
        assert client.get(path).status_code == 404
    assert client.post("/api/plan", content=b"{}", headers={"content-type": "text/plain"}).status_code == 415
    foreign = {"origin": "http://evil.example", "sec-fetch-site": "cross-site"}
    assert client.post("/api/plan", json={}, headers=foreign).status_code == 403


def test_it_lies_behind_the_password_too(program: Fooo) -> None:
    serving = ServeSettings(accounts=(("ann", "secret"),))
    with TestClient(make_application(program, serving, Hosts("127.0.0.1")), base_url=HERE) as locked:
        assert locked.post("/api/plan", json={"prompt": "a cat"}).status_code == 401
