"""What a person may do and see: the one place that decides it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from fooo.errors import NotAllowed
from fooo.service import Job, Unplanned


class Role(StrEnum):
    OWNER = "owner"
    """May do everything."""
    GUEST = "guest"
    """May draw, within a quota, and see what was drawn for them."""


class Asked(Protocol):
    """Of a person: a job, or a request that waits for files."""

    @property
    def person(self) -> str: ...


class Deed(StrEnum):
    """What not everybody may do, in the words that say so."""

    FETCH_MODELS = "fetch or change models"
    CHANGE_SETTINGS = "change settings for everybody"
    RULE_QUEUE = "pause the queue or change other people's turns"
    MANAGE_KEYS = "make or remove keys"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How much a guest may ask for.

    Attributes:
        pictures_a_day: Drawn today and asked for.
        waiting_jobs: That have not ended.
        most_pixels: Of a finished picture.
        most_steps: Of all passes of a picture together.
    """

    pictures_a_day: int = 100
    waiting_jobs: int = 10
    most_pixels: int = 2048 * 2048
    most_steps: int = 80


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks. Args: name: As they log in; empty where nobody does. quota: Holds for guests."""

    name: str = ""
    role: Role = Role.OWNER
    quota: Quota = Quota()


HOST = Person()
"""Whoever sits at a machine where nobody logs in: its owner."""


def may(person: Person, _deed: Deed) -> bool:
    """Whether it is theirs to do. Beside these deeds everybody may draw."""
    return person.role is Role.OWNER


def check_may(person: Person, deed: Deed) -> None:
    """Raises: NotAllowed: It is not theirs to do."""
    if not may(person, deed):
        raise NotAllowed(f"A guest may not {deed.value}; ask the owner of this Fooo.")


def sees(person: Person, job: Job | Unplanned) -> bool:
    """Whether they may look at a job and its pictures, and stop it: it is theirs, or they are an owner."""
    return person.role is Role.OWNER or job.person == person.name


def is_own(person: Person, job: Asked) -> bool:
    """Whether the job belongs into their history.

    To an owner's belongs also what was drawn while nobody logged in; where nobody does, all of it is the host's.
    """
    if person.role is Role.OWNER and (not person.name or not job.person):
        return True
    return job.person == person.name
