"""What there is to see now, as values. Nothing here knows HTML or gradio."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fooo.errors import FoooError
from fooo.events import MemoryChosen, PassSkipped, PassStep, PrecisionRaised, ShotDone, Step
from fooo.image import Picture
from fooo.service import Job


@dataclass(frozen=True, slots=True)
class Address:
    """Where a finished picture is fetched: the kept file itself, and a small one for the row of earlier pictures."""

    full: str
    small: str


AddressOf = Callable[[Job, int], Address]
"""The address of the n-th finished picture of a job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A kept picture. Args: job, number: Of which job it is which, from 0. name: Of its file. width, height: Pixels.

    id: In the history. parent: The SHA-256 of the file that it was begun with; empty: of none.
    sheet: The style that it stands for on a contact sheet; empty of every other picture.
    model: The name of the one that drew it; empty of a picture that none did.
    """

    job: str
    number: int
    address: Address
    name: str
    width: int
    height: int
    prompt: str
    seed: int
    id: str = ""
    parent: str = ""
    sheet: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The job that has its turn, or the first that waits for it.

    Attributes:
        width, height: Of the picture that comes, in pixels.
        number, count: Which picture of how many, from 1.
        loading: The named step before drawing, while there is one.
        memory: What was told of the memory since the last step; None once the next one is done.
        step: The newest step of this picture.
        finishing: What is done to it now that it is drawn.
        preview: The picture as guessed now.
        ending: Whether it has been asked to stop.
        ahead: Jobs of other people that have their turn before it.
        has_picture: Whether this job has finished one already.
    """

    job: Job
    width: int
    height: int
    number: int
    count: int
    loading: str | None
    memory: MemoryChosen | PrecisionRaised | None = None
    step: Step | None
    finishing: PassStep | None = None
    preview: Picture | None
    has_picture: bool
    ending: bool
    ahead: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What holds the queue up.

    Attributes:
        job: Whose finished picture waits for it, where that job is the person's own.
        with_picture: Whether anybody's does.
        rules: Whether the person may say how it goes on.
    """

    error: FoooError
    job: str
    with_picture: bool
    rules: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What there is to see.

    Attributes:
        finished: Newest first.
        waiting: Jobs that wait behind the one shown; of two that are drawn, the other is none of them.
        failed: Why each job that failed did, by its id, oldest first, and what was left out of pictures or blurred.
        newest: The id of the job that was asked for last.
        stopped: Whether the last job was, and none is open.
        held: What holds the queue up.
        repeating: The id of the newest job of what is drawn again and again; empty while nothing is.
    """

    finished: tuple[Finished, ...] = ()
    drawing: Drawing | None = None
    waiting: int = 0
    failed: Mapping[str, FoooError | PassSkipped | ShotDone] = field(
        default_factory=dict[str, FoooError | PassSkipped | ShotDone]
    )
    newest: str | None = None
    stopped: bool = False
    held: Held | None = None
    repeating: str = ""
