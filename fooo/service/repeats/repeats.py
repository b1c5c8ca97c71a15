"""A request drawn again and again, each time with a new seed, until its person stops it."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from fooo.errors import FoooError
from fooo.events import JobDone
from fooo.request import Request, finished, merge, only_set_fields, read_request
from fooo.service.guarded import guarded
from fooo.service.job import Job


@dataclass(frozen=True, slots=True)
class Repeat:
    """What a person repeats. Args: job: The newest one. error: Why none comes after it; None while it goes on."""

    job: Job
    error: FoooError | None = None


class Repeats:
    """One of each person. Safe from any thread.

    The next job is submitted when the one before has ended, so that the queue never fills up. A job that was stopped
    or failed is the last one, and so is one whose next cannot be submitted. Nothing of this is kept on the disk: when
    the program is started again, the job that was open goes on, and none comes after it.

    Args:
        draw_seed: Gives each job its seed.
    """

    def __init__(self, draw_seed: Callable[[], int]) -> None:
        self._draw_seed = draw_seed
        self._lock = threading.Lock()
        """Held while a job is submitted: none comes after an end."""
        self._known: dict[str, Repeat] = {}
        """By person."""
        self._closed = False

    def begin(self, person: str, job: Job, submit: Callable[[Request], Job]) -> None:
        """Draw the job's request again when it has ended, and so on; what the person repeated before ends.

        Args:
            person: Who asks.
            job: The first one.
            submit: Queues a request for them; the error that it raises is kept, and ends the repeating.
        """
        repeat = Repeat(job)
        with self._lock:
            if self._closed:
                return
            self._known[person] = repeat
        threading.Thread(target=self._go_on, args=(person, repeat, submit), name="fooo-repeat", daemon=True).start()

    def end(self, person: str) -> Repeat | None:
        """Let the job that is open be the last one. Returns: What was repeated, or why that had ended."""
        with self._lock:
            return self._known.pop(person, None)

    def is_on(self, person: str) -> bool:
        """Whether another job comes when the newest has ended."""
        repeat = self.of(person)
        return repeat is not None and repeat.error is None

    def of(self, person: str) -> Repeat | None:
        """What the person repeats, or why that ended by itself; None: they do not."""
        return self._known.get(person)

    def close(self) -> None:
        """End all, for good."""
        with self._lock:
            self._closed = True
            self._known.clear()

    def _go_on(self, person: str, repeat: Repeat, submit: Callable[[Request], Job]) -> None:
        """In a thread of its own, until it ends."""
        wanted: Repeat | None = repeat
        while wanted and _ended_well(wanted.job):
            wanted = self._next(person, wanted, submit)
        with self._lock:
            if wanted and self._known.get(person) is wanted:
                del self._known[person]

    def _next(self, person: str, repeat: Repeat, submit: Callable[[Request], Job]) -> Repeat | None:
        """With its next job; None where it has ended."""

        def follow() -> None:
            self._known[person] = Repeat(submit(_with_seed(repeat.job.plan.request, self._draw_seed())))

        def fail(error: FoooError) -> None:
            self._known[person] = replace(repeat, error=error)

        with self._lock:
            if self._known.get(person) is not repeat:
                return None
            guarded(follow, fail)
            now = self._known[person]
        return None if now.error else now


def _ended_well(job: Job) -> bool:
    """Waits for the job's end."""
    (end,) = deque(job.events(), maxlen=1)  # the ones before hold previews
    return isinstance(end, JobDone) and not end.stopped


def _with_seed(request: Request, seed: int) -> Request:
    """Another picture of the same request. A contact sheet comes as the whole picture of its first style."""
    fresh: dict[str, Any] = {"seed": seed, "variation": None, "seeds": []}
    return read_request(merge(only_set_fields(finished(request)), {"sampling": fresh}))
