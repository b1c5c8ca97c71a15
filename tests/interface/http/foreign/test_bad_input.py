"""What no stock client would send, to each API of another program's, and clients that go away."""

import base64
import json
import struct
import zlib
from typing import Any

import httpx
import pytest

from fooo.interface.http.foreign import Refused
from fooo.interface.http.foreign.given import picture_content
from fooo.interface.http.mcp import MCP
from fooo.interface.http.openai import OPENAI
from fooo.interface.http.webui import WEBUI
from fooo.service import Job
from tests.interface.http.conftest import Served, until

MCP_HEADERS = {"Accept": "application/json, text/event-stream"}


def webui_says(answer: httpx.Response) -> str:
    return answer.json()["detail"]


def openai_says(answer: httpx.Response) -> str:
    return answer.json()["error"]["message"]


def bomb(side: int) -> bytes:
    """A PNG of a few bytes that claims that many pixels a side."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def as_text(content: bytes) -> str:
    return base64.b64encode(content).decode()


BAD_PICTURES = [
    ("", 415),
    ("not base64!", 422),
    ("data:image/png;base64,====", 422),
    (as_text(b"hello"), 415),
    (as_text(bomb(100_000)), 413),
    ("http://169.254.169.254/latest", 422),
    ("HTTPS://example.com/a.png", 422),
    ("file:///etc/passwd", 422),
    ("data:image/svg+xml;base64," + as_text(b"<svg/>"), 415),
]


@pytest.mark.parametrize(("said", "status"), BAD_PICTURES)
@pytest.mark.parametrize("path", ["img2img", "extra-single-image", "extra-batch-images", "png-info"])
def test_a_picture_that_is_none_is_refused_wherever_it_stands(
    asking: httpx.Client, path: str, said: str, status: int
) -> None:
    asked = {"init_images": [said], "image": said, "imageList": [{"data": said, "name": "a"}]}
    answer = asking.post(f"/sdapi/v1/{path}", json=asked)
    assert answer.status_code == status
    assert webui_says(answer)


def test_a_picture_that_is_damaged_behind_its_head_is_refused(asking: httpx.Client, picture_file: bytes) -> None:
    cut = as_text(picture_file[:60])
    answer = asking.post("/sdapi/v1/img2img", json={"init_images": [cut]})
    assert answer.status_code == 422
    assert "damaged" in webui_says(answer)


@pytest.mark.parametrize("path", ["edits", "variations"])
@pytest.mark.parametrize("content", [b"", b"hello", bomb(100_000)])
def test_a_file_that_is_no_picture_is_refused(asking: httpx.Client, path: str, content: bytes) -> None:
    answer = asking.post(f"/v1/images/{path}", data={"prompt": "a cat"}, files={"image": ("a.png", content)})
    assert answer.status_code in {400, 413, 415}
    assert answer.json()["error"]["param"] == "image"


def test_an_address_in_place_of_a_file_is_never_fetched(asking: httpx.Client) -> None:
    asked = {"prompt": "a cat", "image": "http://169.254.169.254/"}
    as_json = asking.post("/v1/images/edits", json=asked)
    as_form = asking.post("/v1/images/edits", data=asked, files={"other": ("a", b"x")})
    assert "fetches no address" in openai_says(as_json)
    assert "fetches no address" in openai_says(as_form)


@pytest.mark.parametrize("text", ["a" * 7, "data:", "\x00", "iVBORw0KGgo", "%%%%"])
def test_any_text_is_refused_as_a_picture_and_nothing_else_happens(text: str) -> None:
    with pytest.raises(Refused):
        picture_content(text, "image")


@pytest.mark.parametrize("path", ["/sdapi/v1/txt2img", "/v1/images/generations"])
@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b"[" * 100_000, 400), (b"[]", 422), (b'"x"', 422), (b'{"prompt": 5}', 422)]
)
def test_a_message_that_is_none_is_refused_in_words(asking: httpx.Client, path: str, body: bytes, status: int) -> None:
    answer = asking.post(path, content=body, headers={"content-type": "application/json"})
    # OpenAI says 400 of whatever is wrong in a message
    assert answer.status_code in {status, 400}
    assert (webui_says if path.startswith("/sdapi") else openai_says)(answer)


def test_fields_that_nobody_knows_are_passed_over(asking: httpx.Client, here: Served) -> None:
    odd = {"prompt": "a cat", "steps": 1, "firmware": {"deep": [1, {"path": "/etc/passwd"}]}}
    assert asking.post("/sdapi/v1/txt2img", json=odd).status_code == 200
    assert asking.post("/v1/images/generations", json={**odd, "n": 1, "moderation": "low"}).status_code == 200


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e400, -(10**400), 10**400])
def test_numbers_beyond_all_bounds_are_refused(asking: httpx.Client, value: float) -> None:
    body = json.dumps({"prompt": "a cat", "cfg_scale": value}).encode()
    answer = asking.post("/sdapi/v1/txt2img", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}


@pytest.mark.parametrize("api", [WEBUI, OPENAI, MCP], ids=["webui", "openai", "mcp"])
def test_more_bytes_than_are_read_are_refused_in_the_clients_form(asking: httpx.Client, api: Any) -> None:
    path = {WEBUI: "/sdapi/v1/txt2img", OPENAI: "/v1/images/generations", MCP: "/mcp"}[api]
    endless = (bytes(2**20) for _ in range(api.most_bytes // 2**20 + 1))
    try:
        answer = asking.post(path, content=endless, headers={"content-type": "application/json", **MCP_HEADERS})
    except httpx.WriteError:  # the server hung up before all was sent: it read no further
        return
    assert answer.status_code == 413
    assert "larger than" in answer.text


def test_too_many_options_are_refused(asking: httpx.Client) -> None:
    answer = asking.post("/sdapi/v1/options", json={f"option {n}": "x" * 1000 for n in range(300)})
    assert answer.status_code == 413
    assert "option 0" not in asking.get("/sdapi/v1/options").json()


def test_what_is_below_the_paths_and_not_ours_is_not_the_pages_either(asking: httpx.Client) -> None:
    for path in ("/sdapi/v1/", "/sdapi/v1/server-kill", "/sdapi/v1/%2e%2e/%2e%2e/config", "/v1/", "/v1/files"):
        assert asking.get(path).status_code == 404
    for path in ("/sdapi", "/sdapi/v2/txt2img", "/v2/models", "/mcp/", "/mcp/x"):
        assert asking.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/sdapi/v1/txt2img", "/v1/images/generations", "/mcp"])
def test_a_page_of_another_site_can_ask_nothing(asking: httpx.Client, path: str) -> None:
    foreign = {"origin": "http://evil.example", "sec-fetch-site": "cross-site", **MCP_HEADERS}
    assert asking.post(path, json={"prompt": "a cat"}, headers=foreign).status_code == 403
    old = {"origin": "http://evil.example", "content-type": "text/plain"}
    assert asking.post(path, content=b'{"prompt": "a cat"}', headers=old).status_code == 403
    rebound = {"host": "evil.example", **MCP_HEADERS}
    assert asking.post(path, json={"prompt": "a cat"}, headers=rebound).status_code == 403
    plain = asking.post(path, content=b'{"prompt": "a cat"}', headers={"content-type": "text/plain", **MCP_HEADERS})
    assert plain.status_code in {400, 415}


def running(here: Served) -> list[Job]:
    return [job for job in here.program.jobs() if not job.has_ended]


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/sdapi/v1/txt2img", {"prompt": "a cat", "steps": 200, "n_iter": 50}),
        ("/v1/images/generations", {"prompt": "a cat", "n": 10, "quality": "hd"}),
        (
            "/mcp",
            {
                "jsonrpc": "2.0",
                "id": 1,
                "method": "tools/call",
                "params": {"name": "draw", "arguments": {"prompt": "a cat", "count": 10}},
            },
        ),
    ],
)
def test_the_job_of_a_client_that_goes_away_is_stopped(
    asking: httpx.Client, here: Served, path: str, asked: dict[str, Any]
) -> None:
    before = len(here.program.jobs())
    with pytest.raises(httpx.ReadTimeout):
        asking.post(path, json=asked, timeout=httpx.Timeout(30, read=0.5), headers=MCP_HEADERS)
    until(lambda: len(here.program.jobs()) == before + 1)
    until(lambda: not running(here))
    assert len(here.last.pictures) < here.last.plan.request.output.count
