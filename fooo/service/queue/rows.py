"""What the queue tells of its jobs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, zip_longest
from typing import NamedTuple

from fooo.events import ShotDone
from fooo.plan import Plan
from fooo.request import Request


class QueueState(StrEnum):
    WAITING = "waiting"
    WAITING_FOR_FILE = "waiting for a file"
    """It cannot be planned before a model is here."""
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


class Queued(NamedTuple):
    """A job that waits its turn, in a list that may be long.

    Attributes:
        person: Whose it is; empty where nobody logs in.
        priority: Among the same person's; larger comes first.
        place: Among those of the same person and priority.
        number: In the order of asking.
        interrupted: It had its turn when the program ended, and goes on before all others.
        shots: Pictures that it is to make.
    """

    id: str
    person: str
    priority: int
    place: int
    number: int
    interrupted: bool
    shots: int


@dataclass(frozen=True, slots=True)
class StoredJob:
    """A job of an earlier run.

    Attributes:
        pictures: In the order of their shots.
        error: Why it failed, in a sentence.
    """

    id: str
    person: str
    state: QueueState
    plan: Plan
    pictures: tuple[ShotDone, ...]
    error: str | None


@dataclass(frozen=True, slots=True)
class Unplanned:
    """A request that waits for files, or has ended without a plan.

    Attributes:
        files: Their names.
        state: Waiting for a file, stopped, or failed.
        error: Why it failed, in a sentence.
    """

    id: str
    person: str
    request: Request
    files: tuple[str, ...]
    state: QueueState = QueueState.WAITING_FOR_FILE
    error: str | None = None


def in_turn(waiting: Iterable[Queued], turns: Mapping[str, int]) -> tuple[Queued, ...]:
    """In the order in which they will be drawn, if nothing comes between.

    One person after the other has a turn, first who had one least recently, of those who had none who asked first; each
    with the own jobs in their order.

    Args:
        waiting: In any order.
        turns: By person, the number of the last one; without, never.
    """
    interrupted: list[Queued] = []
    own: dict[str, list[Queued]] = defaultdict(list)
    for job in waiting:
        (interrupted if job.interrupted else own[job.person]).append(job)
    people = sorted(own, key=lambda person: (turns.get(person, 0), min(job.number for job in own[person])))
    lists = (sorted(own[person], key=lambda job: (-job.priority, job.place)) for person in people)
    fair = (job for job in chain.from_iterable(zip_longest(*lists)) if job)
    return (*sorted(interrupted, key=lambda job: job.number), *fair)
