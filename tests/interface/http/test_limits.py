import io
import json
import os
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from fooo.interface.http.limits import MOST_MESSAGE_BYTES, MOST_PIXELS, MOST_UPLOAD_BYTES, Limits

JSON = {"content-type": "application/json"}


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"got {len(await request.body())}")


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    """A server that says how many bytes got through."""
    inside = Starlette(routes=[Route("/{path:path}", echo, methods=["POST"])])
    (tmp_path / "uploads").mkdir()
    return TestClient(Limits(inside, upload_path="/upload", upload_folder=tmp_path / "uploads"))


def png(width: int, height: int) -> bytes:
    """A PNG file that claims a size; it holds no pixel, as a bomb would hold few bytes."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def upload(client: TestClient, content: bytes) -> tuple[int, str]:
    answer = client.post("/upload", files={"files": ("a.png", content, "image/png")})
    return answer.status_code, answer.text


def test_a_picture_goes_through_whole(client: TestClient) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (64, 64)).save(stream, "PNG")
    status, text = upload(client, stream.getvalue())
    assert status == 200
    assert int(text.removeprefix("got ")) > len(stream.getvalue())


@pytest.mark.parametrize(("width", "height"), [(MOST_PIXELS + 1, 1), (100_000, 100_000), (2**31 - 1, 2**31 - 1)])
def test_a_small_file_that_claims_too_many_pixels_is_refused(client: TestClient, width: int, height: int) -> None:
    status, text = upload(client, png(width, height))
    assert status == 413
    assert "million pixels" in text


def test_as_many_pixels_as_are_allowed_go_through(client: TestClient) -> None:
    assert upload(client, png(MOST_PIXELS // 1000, 1000))[0] == 200


@pytest.mark.parametrize("content", [b"", b"hello", b"GIF89a" + bytes(20), b"<svg/>", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_refused(client: TestClient, content: bytes) -> None:
    assert upload(client, content)[0] == 415


def test_too_many_bytes_are_refused_before_they_are_all_read(client: TestClient) -> None:
    assert upload(client, bytes(MOST_UPLOAD_BYTES + 1))[0] == 413
    assert client.post("/talk", content=bytes(MOST_MESSAGE_BYTES + 1)).status_code == 413
    longest = json.dumps("x" * (MOST_MESSAGE_BYTES - 2)).encode()
    assert client.post("/talk", content=longest, headers=JSON).status_code == 200


def test_bytes_without_a_declared_length_are_counted(client: TestClient) -> None:
    endless = (bytes(2**16) for _ in range(MOST_MESSAGE_BYTES // 2**16 + 1))
    assert client.post("/talk", content=endless).status_code == 413


def test_a_form_that_is_none_is_refused(client: TestClient) -> None:
    headers = {"content-type": "multipart/form-data"}
    assert client.post("/upload", content=b"x", headers=headers).status_code == 400


@pytest.mark.parametrize(
    "message",
    [
        {"data": [{"path": "http://169.254.169.254/latest", "meta": {"_type": "gradio.FileData"}}]},
        {"data": [[{"deep": {"path": "https://example.com/a.png"}}]]},
        {"path": "file:///etc/passwd"},
    ],
)
def test_a_message_that_names_an_address_as_a_file_is_refused(client: TestClient, message: object) -> None:
    assert client.post("/talk", json=message).status_code == 403


@pytest.mark.parametrize("stream", [{}, {"is_stream": False}, {"is_stream": True}])
@pytest.mark.parametrize("way", ["../kept.png", "link.png", "", "none.png", "pipe"])
def test_a_message_may_name_no_file_but_an_uploaded_one(
    client: TestClient, tmp_path: Path, way: str, stream: dict[str, bool]
) -> None:
    uploads = tmp_path / "uploads"
    (tmp_path / "kept.png").write_bytes(b"x")
    (uploads / "link.png").symlink_to(tmp_path / "kept.png")
    os.mkfifo(uploads / "pipe")
    for path in (str(uploads / way), "/etc/passwd", 5, [str(uploads / way)]):
        assert client.post("/talk", json={"data": [{"path": path, **stream}]}).status_code == 403


def test_an_uploaded_file_may_be_named_but_not_as_a_stream(client: TestClient, tmp_path: Path) -> None:
    uploaded = tmp_path / "uploads" / "a.png"
    uploaded.write_bytes(b"x")
    named = {"path": str(uploaded), "meta": {"_type": "gradio.FileData"}}
    assert client.post("/talk", json={"data": [named]}).status_code == 200
    assert client.post("/talk", json={"data": [named | {"is_stream": True}]}).status_code == 403


@pytest.mark.parametrize("kind", ["application/x+json", "text/plain", "application/x-www-form-urlencoded", ""])
def test_a_message_that_does_not_say_that_it_is_json_is_refused(client: TestClient, kind: str) -> None:
    assert client.post("/talk", content=b'{"path": "/etc/passwd"}', headers={"content-type": kind}).status_code == 415


def test_capitals_do_not_lead_round_the_check(client: TestClient) -> None:
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    assert client.post("/talk", content=b'{"path": "/etc/passwd"}', headers=headers).status_code == 403


def test_an_address_in_what_a_person_wrote_is_fine(client: TestClient) -> None:
    assert client.post("/talk", json={"data": ["a poster of http://example.com"]}).status_code == 200


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000])
def test_broken_json_is_refused_in_words(client: TestClient, body: bytes) -> None:
    answer = client.post("/talk", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.text) == (400, "This message is not JSON.")
