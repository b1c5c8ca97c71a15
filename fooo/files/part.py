"""The beginning of a download, kept on the disk until the rest has come."""

import errno
import hashlib
import os
from pathlib import Path

from fooo.errors import StorageFull
from fooo.files.web import RefusedError
from fooo.setup.lock import try_lock

_CHUNK = 2**20
_FULL = {errno.ENOSPC, errno.EDQUOT}


class PartFile:
    """A `.part` file beside its target: one program writes it at a time, and its hash is known at every byte.

    Args:
        target: What the file will be called.
        version: Whatever changes when the file at its source does: bytes of two versions never come into one file.

    Raises:
        RefusedError: Another program is fetching the same file, or the folder cannot be written.
    """

    def __init__(self, target: Path, version: str) -> None:
        tag = hashlib.sha256(version.encode()).hexdigest()[:12]
        self.path = target.with_name(f"{target.name}.{tag}.part")
        try:
            self._file = self.path.open("a+b")
        except OSError as error:
            problem = f"cannot be written ({error.strerror})"
            raise RefusedError(problem, "look at the folder's rights, or choose another one") from None
        if not try_lock(self._file):
            self._file.close()
            raise RefusedError("is being fetched by another Fooo", "wait for it")
        self.size, self._digest = 0, hashlib.sha256()
        self._take_up()

    def __enter__(self) -> "PartFile":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def sha256(self) -> str:
        """Of what is here, 64 hex digits."""
        return self._digest.hexdigest()

    def write(self, chunk: bytes) -> None:
        """Put the bytes behind those that are here.

        Raises:
            StorageFull: The disk took no more; what is here can be taken up again.
        """
        try:
            self._file.write(chunk)
        except OSError as error:
            raise _storage_full(self.path, error) from None
        self._digest.update(chunk)
        self.size += len(chunk)

    def restart(self) -> None:
        """Throw away what is here."""
        self._file.seek(0)
        self._file.truncate()
        self.size, self._digest = 0, hashlib.sha256()

    def close(self) -> None:
        """Leave it on the disk as it is.

        Raises:
            StorageFull: The disk took no more.
        """
        if self._file.closed:
            return
        try:
            with self._file:
                self._file.flush()
                os.fsync(self._file.fileno())
        except OSError as error:
            raise _storage_full(self.path, error) from None

    def discard(self) -> None:
        """Take it away."""
        self.close()
        self.path.unlink(missing_ok=True)

    def _take_up(self) -> None:
        self._file.seek(0)
        while chunk := self._file.read(_CHUNK):
            self._digest.update(chunk)
            self.size += len(chunk)


def _storage_full(path: Path, error: OSError) -> StorageFull:
    reason = "the disk is full" if error.errno in _FULL else error.strerror or type(error).__name__
    return StorageFull(f"{path.name} could not be written to {path.parent}: {reason}; free some space and go on.")
