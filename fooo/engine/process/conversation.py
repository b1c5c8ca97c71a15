"""What is said about one plan, from the command to the last word."""

import logging
import time
from collections.abc import Callable, Generator
from typing import assert_never

from fooo.engine.engine import Made
from fooo.engine.process.child import Child, write_to_log
from fooo.engine.process.crossing import error_of, event_of, made_of
from fooo.engine.process.messages import (
    Close,
    Drawn,
    Failed,
    Finished,
    FromEngine,
    Heard,
    Logged,
    NewShot,
    Next,
    Prepare,
    Ready,
    Run,
    ShotBegins,
    Told,
    Wished,
)
from fooo.engine.process.patience import Patience
from fooo.engine.process.wire import BadFrame
from fooo.image import Picture
from fooo.monitor import Answer, Monitor

log = logging.getLogger(__name__)

_TICK = 0.2
"""Seconds after which a wish is passed on where nothing is told; with each event it is passed on at once."""


class Conversation:
    """Passes events to the monitor and its wishes to the worker; ends a worker that hangs.

    Args:
        child: The worker.
        monitor: Of the job.
        patience: With silence.
        wanted: Whether what is done is still of use; where it is not, the worker is ended at once.
        clock: In seconds.
    """

    def __init__(
        self,
        child: Child,
        monitor: Monitor,
        patience: Patience,
        *,
        wanted: Callable[[], bool] = lambda: True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.child, self._monitor, self._patience, self._clock = child, monitor, patience, clock
        self._is_wanted = wanted
        self._passed_on: tuple[Answer, bool] | None = None
        self._over = self._closed = False
        self._its_turn = True
        """Whether the worker is to say the next word, and not the one who takes the pictures."""
        self._since = clock()
        """When the worker last said something, or was given its turn."""
        self._longest = 0.0
        """Seconds that it has been silent and then gone on."""
        self._end_asked: float | None = None
        self._first: tuple[FromEngine, Picture | None] | None = None

    def begin(self, command: Prepare | Run) -> None:
        """Say what is to be done, and wait for the worker's first word about it.

        Raises:
            WorkerDied: There was none: it crashed, or said nothing for too long. Nothing of the command was done.
        """
        self._since = self._clock()
        self.child.send(command)
        try:
            self._first = self._receive()
        finally:
            if self._first is None:
                self.child.end(at_once=True)

    def pictures(self) -> Generator[Made]:
        """What is made, each as soon as it is; ends early, without an error, where a stop had to be enforced.

        Raises:
            WorkerDied: It crashed, or said nothing for too long.
            FoooError: As of `Engine.prepare` and `Engine.run`.
        """
        try:
            while (made := self._next_picture()) is not None:
                yield made
        except BadFrame as error:
            raise self.child.given_up(f"sent something that {error}") from None
        finally:
            if not self._over:
                self.child.end(at_once=True)

    def go_on(self) -> None:
        """The last picture was taken."""
        self._since, self._its_turn = self._clock(), True
        self.child.send(Next())

    def close(self) -> None:
        """No further picture is wanted."""
        self._since, self._its_turn, self._closed = self._clock(), True, True
        self.child.send(Close())

    def _next_picture(self) -> Made | None:
        while True:
            message, picture = self._receive()
            match message:
                case Told():
                    self._monitor.tell(event_of(message, picture))
                    self._heard()
                case ShotBegins():
                    self._monitor.begin_shot()
                    self._passed_on = None
                    self.child.send(NewShot())
                    self._heard()
                case Drawn():
                    self._its_turn = False
                    return made_of(message, picture)
                case Finished():
                    self._over = True
                    return None
                case Failed():
                    self._over = True
                    raise error_of(message)
                case Logged():
                    write_to_log(message)
                case Ready():
                    raise BadFrame("has its place before the first command")
                case _:
                    assert_never(message)

    def _receive(self) -> tuple[FromEngine, Picture | None]:
        if first := self._first:
            self._first = None
            return first
        while (said := self.child.receive(_TICK)) is None:
            self._pass_on()
            if not self._is_wanted():
                self.child.end(at_once=True)
                return Finished(), None
            if self._its_turn and self._hangs():
                return Finished(), None
        now = self._clock()
        self._longest, self._since = max(self._longest, now - self._since), now
        return said

    def _heard(self) -> None:
        self._pass_on()
        self.child.send(Heard())

    def _pass_on(self) -> None:
        answer, keep = wish = self._monitor.wish
        if answer is not Answer.GO and wish != self._passed_on:
            self._passed_on = wish
            self.child.send(Wished(answer="stop" if answer is Answer.STOP else "skip", keep=keep))

    def _hangs(self) -> bool:
        """Whether an end that was asked for had to be enforced.

        Raises:
            WorkerDied: It says nothing, and nobody asked for an end.
        """
        now, patience = self._clock(), self._patience
        if self._end_asked is None and (self._closed or self._monitor.wish[0] is Answer.STOP):
            self._end_asked = now
        if self._end_asked is not None:
            silent = now - max(self._since, self._end_asked)
            if silent > max(patience.after_stop, 3 * self._longest):
                log.warning("The step that was to be stopped did not end in %.0f s: a new process draws.", silent)
                self.child.end(at_once=True)
                return True
        if now - self._since > patience.silence:
            raise self.child.given_up(f"said nothing for {_words(patience.silence)}")
        return False


def _words(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"
