"""Files that are there whole or not at all."""

import uuid
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def atomic_write(path: Path) -> Generator[Path]:
    """A file beside `path` to write, which takes its place when the block ends well, and is gone otherwise.

    Whoever reads at the same time sees the old file or the new one. Folders that are missing are made.

    Raises:
        OSError: The folder cannot be written, or the disk is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        yield part
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
