"""Pictures as clients send them: bytes, or base64 with or without the head of a data address. Never an address."""

import base64
import binascii
from pathlib import Path

import anyio.to_thread

from fooo.interface.http.foreign.api import Refused
from fooo.interface.http.limits import TooMuch, check_picture
from fooo.service import Fooo

_ADDRESSES = ("http:", "https:", "ftp:", "file:")


def picture_content(text: str, field: str) -> bytes:
    """The file that the text holds, looked at and not decoded. Args: field: Where it stood.

    Raises:
        Refused: It is an address, no base64, no picture, or one of too many pixels.
    """
    text = text.strip()
    if text[:8].lower().startswith(_ADDRESSES):
        raise Refused(422, f"{field}: Fooo fetches no address; send the picture itself, as base64.", field)
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Refused(422, f"{field}: is not base64; send the picture's file in it.", field) from None
    return checked(content, field)


def checked(content: bytes, field: str) -> bytes:
    """The same file. Raises: Refused: It is no picture, or has too many pixels."""
    try:
        check_picture(content)
    except TooMuch as error:
        raise Refused(error.status, f"{field}: {error.sentence}", field) from None
    return content


async def keep_picture(program: Fooo, content: bytes) -> str:
    """The id of a picture to begin with.

    Raises:
        BadPicture: It is damaged.
        StorageFull: The disk took no more.
    """
    return await anyio.to_thread.run_sync(program.pictures.add, content)


def as_base64(source: Path | bytes) -> str:
    """A picture's file as text.

    Raises:
        Refused: The file was moved or removed.
    """
    if isinstance(source, bytes):
        return base64.b64encode(source).decode()
    try:
        return base64.b64encode(source.read_bytes()).decode()
    except OSError:
        raise Refused(410, "The file of this picture was moved or removed.") from None
