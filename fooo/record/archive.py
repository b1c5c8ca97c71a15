"""Where finished pictures are kept: `<day>/<time>_<words>_<seed>.png`, never half written, never overwritten."""

import errno
import itertools
import os
import re
import tempfile
import uuid
from datetime import datetime
from pathlib import Path

from fooo.errors import RequestError, StorageFull
from fooo.image import Picture
from fooo.record.metadata import png_bytes
from fooo.record.record import Record

_MOST_OF_PROMPT = 40
_FULL = {errno.ENOSPC, errno.EDQUOT}


class Archive:
    """A folder of pictures.

    Args:
        folder: Made by `check_writable`, or when the first picture comes.
        by_day: Whether each day has a folder of its own.
    """

    def __init__(self, folder: Path, *, by_day: bool = True) -> None:
        self.folder = folder
        self._by_day = by_day

    def check_writable(self) -> None:
        """Make the folder and write to it, so that a job fails before it draws and not after.

        Raises:
            RequestError: The folder cannot be made or written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder):
                pass
        except OSError as error:
            reason = error.strerror or type(error).__name__
            problem = f"{self.folder} cannot be written ({reason})"
            raise RequestError("output folder", problem, "choose another folder or free it") from None

    def save(self, picture: Picture, record: Record, *, now: datetime) -> Path:
        """Write the picture under a new name and return its path.

        Raises:
            StorageFull: The disk took no more; nothing half written stays behind.
        """
        folder = self.folder / f"{now:%Y-%m-%d}" if self._by_day else self.folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return _write_new(folder, _stem(record, now), png_bytes(picture, record))
        except OSError as error:
            full = error.errno in _FULL
            reason = "the disk is full" if full else error.strerror or type(error).__name__
            mend = "free some space" if full else "look at the folder's rights"
            raise StorageFull(
                f"The picture could not be written to {folder}: {reason}; {mend} and draw it again."
            ) from None


def _stem(record: Record, now: datetime) -> str:
    """Sorts by time, tells what it shows, safe on every file system."""
    words = re.sub(r"[^\w]+", "-", record.request.prompt)[:_MOST_OF_PROMPT].strip("-_").lower()
    return "_".join(part for part in (f"{now:%Y-%m-%d_%H-%M-%S}", words, str(record.shot.seed)) if part)


def _write_new(folder: Path, stem: str, content: bytes) -> Path:
    """Write beside, flush to the disk, then take the first free name. A link never replaces a file."""
    part = folder / f".{uuid.uuid4().hex}.part"
    try:
        # not mkstemp: its files are the owner's alone, whatever the umask says
        with part.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        for number in itertools.count(1):
            path = folder / (f"{stem}.png" if number == 1 else f"{stem}_{number}.png")
            if _take_name(part, path):
                return path
    finally:
        part.unlink(missing_ok=True)
    raise AssertionError("unreachable: the numbers never end")


def _take_name(part: Path, path: Path) -> bool:
    """Give the finished file its name, unless another has it."""
    try:
        path.hardlink_to(part)
    except FileExistsError:
        return False
    except OSError as error:
        # file systems without links say so in many ways
        if error.errno in _FULL:
            raise
        return _take_name_without_links(part, path)
    return True


def _take_name_without_links(part: Path, path: Path) -> bool:
    """For file systems such as exFAT: reserve the name, then move the finished file over the reservation."""
    try:
        path.open("xb").close()
    except FileExistsError:
        return False
    try:
        part.replace(path)
    except OSError:
        path.unlink()
        raise
    return True
