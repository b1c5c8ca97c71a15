"""JSON from files that strangers wrote: read only while it stays small in memory."""

from typing import Any

from pydantic_core import from_json

_MOST_BYTES = 12 * 2**20
"""In memory a text can take four times as much, and some more while it is read. A header of 2,500 tensors has 300 KB,
and the notes on its training seldom more than 1 MB."""

_MOST_BRACKETS = 60_000
_MOST_COMMAS = 500_000
"""An object of two letters takes 64 bytes, a number 32: these keep what is built below 60 MB. A tensor has three
brackets and seven commas; the notes have one for each word of the captions."""


def read_json(text: bytes, *, whole: bool = True) -> Any:
    """What the JSON says.

    Args:
        text: UTF-8.
        whole: False: it was cut off somewhere, and what is complete in it is wanted; the last value may be cut too.

    Raises:
        ValueError: It is not JSON, or would take more than 100 MB.
    """
    if not fits(len(text)) or text.count(b",") > _MOST_COMMAS or text.count(b"[") + text.count(b"{") > _MOST_BRACKETS:
        raise ValueError("larger than any model's")
    return from_json(text, allow_inf_nan=False, allow_partial=not whole)


def fits(size: int) -> bool:
    """Whether so many bytes are few enough to be read."""
    return size <= _MOST_BYTES
