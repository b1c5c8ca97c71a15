"""Keeps finished pictures, also through a disk that is full."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from fooo.errors import FoooError, QueueUnusable, StorageFull
from fooo.image import Picture
from fooo.record import Archive, Intent, Record
from fooo.service.queue import Queue

log = logging.getLogger(__name__)

Result = TypeVar("Result")

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before what failed is tried again by itself: each pause is twice the one before it, up to the longest."""


@dataclass(frozen=True, eq=False, slots=True)
class Unsaved:
    """A finished picture that is nowhere but here: offered to the person as it is. Args: person: Whose it is."""

    job_id: str
    picture: Picture
    record: Record
    person: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class Trouble:
    """Why a worker waits: it tries again by itself, and sooner when a person says so.

    Args:
        error: With the next step.
        unsaved: What waits for it.
    """

    error: FoooError
    unsaved: Unsaved | None = None


@dataclass(eq=False, slots=True)
class _Waiting:
    """A worker that waits. Attributes: pause: Seconds before its next try."""

    trouble: Trouble
    pause: float
    given_up: bool = False


class Hold:
    """Where workers wait until a disk has space again, or another program has let go of the queue's file.

    Args:
        first_pause, longest_pause: As of `FIRST_PAUSE`.
    """

    def __init__(self, *, first_pause: float = FIRST_PAUSE, longest_pause: float = LONGEST_PAUSE) -> None:
        self._first_pause, self._longest_pause = first_pause, longest_pause
        self._changed = threading.Condition()
        self._waiting: list[_Waiting] = []
        """In the order in which they began to."""
        self._closed = False

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """Of all workers that wait, oldest first."""
        with self._changed:
            return tuple(each.trouble for each in self._waiting)

    @property
    def trouble(self) -> Trouble | None:
        """The oldest of those with a picture, else the oldest of all."""
        with self._changed:
            first = self._first()
            return first.trouble if first else None

    def until_done(self, do: Callable[[], Result], unsaved: Unsaved | None = None) -> Result:
        """What `do` gives, once it succeeds.

        Args:
            do: Tried again and again. It really writes: that it succeeds is what shows that the cause is gone.
            unsaved: The picture that waits for it.

        Raises:
            StorageFull, QueueUnusable: As it did at last, where a person gave it up or the program ends.
        """
        waiting: _Waiting | None = None
        try:
            while True:
                try:
                    result = do()
                except (StorageFull, QueueUnusable) as error:
                    trouble = Trouble(error, unsaved)
                    if waiting is None:
                        log.warning("%s It is tried again by itself.", error)
                        waiting = _Waiting(trouble, self._first_pause)
                    waiting.trouble = trouble
                    if not self._wait(waiting):
                        raise
                else:
                    if waiting:
                        log.warning("What held the queue up is over: it goes on.")
                    return result
        finally:
            with self._changed:
                self._leave(waiting)

    def go_on(self) -> None:
        """Try again at once whatever failed."""
        with self._changed:
            self._waiting.clear()
            self._changed.notify_all()

    def give_up(self, job_id: str | None = None) -> bool:
        """Do not try again what `trouble` tells of; all others are tried at once.

        Args:
            job_id: Only if the picture that waits is of that job.

        Returns:
            Whether there was such a trouble. Where there was none, nothing is done.
        """
        with self._changed:
            first = self._first()
            waits = first.trouble.unsaved.job_id if first and first.trouble.unsaved else None
            if first is None or job_id not in {None, waits}:
                return False
            first.given_up = True
            self._waiting.clear()
            self._changed.notify_all()
            return True

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _first(self) -> _Waiting | None:
        with_picture = (each for each in self._waiting if each.trouble.unsaved)
        return next(with_picture, self._waiting[0] if self._waiting else None)

    def _wait(self, waiting: _Waiting) -> bool:
        """Wait until it is to be tried again; False: it is not."""
        with self._changed:
            if waiting not in self._waiting:
                self._waiting.append(waiting)
            asked = self._changed.wait_for(lambda: self._closed or waiting not in self._waiting, waiting.pause)
            waiting.pause = self._first_pause if asked else min(2 * waiting.pause, self._longest_pause)
            return not (waiting.given_up or self._closed)

    def _leave(self, waiting: _Waiting | None) -> None:
        if waiting in self._waiting:
            self._waiting.remove(waiting)


class Keeper:
    """Puts a picture into the archive and into the queue, once.

    Args:
        archive: Where it goes.
        queue: Knows it from then on.
        hold: Where to wait for a disk that takes no more, if the queue is one that outlives the program: else there is
            nobody to wait for.
        now: Gives the time for its name.
    """

    def __init__(self, archive: Archive, queue: Queue, hold: Hold, now: Callable[[], datetime]) -> None:
        self._archive, self._queue, self._hold, self._now = archive, queue, hold, now

    def keep(self, unsaved: Unsaved) -> Path:
        """The path of the picture's file.

        Raises:
            StorageFull: The disk took no more, and nobody waits or it was given up.
            QueueUnusable: The queue could not be written, likewise.
        """
        job_id, shot = unsaved.job_id, unsaved.record.shot.number

        def intend(intent: Intent) -> None:
            self._queue.intend(job_id, shot, intent, unsaved.record)

        def save() -> Path:
            return self._archive.save(
                unsaved.picture, unsaved.record, now=self._now(), intend=intend, person=unsaved.person
            )

        path = self._until_done(save, unsaved)
        # apart, so that what is saved is not saved again because the queue could not be written
        self._until_done(lambda: self._queue.keep(job_id, shot), unsaved)
        return path

    def _until_done(self, do: Callable[[], Result], unsaved: Unsaved) -> Result:
        return self._hold.until_done(do, unsaved) if self._queue.is_kept else do()
