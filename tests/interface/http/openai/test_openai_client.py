"""OpenAI's own client, as it comes from the package index, asks a running server."""

import base64
import io
from typing import Any

import httpx
import openai
import pytest
from PIL import Image

from fooo.request import Vary
from tests.interface.http.conftest import Served


@pytest.fixture
def client(here: Served) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{here.address}/v1", api_key="none is needed", max_retries=0)


def draw(client: Any, **asked: object) -> None:
    """Ask for what the client's types do not allow."""
    client.images.generate(**asked)


def opened(text: str | None) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(text or "")))


def test_it_draws_and_answers_with_files(client: openai.OpenAI, here: Served) -> None:
    answer = client.images.generate(prompt="a cat", n=2, size="256x256", response_format="b64_json", model="dall-e-3")
    assert answer.data
    assert [opened(each.b64_json).size for each in answer.data] == [(256, 256)] * 2
    assert {each.url for each in answer.data} == {None}
    assert here.last.plan.request.prompt == "a cat"


def test_it_draws_and_answers_with_addresses_of_the_same_pictures(client: openai.OpenAI) -> None:
    answer = client.images.generate(prompt="a cat", size="256x256")
    assert answer.data
    (one,) = answer.data
    assert one.url
    assert httpx.get(one.url).content == base64.b64decode(one.b64_json or "")


def test_behind_a_proxy_addresses_are_the_proxys(client: openai.OpenAI, here: Served) -> None:
    proxied = {"x-forwarded-proto": "https", "x-forwarded-host": "localhost"}
    answer = client.images.generate(prompt="a cat", response_format="url", extra_headers=proxied)
    assert answer.data
    assert (answer.data[0].url or "").startswith(f"https://localhost/pictures/{here.last.id}/")
    with pytest.raises(openai.PermissionDeniedError):
        client.images.generate(prompt="a cat", extra_headers={"x-forwarded-host": "evil.example"})


@pytest.mark.parametrize(("output_format", "kind"), [("jpeg", "JPEG"), ("webp", "WEBP"), ("png", "PNG")])
def test_a_picture_comes_in_the_format_that_is_asked_for(client: openai.OpenAI, output_format: Any, kind: str) -> None:
    answer = client.images.generate(prompt="a cat", size="256x256", output_format=output_format, model="gpt-image-1")
    assert answer.data
    assert opened(answer.data[0].b64_json).format == kind


def test_quality_is_a_mode(client: openai.OpenAI, here: Served) -> None:
    client.images.generate(prompt="a cat", quality="hd")
    assert here.last.plan.request.sampling.performance == "Quality"


def test_the_size_is_left_to_fooo_where_it_is_open(client: openai.OpenAI, here: Served) -> None:
    client.images.generate(prompt="a cat", size="auto", model="pocket/base")
    assert here.last.plan.shots[0].generates[0].base == "pocket/base"


def test_a_picture_is_edited_with_words(client: openai.OpenAI, here: Served, picture_file: bytes) -> None:
    answer = client.images.edit(image=("a.png", picture_file), prompt="a dog", size="256x256")
    assert answer.data
    assert isinstance(here.last.plan.request.start, Vary)
    assert here.last.plan.request.prompt == "a dog"


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")  # the client warns of what OpenAI retires
def test_a_picture_is_varied(client: openai.OpenAI, here: Served, picture_file: bytes) -> None:
    vary: Any = client.images.create_variation  # pyright: ignore[reportDeprecated] - people still use it
    answer = vary(image=("a.png", picture_file), n=2)
    assert len(answer.data) == 2
    assert isinstance(here.last.plan.request.start, Vary)


def test_the_models_are_listed(client: openai.OpenAI) -> None:
    assert [each.id for each in client.models.list()] == ["fooo", "pocket/base"]
    assert client.models.retrieve("pocket/base").owned_by == "fooo"
    with pytest.raises(openai.NotFoundError, match="There is no model 'nothing'"):
        client.models.retrieve("nothing")


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({"size": "5x5"}, "size"),
        ({"size": "gigantic"}, "size"),
        ({"n": 11}, "n"),
        ({"prompt": ""}, "prompt"),
        ({"background": "transparent"}, "background"),
        ({"stream": True}, "stream"),
        ({"response_format": "url", "output_format": "webp"}, "output_format"),
    ],
)
def test_what_cannot_be_done_is_said_in_openais_form(client: openai.OpenAI, asked: dict[str, Any], param: str) -> None:
    with pytest.raises(openai.BadRequestError) as failure:
        draw(client, **{"prompt": "a cat", **asked})
    assert failure.value.type == "invalid_request_error"
    assert (failure.value.param or "").startswith(param)
    assert param in failure.value.message


def test_an_unknown_model_is_said_as_such(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as failure:
        client.images.generate(prompt="a cat", model="nothing")
    assert (failure.value.code, failure.value.param) == ("model_not_found", "model")


def test_inpainting_is_refused_as_not_here_yet(client: openai.OpenAI, picture_file: bytes) -> None:
    with pytest.raises(openai.BadRequestError, match="cannot inpaint yet"):
        client.images.edit(image=picture_file, mask=picture_file, prompt="a dog")


def test_several_pictures_at_once_are_refused(client: openai.OpenAI, picture_file: bytes) -> None:
    with pytest.raises(openai.BadRequestError, match="send one picture"):
        client.images.edit(image=[("a.png", picture_file), ("b.png", picture_file)], prompt="a dog")


def test_what_is_not_there_says_so(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="Fooo has no POST /v1/embeddings"):
        client.embeddings.create(model="x", input="y")


def test_it_logs_in_with_a_key_of_user_and_password(behind_a_login: Served) -> None:
    address = f"{behind_a_login.address}/v1"
    right = openai.OpenAI(base_url=address, api_key="ann:her secret", max_retries=0)
    right.images.generate(prompt="a cat")
    assert behind_a_login.last.person == "ann"
    with pytest.raises(openai.AuthenticationError, match="do not fit"):
        openai.OpenAI(base_url=address, api_key="ann:a guess", max_retries=0).models.list()
    right.models.list()
