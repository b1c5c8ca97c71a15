"""How our own API says no."""

from pathlib import Path

import pytest

from fooo.errors import EngineError, FoooError, ModelError, NotAllowed, RequestError
from fooo.interface.http.v1.problems import problem_of
from tests.interface.http.v1.conftest import Api


@pytest.mark.parametrize(
    ("asked", "field", "hint"),
    [
        ({"promt": "a"}, "promt", "did you mean: prompt"),
        ({"sampling": {"step": 3}}, "sampling.step", "did you mean: steps"),
        ({"things": [{"detector": "x", "strenght": 1}]}, "things.0.strenght", "did you mean: strength"),
        ({"qqqq": 1}, "qqqq", "leave it out or mend its spelling"),
        ({"styles": ["Stickr"]}, "styles", "did you mean: Sticker"),
        ({"sampling": {"steps": 0}}, "sampling.steps", "it should be greater than or equal to 1"),
        ({"prompt": "a\n---\nb"}, "prompt", "send each alone"),
        ([], "request", "input should be a valid dictionary"),
    ],
)
@pytest.mark.parametrize("path", ["jobs", "plan"])
def test_a_wrong_field_is_named_with_what_would_be_right(api: Api, path: str, asked: object, field: str, hint: str):
    answer = api.post(path, json=asked)
    assert answer.status_code == 422
    told = answer.json()
    assert told["field"] == field
    assert hint in told["hint"]
    assert told["error"].startswith(f"{field}: ")
    assert api.program.jobs() == ()


def test_a_wrong_value_beside_the_request_is_told_alike(api: Api):
    assert api.get("jobs?limit=0").json()["field"] == "limit"
    assert api.get("jobs?state=asleep").json()["field"] == "state.0"
    assert api.post("jobs?priority=101", json={}).json()["field"] == "priority"
    answer = api.post(f"jobs/{api.draw()}/move", json={"befor": None}).json()
    assert answer["field"] in {"before", "befor"}


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [(b"{", "application/json", 400), (b"{}", "text/plain", 415), (b"a=b", "application/x-www-form-urlencoded", 415),
     (b"[" * 100_000, "application/json", 400), (b'{"prompt": "\xff"}', "application/json", 400),
     (b'{"seed": ' + b"9" * 5000 + b"}", "application/json", 400)],
)  # fmt: skip
def test_a_message_that_is_no_json_is_refused(api: Api, content: bytes, kind: str, status: int):
    answer = api.post("jobs", content=content, headers={"content-type": kind})
    assert answer.status_code == status
    assert answer.json()["error"]


@pytest.mark.parametrize("text", ['"\\ud800"', '"\\u0000"', "NaN", "-Infinity", "1e999"])
def test_strange_values_are_refused_in_a_readable_answer(api: Api, text: str):
    for body in (f'{{"prompt": {text}}}', f'{{"sampling": {{"guidance": {text}, "steps": {text}}}}}', f"{{{text}: 1}}"):
        answer = api.post("jobs", content=body, headers={"content-type": "application/json"})
        assert answer.status_code in {400, 422}
        assert answer.json()["error"]


def test_other_paths_and_methods_are_told(api: Api):
    assert "openapi.json" in api.get("nothing").json()["error"]
    answer = api.put("jobs", json={})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
    assert "PUT" in answer.json()["error"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RequestError("size", "is wrong", "mend it"), 422),
        (NotAllowed("A guest may not."), 403),
        (ModelError(Path("a"), "is gone", "put it back"), 424),
        (EngineError("No."), 503),
    ],
)
def test_each_error_has_its_status(error: FoooError, status: int):
    found, problem = problem_of(error)
    assert (found, problem.error) == (status, str(error))
