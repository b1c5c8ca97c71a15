"""Keeps finished pictures, also through a disk that is full."""

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

Result = TypeVar("Result")


@dataclass(frozen=True, eq=False, slots=True)
class Unsaved:
    """A finished picture that is nowhere but here: offered to the person as it is. Args: person: Whose it is."""

    job_id: str
    picture: Picture
    record: Record
    person: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class Trouble:
    """Why nothing goes on before a person says so. Args: error: With the next step. unsaved: What waits for it."""

    error: FoooError
    unsaved: Unsaved | None = None


class Hold:
    """Where the drawing thread waits for a person to mend something."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._trouble: Trouble | None = None
        self._given_up = self._closed = False

    @property
    def trouble(self) -> Trouble | None:
        with self._changed:
            return self._trouble

    def wait(self, trouble: Trouble) -> bool:
        """Wait for `go_on`; False where it is given up, or the program ends."""
        with self._changed:
            self._trouble, self._given_up = trouble, False
            self._changed.wait_for(lambda: self._trouble is None or self._closed)
            self._trouble = None
            return not (self._given_up or self._closed)

    def go_on(self, *, given_up: bool = False) -> None:
        """Try again what failed. Args: given_up: Or do not."""
        with self._changed:
            self._trouble, self._given_up = None, given_up
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()


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
        while True:
            try:
                return do()
            except (StorageFull, QueueUnusable) as error:
                if not self._queue.is_kept or not self._hold.wait(Trouble(error, unsaved)):
                    raise
