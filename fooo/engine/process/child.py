"""A worker process as its parent sees it."""

import contextlib
import logging
import multiprocessing
import os
import selectors
import signal
import socket
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path

from fooo.engine.engine import Engine
from fooo.engine.process.messages import FROM_ENGINE, FromEngine, Logged, ToEngine
from fooo.engine.process.wire import BadFrame, Wire
from fooo.engine.process.worker import serve
from fooo.errors import WorkerDied
from fooo.image import Picture

_SECONDS_TO_DIE = 10.0
"""After its wire was closed, before it is killed."""
_MOST_LAST_WORDS = 100_000
"""Characters."""
_KILL = 9
"""The signal by which the system ends a process for the memory that it takes."""


class Child:
    """Begins a worker process, and talks with it.

    Args:
        make: Importable in another process, with what it was given.
        silence: Seconds for which half a message is waited for.

    Attributes:
        given_up_on: Whether it was ended because of what it did, and not by itself or by the system.
        last_words: Once it has ended: where its code was when it crashed; empty where it did not, or was killed.

    Raises:
        WorkerDied: The system starts no process.
    """

    def __init__(self, make: Callable[[], Engine], *, silence: float) -> None:
        here, there = socket.socketpair()
        handle, fault = tempfile.mkstemp(prefix="fooo-fault-", suffix=".txt")
        os.close(handle)
        self._fault, self.last_words = Path(fault), ""
        self.given_up_on = False
        arguments = (there, make, logging.getLogger("fooo").getEffectiveLevel(), self._fault)
        self._process = multiprocessing.get_context("spawn").Process(
            target=serve, args=arguments, name="fooo-worker", daemon=True
        )
        try:
            with there:
                self._process.start()
        except OSError as error:
            here.close()
            self._fault.unlink(missing_ok=True)
            raise WorkerDied(
                f"The process that draws could not be started ({error.strerror}); close other programs and try again."
            ) from None
        here.settimeout(silence)
        self._end, self._wire = here, Wire(here, FROM_ENGINE)
        self._waiting = selectors.DefaultSelector()
        self._waiting.register(here, selectors.EVENT_READ)
        self._ended = False
        weakref.finalize(self, _forget, here, self._fault)  # a worker that was forgotten ends by itself

    @property
    def alive(self) -> bool:
        return not self._ended and self._process.is_alive()

    def send(self, message: ToEngine) -> None:
        """Say something; where it is no more, `receive` says so."""
        with contextlib.suppress(OSError):
            self._wire.send(message)

    def receive(self, seconds: float) -> tuple[FromEngine, Picture | None] | None:
        """The next message; None where none comes within these seconds.

        Raises:
            WorkerDied: It is no more, or cannot be understood, which ends it.
        """
        # what it said last may still be there when it is gone
        if not self._waiting.select(seconds) and (self._process.is_alive() or not self._waiting.select(0)):
            if self._process.is_alive():
                return None
            raise self._death()
        try:
            return self._wire.receive()
        except TimeoutError:
            raise self.given_up("stopped in the middle of a message") from None
        except BadFrame as error:
            raise self.given_up(f"sent something that {error}") from None
        except (EOFError, OSError):
            raise self._death() from None

    def given_up(self, what: str) -> WorkerDied:
        """End it at once. Args: what: It did, to be said."""
        self.given_up_on = True
        self.end(at_once=True)
        return WorkerDied(f"The process that draws {what} and was ended; try again, a new one takes its place.")

    def end(self, *, at_once: bool = False) -> None:
        """Let it end, or make it; safe to call again."""
        if self._ended:
            return
        self._ended = True
        self._waiting.close()
        self._end.close()
        if not at_once:
            self._process.join(_SECONDS_TO_DIE)
        if self._process.is_alive():
            self._process.kill()
        self._process.join()
        self._process.close()
        with contextlib.suppress(OSError):
            self.last_words = self._fault.read_text(encoding="utf-8", errors="replace")[:_MOST_LAST_WORDS]
            self._fault.unlink()

    def _death(self) -> WorkerDied:
        """What is said of a worker that is no more, or that has closed its end."""
        self._process.join(_SECONDS_TO_DIE)
        code = self._process.exitcode
        self.end(at_once=True)
        return WorkerDied(_sentence(code))


def _forget(end: socket.socket, fault: Path) -> None:
    end.close()
    with contextlib.suppress(OSError):
        fault.unlink(missing_ok=True)


def write_to_log(line: Logged) -> None:
    """Into this process's log."""
    logging.getLogger(line.name).log(line.level, "%s", line.text)


def _sentence(code: int | None) -> str:
    """Args: code: What the process ended with; below 0 the signal that ended it; None: it did not end by itself."""
    if code == -_KILL:
        return (
            "The process that draws was ended by the system, most likely because the memory ran out; "
            "close other programs or ask for a smaller picture, and try again."
        )
    how = "" if code is None else f" (code {code})"
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            how = f" ({signal.Signals(-code).name})"
    return f"The process that draws crashed{how}; try again, a new one takes its place."
