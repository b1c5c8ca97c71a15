"""Clients of other programs say who they are with each message; the accounts are the page's."""

import base64
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import webuiapi  # pyright: ignore[reportMissingTypeStubs]

from tests.interface.http.conftest import Served, until

PATHS = ("/sdapi/v1/options", "/v1/models")


def basic(said: str) -> dict[str, str]:
    return {"authorization": f"Basic {base64.b64encode(said.encode()).decode()}"}


@pytest.mark.parametrize("path", PATHS)
def test_without_a_password_nothing_answers(behind_a_login: Served, path: str) -> None:
    answer = httpx.get(behind_a_login.address + path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert "Log in first" in answer.text


@pytest.mark.parametrize("path", PATHS)
def test_user_and_password_are_taken_in_both_forms(behind_a_login: Served, path: str) -> None:
    for headers in (basic("ann:her secret"), {"authorization": "Bearer ann:her secret"}):
        assert httpx.get(behind_a_login.address + path, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "header",
    ["", "Basic", "Basic %%%", "Basic " + "A" * 10_000, "Bearer x", "Digest a:b", "Basic YW5u", "Bearer \xff:\xff"],
)
def test_a_header_that_says_nothing_is_refused(behind_a_login: Served, header: str) -> None:
    headers = {b"authorization": header.encode("latin-1")}
    assert httpx.get(f"{behind_a_login.address}/v1/models", headers=headers).status_code in {401, 429}


def test_a_picture_is_fetched_with_the_same_header(behind_a_login: Served) -> None:
    headers = basic("bob:his secret")
    drawn = httpx.post(
        f"{behind_a_login.address}/v1/images/generations", json={"prompt": "a cat"}, headers=headers, timeout=30
    )
    address = drawn.json()["data"][0]["url"]
    assert httpx.get(address).status_code == 401
    assert httpx.get(address, headers=headers).status_code == 200
    assert httpx.get(address, headers=basic("bob:a guess")).status_code == 401
    assert httpx.get(address, headers=headers).status_code == 200


def test_nobody_sees_or_stops_what_is_drawn_for_another(behind_a_login: Served) -> None:
    def stock(user: str, password: str) -> Any:
        return webuiapi.WebUIApi(port=behind_a_login.port, username=user, password=password, steps=200)

    ann, bob = stock("ann", "her secret"), stock("bob", "his secret")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ann.txt2img, prompt="a cat")
        until(lambda: ann.get_progress()["progress"] > 0)
        assert bob.get_progress()["state"]["job_count"] == 0
        assert bob.get_progress()["current_image"] is None
        bob.interrupt()
        assert ann.get_progress()["state"]["interrupted"] is False
        assert len(waiting.result(60).images) == 1
    assert behind_a_login.last.person == "ann"
