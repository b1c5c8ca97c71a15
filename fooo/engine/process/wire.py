"""Messages over a socket: JSON, and the pixels of at most one picture beside it.

A frame is, numbers big-endian:

    4 bytes   "FOOO"
    1 byte    version
    4 bytes   length of the JSON
    4 + 4     height and width of the picture in pixels; 0 and 0: none
    1 byte    whether it has an alpha
    JSON      UTF-8
    pixels    height x width x 3 bytes, row by row
    alpha     height x width bytes
"""

import socket
import struct
import threading
from typing import Generic, TypeVar

import numpy as np
from pydantic import BaseModel, TypeAdapter, ValidationError

from fooo.image import Mask, Picture
from fooo.plan.finish import MOST_PIXELS

VERSION = 2
MOST_JSON = 64 * 2**20
"""Bytes: more than the longest plan, 64 pictures of the longest prompts."""
_SMALL = 2**16
"""Pixels: what has fewer goes as one piece, so that the other end wakes up once; what has more is not copied."""
_MAGIC = b"FOOO"
_HEAD = struct.Struct(">4sBIII?")

M = TypeVar("M", bound=BaseModel)


class BadFrame(Exception):
    """What came over the wire is no message of this version."""


class Wire(Generic[M]):
    """One end. Any thread may send; one thread receives.

    Args:
        end: A connected stream socket.
        hears: The messages that may come.
        most_pixels: Of a picture that may come; 0: none may.
    """

    def __init__(self, end: socket.socket, hears: TypeAdapter[M], *, most_pixels: int = MOST_PIXELS) -> None:
        self._end, self._hears, self._most_pixels = end, hears, most_pixels
        self._sending = threading.Lock()

    def send(self, message: BaseModel, picture: Picture | None = None) -> None:
        """Raises: OSError: The other end is gone, or takes nothing for as long as the socket's timeout."""
        content = message.model_dump_json().encode()
        width, height = picture.size if picture else (0, 0)
        alpha = picture.alpha if picture else None
        head = _HEAD.pack(_MAGIC, VERSION, len(content), height, width, alpha is not None)
        parts: list[bytes | memoryview] = [head, content]
        if picture:
            parts.append(np.ascontiguousarray(picture.pixels).data.cast("B"))
        if alpha:
            parts.append(np.ascontiguousarray(alpha.values).data.cast("B"))
        if width * height < _SMALL:
            parts = [b"".join(parts)]
        with self._sending:
            for part in parts:
                self._end.sendall(part)

    def receive(self) -> tuple[M, Picture | None]:
        """The next message and the picture beside it.

        Raises:
            BadFrame: It is none, or too large. Nothing further can be received.
            EOFError: The other end is closed.
            OSError: It is gone, or, as `TimeoutError`, gives half a message and no more.
        """
        head = bytearray(_HEAD.size)
        self._fill(memoryview(head))
        magic, version, length, height, width, has_alpha = _HEAD.unpack(head)
        if magic != _MAGIC or version != VERSION:
            raise BadFrame(f"begins with {magic!r} of version {version}, not {_MAGIC!r} of {VERSION}")
        if length > MOST_JSON or height * width > self._most_pixels or bool(height) != bool(width):
            raise BadFrame(f"is too large: {length} bytes of text, {height} x {width} pixels")
        content = bytearray(length)
        self._fill(memoryview(content))
        try:
            message = self._hears.validate_json(content)
        except ValidationError as error:
            raise BadFrame(f"is no message: {error.errors(include_url=False, include_input=False)[0]['msg']}") from None
        return message, self._picture(height, width, has_alpha=has_alpha) if height else None

    def _picture(self, height: int, width: int, *, has_alpha: bool) -> Picture:
        pixels = np.empty((height, width, 3), np.uint8)
        self._fill(pixels.data.cast("B"))
        if not has_alpha:
            return Picture(pixels)
        alpha = np.empty((height, width), np.uint8)
        self._fill(alpha.data.cast("B"))
        return Picture(pixels, Mask(alpha))

    def _fill(self, room: memoryview) -> None:
        while room:
            count = self._end.recv_into(room)
            if not count:
                raise EOFError
            room = room[count:]
