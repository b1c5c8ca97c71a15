import io
import struct
import zlib

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from fooo.interface.http.limits import MOST_MESSAGE_BYTES, MOST_PIXELS, MOST_UPLOAD_BYTES, Limits


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"got {len(await request.body())}")


@pytest.fixture
def client() -> TestClient:
    """A server that says how many bytes got through."""
    inside = Starlette(routes=[Route("/{path:path}", echo, methods=["POST"])])
    return TestClient(Limits(inside, upload_path="/upload"))


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
    assert client.post("/talk", content=bytes(MOST_MESSAGE_BYTES)).status_code == 200


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
    assert client.post("/talk", json=message).status_code == 400


def test_an_address_in_what_a_person_wrote_is_fine(client: TestClient) -> None:
    assert client.post("/talk", json={"data": ["a poster of http://example.com"]}).status_code == 200


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000])
def test_broken_json_is_refused_in_words(client: TestClient, body: bytes) -> None:
    answer = client.post("/talk", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.text) == (400, "This message is not JSON.")
