"""A client of the Model Context Protocol asks a running server."""

import base64
import io
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import anyio
import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, ImageContent, TextContent
from PIL import Image

from fooo.request import Keep, Vary
from tests.interface.http.conftest import Served

T = TypeVar("T")


def ask(here: Served, what: Callable[[Client], Awaitable[T]]) -> T:
    async def connected() -> T:
        async with Client(f"{here.address}/mcp") as client:
            return await what(client)

    return in_a_loop(connected)


def in_a_loop(run: Callable[[], Awaitable[T]]) -> T:
    """In a thread of its own: Playwright's loop lives on in this one after the tests in a browser."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(anyio.run, run).result()


def call(here: Served, tool: str, **arguments: object) -> CallToolResult:
    return ask(here, lambda client: client.call_tool(tool, arguments))


def text_of(result: CallToolResult) -> str:
    first = result.content[0]
    assert isinstance(first, TextContent)
    return first.text


def test_the_tools_are_listed_with_their_fields(here: Served) -> None:
    tools = {each.name: each for each in ask(here, lambda client: client.list_tools()).tools}
    assert set(tools) == {"draw", "upscale", "describe_settings"}
    assert {"prompt", "size", "count", "picture"} <= set(tools["draw"].input_schema["properties"])
    assert tools["draw"].input_schema["required"] == ["prompt"]


def test_drawing_answers_with_addresses_and_small_pictures(here: Served) -> None:
    result = call(here, "draw", prompt="a cat", size="256x256", count=2, seed=5)
    assert not result.is_error
    texts = [each.text for each in result.content if isinstance(each, TextContent)]
    pictures = [each for each in result.content if isinstance(each, ImageContent)]
    assert [text.partition(" ")[2] for text in texts] == ["(seed 5, 256x256)", "(seed 6, 256x256)"]
    assert [Image.open(io.BytesIO(base64.b64decode(each.data))).format for each in pictures] == ["JPEG", "JPEG"]
    assert httpx.get(texts[0].split()[0]).headers["content-type"] == "image/png"


def test_it_tells_how_far_it_is(here: Served) -> None:
    told: list[tuple[float, float | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total))

    async def draw(client: Client) -> CallToolResult:
        return await client.call_tool("draw", {"prompt": "a cat", "count": 3}, progress_callback=hear)

    assert not ask(here, draw).is_error
    assert told
    assert told == sorted(told)
    assert {total for _, total in told} == {90}


def test_a_drawn_picture_is_drawn_anew_and_enlarged_by_its_address(here: Served) -> None:
    address = text_of(call(here, "draw", prompt="a cat", size="128x128")).split()[0]
    assert not call(here, "draw", prompt="a dog", picture=address, strength=0.6).is_error
    assert isinstance(here.last.plan.request.start, Vary)
    assert text_of(call(here, "upscale", picture=address, by=2)).endswith("256x256)")
    assert isinstance(here.last.plan.request.start, Keep)


def test_a_picture_tells_its_settings(here: Served, picture_file: bytes) -> None:
    address = text_of(call(here, "draw", prompt="a cat", seed=11)).split()[0]
    told = text_of(call(here, "describe_settings", picture=address))
    assert told.startswith("a cat\n")
    assert "Seed: 11" in told
    plain = base64.b64encode(picture_file).decode()
    assert "does not say" in text_of(call(here, "describe_settings", picture=plain))


def test_what_can_be_chosen_is_described(here: Served) -> None:
    told = text_of(call(here, "describe_settings"))
    for name in ("pocket/base", "Sticker", "DPM++ 2M", "photo"):
        assert name in told


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("draw", {}, "prompt: is missing"),
        ("draw", {"prompt": "a cat", "style": ["Anime"]}, "did you mean: styles"),
        ("draw", {"prompt": "a cat", "styles": ["Stickr"]}, "did you mean: Sticker"),
        ("draw", {"prompt": "a cat", "count": 99}, "count"),
        ("draw", {"prompt": "a cat", "picture": "http://169.254.169.254/a.png"}, "fetches no address"),
        ("upscale", {"picture": "/pictures/" + 32 * "0" + "/0.png"}, "no such picture"),
        ("upscale", {"picture": "not base64!"}, "is not base64"),
        ("upscale", {"picture": base64.b64encode(b"no picture").decode()}, "no picture that Fooo can read"),
        ("erase", {}, "has the tools draw, upscale and describe_settings"),
    ],
)
def test_what_cannot_be_done_is_an_error_that_a_model_can_read(
    here: Served, tool: str, arguments: dict[str, object], said: str
) -> None:
    result = call(here, tool, **arguments)
    assert result.is_error
    assert said in text_of(result)


def test_it_lies_behind_the_login(behind_a_login: Served) -> None:
    async def draw(authorization: str) -> CallToolResult:
        async with (
            httpx2.AsyncClient(headers={"Authorization": authorization}, timeout=30) as http,
            Client(streamable_http_client(f"{behind_a_login.address}/mcp", http_client=http)) as client,
        ):
            return await client.call_tool("draw", {"prompt": "a cat"})

    assert not in_a_loop(lambda: draw("Bearer bob:his secret")).is_error
    assert behind_a_login.last.person == "bob"
    answer = httpx.post(f"{behind_a_login.address}/mcp", json={})
    assert answer.status_code == 401
    assert answer.json()["error"]["message"].startswith("Log in first")
