"""How long the jobs of this machine took: a small file that is kept, and may be lost without harm."""

import json
import logging
import threading
from pathlib import Path
from typing import Annotated, cast

from pydantic import Field, TypeAdapter, ValidationError

from fooo.atomic import atomic_write
from fooo.request import Frozen

log = logging.getLogger(__name__)

_MOST = 200
"""Measurements that are kept: a machine that became faster or slower is soon known again."""

_LARGEST = 1_000_000
"""Bytes; 200 measurements take some 60,000."""

Seconds = Annotated[float, Field(ge=0, le=1e6)]
Name = Annotated[str, Field(max_length=1000)]


class Drawn(Frozen):
    """A network as it drew. Args: build: As of `build_of`. call: Seconds of a call."""

    name: Name
    build: Name
    call: Annotated[float, Field(gt=0, le=1e6)]


class Timed(Frozen):
    """A job that ended well, measured.

    Attributes:
        megapixels: Of each picture, as the networks draw it.
        guesses: How many a network call makes for a picture, on average.
        start: Seconds before a picture's first call, its models in memory; None where every picture waited for them.
        read: The first model that was not in memory; None where all were.
        cold_start: Seconds before the first call of the picture that waited for it.
        finish: Seconds after a picture's last call.
    """

    device: Name
    megapixels: Annotated[float, Field(gt=0, le=1000)]
    guesses: Annotated[float, Field(gt=0, le=1000)]
    base: Drawn
    refiner: Drawn | None = None
    start: Seconds | None = None
    read: Name | None = None
    cold_start: Seconds | None = None
    finish: Seconds


class Enlarged(Frozen):
    """What an upscaler took.

    Attributes:
        megapixels: That it was shown of a picture: see `enlarged_megapixels`.
        seconds: Of a picture.
    """

    device: Name
    upscaler: Name
    megapixels: Annotated[float, Field(gt=0, le=1000)]
    seconds: Annotated[float, Field(gt=0, le=1e6)]


class Mended(Frozen):
    """What a detector saw. Args: found: Things that were mended in a picture, on average."""

    device: Name
    detector: Name
    found: Annotated[float, Field(ge=0, le=1000)]


Experienced = Timed | Enlarged | Mended
_EXPERIENCED: TypeAdapter[Experienced] = TypeAdapter(Experienced)


class Timings:
    """The jobs of this machine, oldest first. Safe from any thread.

    Args:
        path: Of the file, read when it is first needed; None keeps them for this run only. What cannot be read in it
            is passed over, and what cannot be written is logged: it costs a guess, and no picture.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._known: tuple[Experienced, ...] | None = None

    def all(self) -> tuple[Experienced, ...]:
        with self._lock:
            if self._known is None:
                self._known = self._read()
            return self._known

    def add(self, *experienced: Experienced) -> None:
        with self._lock:
            # read again: another process may have drawn meanwhile
            before = self._read() if self._path else self._known or ()
            self._known = (*before, *experienced)[-_MOST:]
            self._write(self._known)

    def _read(self) -> tuple[Experienced, ...]:
        if self._path is None:
            return ()
        try:
            content = self._path.read_bytes() if self._path.stat().st_size <= _LARGEST else b""
            found: object = json.loads(content)
        except (OSError, ValueError, RecursionError):
            return ()
        entries = cast(list[object], found) if isinstance(found, list) else []
        return tuple(timed for entry in entries[-_MOST:] if (timed := _timed(entry)))

    def _write(self, jobs: tuple[Experienced, ...]) -> None:
        if self._path is None:
            return
        try:
            with atomic_write(self._path) as part:
                part.write_text(json.dumps([job.model_dump() for job in jobs], indent=0), encoding="utf-8")
        except OSError as error:
            log.warning("The times of past jobs could not be kept in %s (%s).", self._path, error.strerror)


def _timed(entry: object) -> Experienced | None:
    try:
        return _EXPERIENCED.validate_python(entry)
    except ValidationError:
        return None
