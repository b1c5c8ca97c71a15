"""How much may be sent: bytes of a message, bytes and pixels of a picture; and which files a message may name."""

import io
import json
import math
import struct
import warnings
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path
from typing import cast

import anyio
from PIL import Image
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_UPLOAD_BYTES = 32 * 2**20
MOST_MESSAGE_BYTES = 2**20
MOST_PIXELS = 40_000_000
"""Above what cameras of today give; decoded it takes 120 MB. A small file can claim any number of pixels."""

MOST_SECONDS, MOST_SECONDS_A_CHUNK = 600.0, 30.0
"""In which a body must have come: 32 MB through half a megabit a second; and no pause may be longer."""

_FORMATS = ("PNG", "JPEG", "WEBP")
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError, TypeError, OverflowError, struct.error)
"""What Pillow says of files that are not as they should be, `UnidentifiedImageError` among them."""
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
        upload_folder: Where they lie afterwards: the only files that a message may name.
        elsewhere: Whether what is sent to a path is looked at elsewhere, and never reaches the page.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        upload_path: str,
        upload_folder: Path,
        elsewhere: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._app, self._upload_path, self._upload_folder = app, upload_path, upload_folder
        self._elsewhere = elsewhere

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _READING or self._elsewhere(scope["path"]):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        uploads = scope["path"] == self._upload_path
        try:
            body = await read_bounded(receive, headers, MOST_UPLOAD_BYTES if uploads else MOST_MESSAGE_BYTES)
            if uploads:
                await check_upload(headers, body)
            else:
                check_message(headers, body, self._upload_folder)
        except TooMuch as refusal:
            await PlainTextResponse(refusal.sentence, refusal.status)(scope, receive, send)
            return
        await self._app(scope, again(body, receive), send)


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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of what is not as it should be, and of what we refuse
            with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
                pixels = image.width * image.height * cast(int, getattr(image, "n_frames", 1))
    except Image.DecompressionBombError:
        pixels = MOST_PIXELS + 1
    except _BROKEN:
        raise TooMuch(415, "This is no picture that Fooo can read; send a PNG, JPEG or WebP file.") from None
    if pixels > MOST_PIXELS:
        most = MOST_PIXELS // 1_000_000
        raise TooMuch(413, f"This picture has more than {most} million pixels; make it smaller and send it again.")


def check_message(headers: Headers, body: bytes, upload_folder: Path) -> None:
    """A message may name files that were uploaded here, and nothing else: not an address, not a file of this machine.

    The page's library would fetch the one and copy the other, for whoever asks.

    Raises:
        TooMuch: It names something else, or is not JSON.
    """
    if not body:
        return
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise TooMuch(415, "Fooo takes messages as application/json.")
    try:
        message: object = json.loads(body, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError):
        raise TooMuch(400, "This message is not JSON.") from None
    for table in _tables(message):
        path = table.get("path")
        if table.get("is_stream") or (path is not None and not _was_uploaded(path, upload_folder)):
            raise TooMuch(403, "Only files that were uploaded here can be used; upload the file first.")


def _finite(number: str) -> float:
    """Raises: ValueError: It is infinite or none, which could not be told again as JSON."""
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(number)
    return value


def _was_uploaded(path: object, upload_folder: Path) -> bool:
    """Whether it is a plain file below the folder, whatever links and dots lie on the way."""
    if not isinstance(path, str):
        return False
    try:
        real = Path(path).resolve(strict=True)
    except (OSError, ValueError):
        return False
    return real.is_file() and real.is_relative_to(upload_folder.resolve())


def _tables(message: object) -> Iterator[dict[str, object]]:
    """Every JSON object in a message, however deep."""
    todo = [message]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            table = cast(dict[str, object], value)
            yield table
            todo.extend(table.values())
        elif isinstance(value, list):
            todo.extend(cast(list[object], value))


async def read_bounded(receive: Receive, headers: Headers, most: int) -> bytes:
    """A whole body.

    Raises:
        TooMuch: It has more bytes, comes too slowly, or ends in the middle.
    """
    declared = headers.get("content-length", "0").strip()
    if not declared.isdecimal():
        raise TooMuch(400, "This message does not say how long it is.")
    too_large = TooMuch(413, f"This is larger than {most / 2**20:.0f} MB; send something smaller.")
    if int(declared[:20]) > most:
        raise too_large
    chunks: list[bytes] = []
    size = 0
    async for chunk in _chunks(receive):
        chunks.append(chunk)
        size += len(chunk)
        if size > most:
            raise too_large
    return b"".join(chunks)


async def _chunks(receive: Receive) -> AsyncGenerator[bytes]:
    """Raises: TooMuch: The body ends in the middle, or comes too slowly."""
    slow = TooMuch(408, "This comes too slowly; send it again.")
    end = anyio.current_time() + MOST_SECONDS
    more = True
    while more:
        if anyio.current_time() > end:
            raise slow
        try:
            with anyio.fail_after(MOST_SECONDS_A_CHUNK):
                message = await receive()
        except TimeoutError:
            raise slow from None
        if message["type"] == "http.disconnect":
            raise TooMuch(400, "The connection ended in the middle.")
        yield message.get("body", b"")
        more = message.get("more_body", False)


def again(body: bytes, receive: Receive) -> Receive:
    """Hands the body on in one piece, and after it what really comes, such as the end of the connection."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
