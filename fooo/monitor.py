"""The one object that goes down the call stack with a job: tells what happens, and answers go, skip or stop."""

import threading
from collections.abc import Callable
from enum import Enum, auto

from fooo.events import Event


class Answer(Enum):
    GO = auto()
    SKIP = auto()
    """End this picture, go on with the next."""
    STOP = auto()
    """End the job."""


class Monitor:
    """Safe from any thread.

    Args:
        listen: Called with each event, in the thread that draws.
    """

    def __init__(self, listen: Callable[[Event], None]) -> None:
        self._listen = listen
        self._lock = threading.Lock()
        self._answer = Answer.GO
        self._keep = False

    def stop(self, *, keep: bool = False) -> None:
        """Ask the job to end at its next step; `keep` asks for the half picture."""
        with self._lock:
            self._answer, self._keep = Answer.STOP, keep

    def skip(self, *, keep: bool = False) -> None:
        """Ask the picture being drawn to end at its next step. Does not take back a stop."""
        with self._lock:
            if self._answer is not Answer.STOP:
                self._answer, self._keep = Answer.SKIP, keep

    def begin_shot(self) -> Answer:
        """A new picture begins: a skip meant the one before."""
        with self._lock:
            if self._answer is Answer.SKIP:
                self._answer = Answer.GO
            return self._answer

    def tell(self, event: Event) -> Answer:
        """Report an event; hear whether to go on."""
        self._listen(event)
        with self._lock:
            return self._answer

    @property
    def keep(self) -> bool:
        """Whether who skipped or stopped wants the half picture."""
        with self._lock:
            return self._keep

    @property
    def wish(self) -> tuple[Answer, bool]:
        """What it answers now, and whether the half picture is wanted: both as they are at one moment."""
        with self._lock:
            return self._answer, self._keep
