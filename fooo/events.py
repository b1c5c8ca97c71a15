"""What a running job tells: one frozen type for each thing that can happen."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from fooo.errors import FoooError
from fooo.image import Picture
from fooo.record import Record


class LegName(StrEnum):
    BASE = "base"
    REFINER = "refiner"


class Placement(StrEnum):
    """Which networks lie in the device's memory together."""

    ALL = "all"
    ONE_AT_A_TIME = "one at a time"
    """Each while it is needed, and longer where there is room."""
    STREAMED = "streamed"
    """Not even one as a whole: its layers come one group after the other, at every step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryChosen:
    """How the models are going to be held; told before they are read.

    Attributes:
        again: Whether it is with less memory than was tried just now and was not enough.
    """

    placement: Placement
    again: bool = False


@dataclass(frozen=True, slots=True)
class PrecisionRaised:
    """A network gave numbers that are no picture, and computes again with more exact ones. Args: what: Its name."""

    what: str


@dataclass(frozen=True, slots=True)
class Loading:
    """A named step before drawing, such as reading a model, has begun."""

    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloading:
    """Bytes of a file have come from the network.

    Attributes:
        what: The file's name.
        done: Bytes that are here, those of earlier tries among them.
        total: Bytes of the whole file; None while the server does not say.
        seconds_left: At the speed since this try began; None while it cannot be told.
    """

    what: str
    done: int
    total: int | None
    seconds_left: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One denoising step is done.

    Attributes:
        shot: Number of the picture, from 0.
        step: Steps of this picture done, 1..steps.
        done: Steps of the whole job done, 1..total.
        preview: The picture as guessed now, at an eighth of its size or more; only while it is the newest step.
    """

    shot: int
    leg: LegName
    step: int
    steps: int
    done: int
    total: int
    seconds_left: float
    preview: Picture | None = None


class PassName(StrEnum):
    """What is done to a picture after it is drawn."""

    ENLARGE = "enlarge"
    MEND = "mend"
    REPAINT = "repaint"


@dataclass(frozen=True, slots=True)
class PassStep:
    """A finishing pass has begun, or a part of it is done: a tile of an enlarging, a step of a thing that is mended.

    Args:
        shot: Number of the picture, from 0.
        name: The pass.
        done: Parts done, 0..total.
        total: Of this pass, at least 1.
        preview: The picture as it was before the pass, made small; only while it is the newest event.
    """

    shot: int
    name: PassName
    done: int
    total: int
    preview: Picture | None = None


@dataclass(frozen=True, slots=True)
class PassSkipped:
    """A finishing pass came to nothing, for want of memory, a sound file or sound numbers; the picture is kept."""

    shot: int
    name: PassName


@dataclass(frozen=True, slots=True)
class ShotDone:
    """A picture is finished and kept in the file `path`; its pixels are not held here."""

    record: Record
    path: Path


@dataclass(frozen=True, slots=True)
class ShotSkipped:
    """A picture was given up at the person's wish; the job goes on."""

    shot: int


@dataclass(frozen=True, slots=True)
class JobDone:
    pictures: int
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class JobFailed:
    error: FoooError


Event = (
    MemoryChosen
    | PrecisionRaised
    | Loading
    | Downloading
    | Step
    | PassStep
    | PassSkipped
    | ShotDone
    | ShotSkipped
    | JobDone
    | JobFailed
)
