"""Text in the lowest bits of a picture's transparency, where NovelAI and some webuis keep a second copy.

Down each column, column after column, one bit a pixel: 15 letters that say how, the length in bits as 32 of them, the
text as UTF-8, compressed by gzip or not.
"""

import gzip
import io
import zlib

import numpy as np
import numpy.typing as npt

from fooo.record.bounded import LONGEST

_PLAIN = b"stealth_pnginfo"
_COMPRESSED = b"stealth_pngcomp"
_HEAD = len(_PLAIN) + 4
"""Bytes: the letters and the length."""


def hidden_text(alpha: npt.NDArray[np.uint8]) -> str | None:
    """The text; None where there is none, or what is there is broken. Args: alpha: Of the shape (height, width)."""
    rows = alpha.shape[0]
    head = _bytes_of(alpha[:, : -(-_HEAD * 8 // max(rows, 1))], _HEAD)
    mark, length = head[: len(_PLAIN)], int.from_bytes(head[len(_PLAIN) : _HEAD]) // 8
    if mark not in {_PLAIN, _COMPRESSED} or length > min(LONGEST, alpha.size // 8):
        return None
    content = _bytes_of(alpha, _HEAD + length)[_HEAD:]
    if mark == _COMPRESSED:
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
                content = stream.read(LONGEST)
        except (OSError, EOFError, zlib.error):
            return None
    return content.decode("utf-8", "replace")


def _bytes_of(alpha: npt.NDArray[np.uint8], count: int) -> bytes:
    columns = -(-count * 8 // max(alpha.shape[0], 1))
    bits = (alpha[:, :columns] & 1).T.ravel()
    return np.packbits(bits).tobytes()[:count]
