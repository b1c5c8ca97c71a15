"""Files of secrets: only their owner may read them, and they are never half written."""

import logging
import os
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from fooo.errors import FoooError

log = logging.getLogger(__name__)

Form = TypeVar("Form", bound=BaseModel)
Secret = TypeVar("Secret")

_MOST_BYTES = 2**20


class WatchedFile(Generic[Secret]):
    """The secrets of a file by name, read again whenever it changes. Safe from any thread.

    Args:
        path: Of the file.
        read: Reads all of it; raises FoooError.
        until_then: What cannot be done while it is broken, as a sentence.
    """

    def __init__(self, path: Path, read: Callable[[Path], Mapping[str, Secret]], until_then: str) -> None:
        self.path = path
        self._read, self._until_then = read, until_then
        self._seen: tuple[int, int, int] | None = None
        self._secrets: Mapping[str, Secret] = {}

    def read(self) -> Mapping[str, Secret]:
        """What it holds now; nothing where it is gone or broken, which is logged."""
        try:
            state = self.path.stat()
        except OSError:
            return {}
        seen = (state.st_mtime_ns, state.st_size, state.st_ino)
        if seen != self._seen:
            try:
                self._secrets = self._read(self.path)
            except FoooError as error:
                log.error("%s %s", error, self._until_then)
                self._secrets = {}
            self._seen = seen
        return self._secrets


def read_private(path: Path, form: type[Form], *, what: str, mend: str) -> Form:
    """What a file holds; what the form is by itself where there is none.

    Args:
        path: Of the file.
        form: Of its JSON.
        what: Is in it, for the sentence.
        mend: What a person does once a damaged one is moved away, for the sentence.

    Raises:
        FoooError: It cannot be read, or is no such file.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(_MOST_BYTES)
    except FileNotFoundError:
        return form()
    except OSError as error:
        raise FoooError(f"{what} in {path} cannot be read ({error.strerror}); look at its rights.") from None
    try:
        return form.model_validate_json(content)
    except (ValidationError, RecursionError):
        raise FoooError(f"{what} in {path} are damaged; move the file away and {mend}.") from None


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
