"""A job: a plan on its way, watched from any thread."""

import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from enum import StrEnum

from fooo.events import Event, JobDone, JobFailed, PassStep, ShotDone, ShotSkipped, Step
from fooo.monitor import Monitor
from fooo.plan import Plan, Promise


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job:
    """Iterate `events()` from any number of places; each sees all that happened and waits for the rest.

    Args:
        plan: What it carries out.
        promise: How long that takes, as was known when it was asked for; None where it was not.
        clock: In seconds.
        job_id: None: a new one.
        person: Whose it is; empty where nobody logs in.
        told: What an earlier run has told of it.
        when_stopped: Called with each stop, after the monitor knows.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        promise: Promise | None = None,
        clock: Callable[[], float] = time.monotonic,
        job_id: str | None = None,
        person: str = "",
        told: Iterable[Event] = (),
        when_stopped: Callable[["Job"], None] | None = None,
    ) -> None:
        self.id = job_id or uuid.uuid4().hex
        self.plan = plan
        self.promise = promise
        self.person = person
        self._clock = clock
        self.monitor = Monitor(self._add)
        self._events: list[Event] = []
        self._seconds: list[float] = []
        """When each of them came, by the clock."""
        self._changed = threading.Condition()
        self._running = False
        self._when_stopped = when_stopped
        for event in told:
            self._add(event)

    def stop(self, *, keep: bool = False) -> None:
        """End at the next step, or at once where it waits; `keep` keeps the half picture."""
        self.monitor.stop(keep=keep)
        if self._when_stopped:
            self._when_stopped(self)

    def skip(self, *, keep: bool = False) -> None:
        """End the picture being drawn at the next step and go on with the next one."""
        self.monitor.skip(keep=keep)

    def events(self) -> Iterator[Event]:
        """Everything told so far, then each further event as it comes; ends with `JobDone` or `JobFailed`."""
        number = 0
        while True:
            with self._changed:
                self._changed.wait_for(lambda: len(self._events) > number)  # noqa: B023 - read at once, under the lock
                event = self._events[number]
            yield event
            if isinstance(event, JobDone | JobFailed):
                return
            number += 1

    def events_so_far(self) -> tuple[Event, ...]:
        with self._changed:
            return tuple(self._events)

    def timed_events(self) -> tuple[tuple[float, Event], ...]:
        """Everything told so far, each with the second at which it came."""
        with self._changed:
            return tuple(zip(self._seconds, self._events, strict=True))

    @property
    def state(self) -> JobState:
        with self._changed:
            last = self._events[-1] if self._events else None
            if isinstance(last, JobDone):
                return JobState.DONE
            if isinstance(last, JobFailed):
                return JobState.FAILED
            return JobState.RUNNING if self._running else JobState.WAITING

    @property
    def has_ended(self) -> bool:
        return self.state in {JobState.DONE, JobState.FAILED}

    @property
    def pictures(self) -> tuple[ShotDone, ...]:
        return tuple(event for event in self.events_so_far() if isinstance(event, ShotDone))

    def begin(self) -> None:
        with self._changed:
            self._running = True

    def finish(self, event: JobDone | JobFailed) -> None:
        self._add(event)

    def _add(self, event: Event) -> None:
        with self._changed:
            event = self._with_finishing(event) if isinstance(event, Step) else event
            last = self._events[-1] if self._events else None
            if isinstance(last, Step | PassStep):
                self._events[-1] = replace(last, preview=None)
            self._events.append(event)
            self._seconds.append(self._clock())
            self._changed.notify_all()

    def _with_finishing(self, step: Step) -> Step:
        """The step with the seconds that mending and enlarging will take, of which an engine knows nothing before."""
        if self.promise is None or not self.promise.finishing:
            return step
        ended = sum(isinstance(event, ShotDone | ShotSkipped) for event in self._events)
        is_finished = any(isinstance(event, PassStep) and event.shot == step.shot for event in self._events)
        left = max(0, len(self.plan.shots) - ended - is_finished)
        more = self.promise.finishing / self.promise.pictures * left
        return replace(step, seconds_left=step.seconds_left + more)
