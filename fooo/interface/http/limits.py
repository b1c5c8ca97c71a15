"""How much may be sent: bytes of a message, bytes and pixels of a picture; and no message makes us fetch an address."""

import io
import json
from collections.abc import AsyncGenerator, Iterator
from typing import cast

from PIL import Image, UnidentifiedImageError
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_UPLOAD_BYTES = 32 * 2**20
MOST_MESSAGE_BYTES = 2**20
MOST_PIXELS = 40_000_000
"""Above what cameras of today give; decoded it takes 120 MB. A small file can claim any number of pixels."""

_FORMATS = ("PNG", "JPEG", "WEBP")
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class TooMuch(Exception):
    """Args: status: Of HTTP. sentence: For the person."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


class Limits:
    """ASGI middleware that reads what is sent, looks at it, and only then hands it on.

    Args:
        upload_path: Where files are sent to; anything else is a message.
    """

    def __init__(self, app: ASGIApp, *, upload_path: str) -> None:
        self._app, self._upload_path = app, upload_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _READING:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        uploads = scope["path"] == self._upload_path
        try:
            body = await _read(receive, headers, MOST_UPLOAD_BYTES if uploads else MOST_MESSAGE_BYTES)
            if uploads:
                await check_upload(headers, body)
            else:
                check_message(headers, body)
        except TooMuch as refusal:
            await PlainTextResponse(refusal.sentence, refusal.status)(scope, receive, send)
            return
        await self._app(scope, _again(body, receive), send)


async def check_upload(headers: Headers, body: bytes) -> None:
    """Look at each file of a form before anybody decodes it.

    Raises:
        TooMuch: One is no picture, or claims too many pixels.
    """

    async def once() -> AsyncGenerator[bytes]:
        yield body

    try:
        form = await MultiPartParser(headers, once(), max_files=8, max_fields=8).parse()
    except (MultiPartException, KeyError) as error:
        raise TooMuch(400, f"This is no form with files ({error}).") from None
    try:
        for _, value in form.multi_items():
            if isinstance(value, UploadFile):
                check_picture(await value.read())
    finally:
        await form.close()


def check_picture(content: bytes) -> None:
    """Read a picture's header, and no pixel.

    Raises:
        TooMuch: It is no picture, or claims too many pixels.
    """
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            pixels = image.width * image.height * cast(int, getattr(image, "n_frames", 1))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        pixels = MOST_PIXELS + 1
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise TooMuch(415, "This is no picture that Fooo can read; send a PNG, JPEG or WebP file.") from None
    if pixels > MOST_PIXELS:
        most = MOST_PIXELS // 1_000_000
        raise TooMuch(413, f"This picture has more than {most} million pixels; make it smaller and send it again.")


def check_message(headers: Headers, body: bytes) -> None:
    """A message may name files that were uploaded here, not addresses: they would be fetched from inside our network.

    Raises:
        TooMuch: It names one, or is not JSON though it says so.
    """
    if not body or not headers.get("content-type", "").startswith("application/json"):
        return
    try:
        message: object = json.loads(body)
    except (ValueError, RecursionError):
        raise TooMuch(400, "This message is not JSON.") from None
    for path in _paths(message):
        if "://" in path:
            raise TooMuch(400, "Fooo fetches nothing from an address; upload the file instead.")


def _paths(message: object) -> Iterator[str]:
    """Every text that stands under the name `path`, however deep."""
    todo = [message]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            table = cast(dict[str, object], value)
            path = table.get("path")
            if isinstance(path, str):
                yield path
            todo.extend(table.values())
        elif isinstance(value, list):
            todo.extend(cast(list[object], value))


async def _read(receive: Receive, headers: Headers, most: int) -> bytes:
    too_large = TooMuch(413, f"This is larger than {most / 2**20:.0f} MB; send something smaller.")
    if int(headers.get("content-length") or 0) > most:
        raise too_large
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise TooMuch(400, "The connection ended in the middle.")
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > most:
            raise too_large
        more = message.get("more_body", False)
    return b"".join(chunks)


def _again(body: bytes, receive: Receive) -> Receive:
    """Hands the body on in one piece, and after it what really comes, such as the end of the connection."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
