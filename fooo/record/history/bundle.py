"""Several pictures as one zip file, written while it is sent: it never lies whole in memory or on the disk."""

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

_CHUNK = 2**20


class _Stream:
    """Takes what a zip file is written with, and gives it out."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, content: bytes) -> int:
        self._parts.append(bytes(content))
        return len(content)

    def flush(self) -> None:
        return

    def close(self) -> None:
        return

    def take(self) -> bytes:
        content = b"".join(self._parts)
        self._parts.clear()
        return content


def zip_of(files: Iterable[tuple[str, Path]]) -> Iterator[bytes]:
    """The zip file in pieces. Pictures are compressed already, so it only stores them.

    Args:
        files: Each with its name in the zip file, and where it lies; what is gone is left out.
    """
    stream = _Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as bundle:
        for name, path in files:
            try:
                source = path.open("rb")
            except OSError:
                continue
            with source, bundle.open(zipfile.ZipInfo.from_file(path, name), "w") as target:
                while content := source.read(_CHUNK):
                    target.write(content)
                    yield stream.take()
            yield stream.take()
    yield stream.take()
