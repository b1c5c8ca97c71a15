"""Files of secrets: only their owner may read them, and they are never half written."""

import os
import uuid
from contextlib import suppress
from pathlib import Path

from fooo.errors import FoooError


def write_private(path: Path, content: bytes, what: str) -> None:
    """Write a file in place of what was there. Args: what: Is in it, for the sentence.

    Raises:
        FoooError: The folder cannot be written.
    """
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # the rights come with the file, not after it: it is never open to others, not for a moment
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(path)
        finally:
            with suppress(FileNotFoundError):
                part.unlink()
    except OSError as error:
        raise FoooError(f"{what} cannot be written to {path} ({error.strerror}); free the folder.") from None
