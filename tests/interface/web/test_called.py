"""The stock client of gradio, as it comes from the package index, asks a running server."""

from base64 import b64encode
from collections.abc import Generator
from typing import Any

import httpx
import pytest
from gradio_client import Client  # pyright: ignore[reportMissingTypeStubs]
from gradio_client.exceptions import AppError  # pyright: ignore[reportMissingTypeStubs]

from fooo.service import Fooo
from fooo.settings import ServeSettings
from tests.interface.http.serving import served

ASKED = {"prompt": "a cat", "output": {"count": 2}, "sampling": {"steps": 2, "seed": 5}, "size": "128x64"}


@pytest.fixture
def address(program: Fooo) -> Generator[str]:
    with served(program) as address:
        yield address


def connected(address: str, **more: Any) -> Any:
    return Client(address, verbose=False, analytics_enabled=False, **more)


def test_it_draws_a_request_and_is_told_where_the_pictures_are(address: str, program: Fooo):
    client = connected(address)
    assert set(client.view_api(return_format="dict")["named_endpoints"]) == {"/draw"}
    answer = client.predict(ASKED, api_name="/draw")
    job = program.job(answer["job"])
    assert job
    assert [each["seed"] for each in answer["pictures"]] == [5, 6]
    for picture, done in zip(answer["pictures"], job.pictures, strict=True):
        assert httpx.get(f"{address}/{picture['address'].lstrip('/')}").content == done.path.read_bytes()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [({"promt": "a"}, "did you mean: prompt"), ({"prompt": "a\n---\nb"}, "send each alone"), ([1], "JSON object")],
)
def test_what_cannot_be_drawn_is_told_in_a_sentence(address: str, program: Fooo, asked: object, sentence: str):
    with pytest.raises(AppError, match=sentence):
        connected(address).predict(asked, api_name="/draw")
    assert program.jobs() == ()


def test_what_the_page_does_for_itself_it_cannot_call(address: str):
    with pytest.raises(ValueError, match="press"):
        connected(address).predict(api_name="/press")


def test_it_logs_in_by_its_headers_and_draws_for_that_person(program: Fooo):
    with served(program, ServeSettings(accounts=(("ann", "secret"),))) as address:
        with pytest.raises(ValueError, match="Please login"):
            connected(address)
        said = b64encode(b"ann:secret").decode()
        client = connected(address, headers={"Authorization": f"Basic {said}"})
        job = program.job(client.predict(ASKED, api_name="/draw")["job"])
        assert job
        assert job.person == "ann"
