"""The document that describes our own API, and whether the API is as it says."""

from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.interface.http.v1.conftest import Api, ApiOf
from tests.interface.http.v1.described import SLOW, conforms, operations, schema_of


@pytest.fixture
def document(api: Api) -> dict[str, Any]:
    return api.get("openapi.json").json()


def routes(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", route)
        for path, ways in document["paths"].items()
        for method, route in ways.items()
    ]


def test_it_is_a_valid_document_of_openapi_3_1(document: dict[str, Any]):
    assert document["openapi"].startswith("3.1.")
    assert document["servers"] == [{"url": "/api/v1"}]
    schema_of(document).validate()


def test_every_route_says_what_it_is_for_and_what_clients_call_it(document: dict[str, Any]):
    names = [route["operationId"] for _, route in routes(document)]
    assert len(set(names)) == len(names)
    for name, route in routes(document):
        assert len(route["description"]) > 20, name
        assert route["tags"], name
        for parameter in route.get("parameters", []):
            assert parameter["description"] or parameter["schema"], (name, parameter["name"])


def test_every_refusal_has_the_one_form_and_health_has_its_own(document: dict[str, Any]):
    for name, route in routes(document):
        for status, answer in route["responses"].items():
            if int(status) >= 400 and (name, status) != ("GET /health/ready", "503"):
                schema = answer["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, (name, status)


def test_it_names_each_way_to_log_in_and_that_none_may_be_needed(document: dict[str, Any]):
    schemes = document["components"]["securitySchemes"]
    assert {each["type"] for each in schemes.values()} == {"http", "apiKey"}
    assert document["security"] == [*({name: []} for name in schemes), {}]


def test_its_examples_are_taken(api: Api, document: dict[str, Any]):
    content = document["paths"]["/jobs"]["post"]["requestBody"]["content"]["application/json"]
    assert content["examples"]
    for example in content["examples"].values():
        assert api.post("plan", json=example["value"]).status_code == 200


def test_what_is_asked_by_its_rules_is_answered_by_its_rules(api_of: ApiOf):
    """A few cases of each route; `make prove` asks thousands."""
    api = api_of()
    api.engine.gate.set()
    asked = operations(schema_of(api.get("openapi.json").json()))
    assert len(asked) >= 25

    @given(st.data())
    @settings(
        max_examples=40, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=SLOW,
    )  # fmt: skip
    def ask(data: st.DataObject) -> None:
        conforms(api, data.draw(st.one_of([each.as_strategy() for each in asked])))

    ask()
