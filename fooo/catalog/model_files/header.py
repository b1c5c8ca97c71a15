"""The header of a safetensors file: every tensor's name, kind of numbers, shape and place. No tensor is read.

Format: 8 bytes, the header's length as a little-endian integer; the header, a JSON object; the tensors, gapless.
Source: https://github.com/huggingface/safetensors, "Format".
"""

import math
import os
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from operator import sub
from pathlib import Path
from typing import Any, BinaryIO, TypedDict, cast

from fooo.catalog.model_files.bounded_json import fits, read_json
from fooo.errors import ModelError

AGAIN = "download or copy it again"

_HEADS, _TAIL = (16 * 1024, 128 * 1024), 8 * 1024
"""Bytes of a long header's two ends: the notes with some tensors, a larger piece where the notes are long; tensors."""

_LARGEST_LORA = 2 * 10**9
"""Bytes. What is larger is a checkpoint, whose whole header is wanted."""

_LONGEST_NAME = 512
_MOST_AXES = 16
_METADATA = "__metadata__"
_LAST = "\U0010ffff"
"""Comes behind every letter."""

_BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8,
    "U16": 16, "I16": 16, "F16": 16, "BF16": 16, "U32": 32, "I32": 32, "F32": 32, "U64": 64, "I64": 64, "F64": 64,
    "C64": 64, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
}  # fmt: skip

_RENAME = "give it the ending .ckpt and run `python launch.py models convert` on it"

_OTHER_CONTENT = (
    (b"<", "is a web page in a model's name", "download it again, logged in where that is needed"),
    (b"version https://git-lfs", "only points to a file that Git LFS has not fetched", "run `git lfs pull` beside it"),
    (b"PK\x03\x04", "is a pickle in spite of its name", _RENAME),
    *((b"\x80" + bytes([protocol]), "is a pickle in spite of its name", _RENAME) for protocol in range(2, 6)),
    (b"GGUF", "is a GGUF file in spite of its name", "get the .safetensors file of that model"),
)


class TensorEntry(TypedDict):
    """As it stands in the header. `data_offsets`: its first byte and the one behind it, from where tensors begin."""

    dtype: str
    shape: list[int]
    data_offsets: list[int]


@dataclass(frozen=True, slots=True)
class Header:
    """Checked: every tensor has the bytes that its shape needs.

    Attributes:
        tensors: By name.
        names: Of the tensors, sorted.
        metadata: What the file says about itself.
        data_start: Where in the file the tensors begin, in bytes.
        is_whole: False after a glance: there are more tensors.
    """

    tensors: Mapping[str, TensorEntry]
    names: list[str] = field(repr=False)
    metadata: Mapping[str, str]
    data_start: int
    is_whole: bool = True

    def shape(self, name: str) -> tuple[int, ...]:
        """Of a tensor; of one that is not there, ()."""
        tensor = self.tensors.get(name)
        return tuple(tensor["shape"]) if tensor else ()

    def width(self, name: str, axis: int) -> int:
        """How long a tensor is on an axis; 0 where it has no such axis, or is not there."""
        shape = self.shape(name)
        return shape[axis] if -len(shape) <= axis < len(shape) else 0

    def below(self, prefix: str) -> list[str]:
        """The names that begin so, without that beginning."""
        first, behind = bisect_left(self.names, prefix), bisect_left(self.names, prefix + _LAST)
        return [name[len(prefix) :] for name in self.names[first:behind]]

    def has_any(self, prefix: str) -> bool:
        """Whether a name begins so."""
        at = bisect_left(self.names, prefix)
        return at < len(self.names) and self.names[at].startswith(prefix)


def read_header(path: Path, *, glance: bool = False) -> Header:
    """The header of a file, checked against the file's size.

    Args:
        path: A safetensors file.
        glance: Of a long header take only its two ends, which is ten times as fast; tensors that lie in each other, or
            holes between them, may then stay unseen. A file that was cut short is seen all the same.

    Raises:
        ModelError: It cannot be read, or is damaged.
    """
    try:
        if not path.is_file():
            raise ModelError(path, "is no file", "choose another one")
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            length = _header_length(path, file.read(64), size)
            file.seek(8)
            for head in _HEADS:
                if (
                    glance
                    and size < _LARGEST_LORA
                    and length > 2 * head
                    and (ends := _glance(file, head, length, size))
                ):
                    return ends
                file.seek(8)
            text = file.read(length)
    except OSError as error:
        raise ModelError(path, f"cannot be read ({error.strerror})", "look at its rights, or copy it again") from None
    return _parse(path, text, data_bytes=size - 8 - length)


def _header_length(path: Path, beginning: bytes, size: int) -> int:
    length = int.from_bytes(beginning[:8], "little")
    if len(beginning) < 10 or 8 + length > size:
        raise _no_header(path, beginning, size)
    if not fits(length):
        raise ModelError(path, f"has a header of {length:,} bytes, more than any model's", "choose another file")
    return length


def _no_header(path: Path, beginning: bytes, size: int) -> ModelError:
    for mark, problem, hint in _OTHER_CONTENT:
        if beginning.startswith(mark):
            return ModelError(path, problem, hint)
    length = int.from_bytes(beginning[:8], "little")
    claims = f", and its header alone should have {length:,}" if len(beginning) >= 10 else ""
    return ModelError(path, f"is damaged or cut short (it has {size:,} bytes{claims})", AGAIN)


