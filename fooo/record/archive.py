"""Where finished pictures are kept: `<day>/<time>_<words>_<seed>.png`, never half written, never overwritten."""

import errno
import hashlib
import itertools
import os
import re
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fooo.errors import RequestError, StorageFull
from fooo.image import Picture
from fooo.record.metadata import picture_bytes
from fooo.record.record import Record

_MOST_OF_PROMPT = 40
_FULL = {errno.ENOSPC, errno.EDQUOT}
_PLAIN = re.compile(r"[^\W\d_][\w-]{0,39}")
_OF_WINDOWS = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})


@dataclass(frozen=True, slots=True)
class Intent:
    """A picture that is about to take its name.

    Who writes this down before can say after a crash whether the picture is there: see `was_carried_out`.

    Args:
        path: The name.
        part: Where its bytes are gathered first.
        sha256: Of the bytes.
    """

    path: Path
    part: Path
    sha256: str


def tell_nobody(intent: Intent) -> None:
    """For who draws again what a crash has cost."""


def was_carried_out(intent: Intent) -> bool:
    """Whether the picture took its name, whole; else, as in any case, what a crash left of it is cleared away.

    Raises:
        OSError: The disk does not answer.
    """
    intent.part.unlink(missing_ok=True)
    try:
        content = intent.path.read_bytes()
    except FileNotFoundError:
        return False
    if not content:  # a name that was reserved, on a file system without links
        intent.path.unlink(missing_ok=True)
    # another program's picture may have taken the name first
    return hashlib.sha256(content).hexdigest() == intent.sha256


def person_folder(person: str) -> str:
    """The name of a person's folder: theirs where it is plain, else like it; it never leads out of the folder above."""
    if not person or (_PLAIN.fullmatch(person) and person.lower() not in _OF_WINDOWS):
        return person
    plain = re.sub(r"[^\w-]+", "-", person)[:_MOST_OF_PROMPT].strip("-_")
    return f"person-{plain}-{hashlib.sha256(person.encode(errors='surrogatepass')).hexdigest()[:8]}"


class Archive:
    """A folder of pictures.

    Args:
        folder: Made by `check_writable`, or when the first picture comes.
        by_day: Whether each day has a folder of its own.
        with_records: Whether pictures carry how they were made; without, nobody can learn it from them, nor draw them
            again.
    """

    def __init__(self, folder: Path, *, by_day: bool = True, with_records: bool = True) -> None:
        self.folder = folder
        self._by_day = by_day
        self._with_records = with_records

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

    def holds(self, path: Path) -> bool:
        """Whether it is a file of this folder, wherever links lead: what is linked from outside is not."""
        try:
            real = path.resolve(strict=True)
            return real.is_file() and real.is_relative_to(self.folder.resolve())
        except (OSError, RuntimeError, ValueError):
            return False

    def save(
        self,
        picture: Picture,
        record: Record,
        *,
        now: datetime,
        intend: Callable[[Intent], None] = tell_nobody,
        person: str = "",
    ) -> Path:
        """Write the picture under a new name, as the kind of file that its request asks for; the path.

        Args:
            picture: What is drawn.
            record: How it was made.
            now: Begins the name.
            intend: Told what is about to be written, before the disk is; again where another took the name first.
            person: Who has a folder of their own; empty: nobody.

        Raises:
            StorageFull: The disk took no more; nothing half written stays behind.
        """
        own = self.folder / person_folder(person)
        folder = own / f"{now:%Y-%m-%d}" if self._by_day else own
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file_format = record.request.output.format
            content = picture_bytes(picture, record if self._with_records else None, file_format)
            return _write_new(folder, _stem(record, now), file_format.ending, content, intend)
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


def _write_new(folder: Path, stem: str, ending: str, content: bytes, intend: Callable[[Intent], None]) -> Path:
    """Write beside, flush to the disk, then take the first free name. A link never replaces a file."""
    part, sha256 = folder / f".{uuid.uuid4().hex}.part", hashlib.sha256(content).hexdigest()
    try:
        for path in free_names(folder, stem, ending):
            if path.exists():
                continue
            intend(Intent(path, part, sha256))
            if not part.exists():
                _write(part, content)
            if take_name(part, path):
                _flush_folder(folder)
                return path
    finally:
        part.unlink(missing_ok=True)
    raise AssertionError("unreachable: the numbers never end")


def free_names(folder: Path, stem: str, ending: str) -> Iterator[Path]:
    """Names to try, one after the other: whoever takes one sees whether it is free."""
    names = (f"{stem}{ending}" if number == 1 else f"{stem}_{number}{ending}" for number in itertools.count(1))
    return (folder / name for name in names)


def _write(part: Path, content: bytes) -> None:
    # not mkstemp: its files are the owner's alone, whatever the umask says
    with part.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _flush_folder(folder: Path) -> None:
    """So that the name, too, survives a power cut; where folders cannot be flushed, the system does it in its time."""
    if os.name == "posix":
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def take_name(part: Path, path: Path) -> bool:
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
