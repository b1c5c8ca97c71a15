"""Which job the lines that are logged now belong to."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from fooo.plan import Plan


@dataclass(frozen=True, slots=True)
class About:
    """A job. Args: private: What its person has said, which no log needs; in one text."""

    job_id: str
    private: str


_ABOUT: ContextVar[About | None] = ContextVar("fooo_about", default=None)


@contextmanager
def about_job(job_id: str, private: Iterable[str] = ()) -> Generator[None]:
    """What is logged inside, in this thread and in those that carry its context, belongs to the job.

    Args:
        job_id: Stands on each line.
        private: The prompts: their words are left out of the lines.
    """
    before = _ABOUT.set(About(job_id, "\n".join(private)))
    try:
        yield
    finally:
        _ABOUT.reset(before)


def said_in(plan: Plan) -> tuple[str, ...]:
    """The texts of a plan that its person has said, also as the dice have drawn them."""
    request = plan.request
    drawn = (text for shot in plan.shots for text in (shot.texts.words, shot.texts.unwanted))
    return tuple(dict.fromkeys((request.prompt, request.negative, *drawn, *(each.words for each in request.things))))


def current() -> About | None:
    """The job that is worked on here; None: none is."""
    return _ABOUT.get()