def _glance(file: BinaryIO, head: int, length: int, size: int) -> Header | None:
    """The first tensors and the last; None where they cannot be told so, or are not those at the file's end.

    Args:
        file: At its header.
        head: Bytes to read of the header's beginning.
        length: Of the header.
        size: Of the file.
    """
    beginning = file.read(head)
    file.seek(8 + length - _TAIL)
    tail = file.read(_TAIL)
    try:
        tensors, metadata = _split(read_json(beginning, whole=False))
        tensors.popitem()  # it may be cut off
        last, _ = _split(read_json(b"{" + tail[tail.index(b'},"') + 2 :]))
        _sizes(tensors | last)
        end = max(tensor["data_offsets"][1] for tensor in last.values())
    except (ValueError, TypeError, KeyError):
        return None
    if 8 + length + end != size:
        return None
    tensors |= last
    return Header(tensors, sorted(tensors), metadata, data_start=8 + length, is_whole=False)


def _parse(path: Path, text: bytes, *, data_bytes: int) -> Header:
    try:
        tensors, metadata = _split(read_json(text))
        sizes = _sizes(tensors)
    except (ValueError, TypeError, KeyError) as error:
        raise ModelError(path, f"has a damaged header ({_short(error)})", AGAIN) from None
    _check_places(path, tensors.values(), sizes, data_bytes)
    return Header(tensors, sorted(tensors), metadata, data_start=8 + len(text))


def _split(found: object) -> tuple[dict[str, TensorEntry], Mapping[str, str]]:
    """Raises: TypeError: The JSON is not one of a header."""
    if not isinstance(found, dict):
        raise TypeError("it is no JSON object")
    tensors = cast(dict[str, TensorEntry], found)
    metadata = cast(object, tensors.pop(_METADATA, None) or {})
    if not isinstance(metadata, dict) or not _are(cast(dict[str, object], metadata).values(), str):
        raise TypeError("its notes are no texts")
    return tensors, cast(dict[str, str], metadata)


def _sizes(tensors: Mapping[str, TensorEntry]) -> list[int]:
    """Bytes of each tensor by its shape.

    Raises:
        TypeError, KeyError, ValueError: An entry is not that of a tensor.
    """
    if not _are(tensors.values(), dict):
        raise TypeError("an entry is no object")
    shapes = [tensor["shape"] for tensor in tensors.values()]
    places = [tensor["data_offsets"] for tensor in tensors.values()]
    if not (_are(shapes, list) and _are(places, list)):
        raise TypeError("a shape or a place is no list of whole numbers")
    numbers = list(chain.from_iterable(chain(shapes, places)))
    if not _are(numbers, int):
        raise TypeError("a shape or a place is no list of whole numbers")
    longest = max(map(len, tensors), default=0)
    axes = max(map(len, shapes), default=0)
    if longest > _LONGEST_NAME or axes > _MOST_AXES or set(map(len, places)) - {2}:
        raise ValueError("a name, a shape or a place has a wrong length")
    if min(numbers, default=0) < 0:
        raise ValueError("a shape or a place is negative")
    return [math.prod(tensor["shape"]) * _BITS[tensor["dtype"]] // 8 for tensor in tensors.values()]


def _are(values: Iterable[object], kind: type) -> bool:
    """Whether each is exactly of that type: to Python, True is a whole number too."""
    return set(map(type, values)) <= {kind}


def _check_places(path: Path, tensors: Collection[TensorEntry], sizes: list[int], data_bytes: int) -> None:
    """Every tensor has its size, and they lie one behind the other up to the file's end."""
    starts = [tensor["data_offsets"][0] for tensor in tensors]
    ends = [tensor["data_offsets"][1] for tensor in tensors]
    if list(map(sub, ends, starts)) != sizes:
        raise ModelError(path, "is damaged: a tensor has not the bytes that its shape needs", AGAIN)
    last = max(ends, default=0)
    if last != data_bytes:
        problem = f"is cut short: {last - data_bytes:,} bytes are missing"
        more = f"is damaged: {data_bytes - last:,} bytes in it belong to no tensor"
        raise ModelError(path, problem if last > data_bytes else more, AGAIN)
    if starts[:1] != [0] or starts[1:] != ends[:-1]:
        _check_row(path, sorted(zip(starts, ends, strict=True)))


def _check_row(path: Path, places: list[tuple[int, int]]) -> None:
    at = 0
    for start, end in places:
        if start != at:
            problem = "tensors lie in each other" if start < at else "there is a hole between tensors"
            raise ModelError(path, f"is damaged: {problem}", AGAIN)
        at = end


def _short(error: Exception) -> str:
    return f"{error.args[0]!r} is missing or unknown" if isinstance(error, KeyError) else str(error)[:100]


def read_numbers(path: Path, header: Header, name: str) -> bytes:
    """The bytes of one tensor, at most 64 KiB of them; none where it is not there.

    Raises:
        ModelError: The file cannot be read.
    """
    tensor: Any = header.tensors.get(name)
    if not tensor:
        return b""
    start, end = tensor["data_offsets"]
    try:
        with path.open("rb") as file:
            file.seek(header.data_start + start)
            return file.read(min(end - start, 64 * 1024))
    except OSError as error:
        raise ModelError(path, f"cannot be read ({error.strerror})", "look at its rights, or copy it again") from None
