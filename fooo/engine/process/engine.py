"""An engine whose work is done in another process."""

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from fooo.engine.ahead import one_ahead
from fooo.engine.engine import Engine, Made
from fooo.engine.process.child import Child, write_to_log
from fooo.engine.process.conversation import Conversation
from fooo.engine.process.crossing import error_of
from fooo.engine.process.messages import Failed, Logged, Prepare, Ready, Run
from fooo.engine.process.patience import Patience
from fooo.errors import EngineError, WorkerDied
from fooo.logs import Crash
from fooo.monitor import Monitor
from fooo.plan import Plan

log = logging.getLogger(__name__)

_TICK = 0.2
"""Seconds between looks whether a worker that comes up is still wanted."""

Report = Callable[[Crash], Path | None]
"""Writes down what is known of a crash, as `CrashReports.write`."""


def report_nothing(crash: Crash) -> Path | None:
    """For who needs no reports."""


class ProcessEngine:
    """Begins its worker when it is first needed, and a new one where that has died.

    Args:
        make: Makes the engine, in the worker: a function that can be imported there, with what it is given.
        patience: With a worker that says nothing.
        report: Called with each crash of the worker while it was needed.
        closing: Once it is set, a worker that is only being made ready is ended at once: that may take minutes.
    """

    def __init__(
        self,
        make: Callable[[], Engine],
        *,
        patience: Patience | None = None,
        report: Report = report_nothing,
        closing: threading.Event | None = None,
    ) -> None:
        self._make, self._patience, self._report = make, patience or Patience(), report
        self._closing = closing or threading.Event()
        self._child: Child | None = None
        self._device: str | None = None
        self._beginning = threading.Lock()

    @property
    def device(self) -> str:
        """As the worker says; once it was there, this waits for nothing.

        Raises:
            WorkerDied: It could not be begun.
            FoooError: As of `make`.
        """
        if self._device is None:
            self._worker()
        return self._device or ""

    def begin(self) -> None:
        """Begin the worker, where there is none. Raises: WorkerDied, FoooError: As of `device`."""
        self._worker()

    def prepare(self, plan: Plan, monitor: Monitor) -> None:
        """See `Engine.prepare`.

        Raises:
            WorkerDied: As of `run`.
            EngineError: The program closes.
        """
        conversation = self._begun(Prepare(plan=plan), monitor)
        with self._reported(conversation.child, plan):
            for _ in conversation.pictures():
                pass  # it makes none
        self._check_wanted()

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        """See `Engine.run`.

        Raises:
            WorkerDied: The worker crashed, was ended by the system, or said nothing for too long; the next call
                begins a new one.
        """
        conversation = self._begun(Run(plan=plan), monitor)
        # events are heard and wishes passed on while a picture is being used
        pictures = one_ahead(conversation.pictures(), conversation.close)
        with self._reported(conversation.child, plan), closing(pictures):
            for made in pictures:
                yield made
                conversation.go_on()

    def close(self) -> None:
        """End the worker; the next call begins a new one. Not while it draws."""
        with self._beginning:
            if self._child:
                self._child.end()
                self._child = None

    def _begun(self, command: Prepare | Run, monitor: Monitor) -> Conversation:
        """A conversation in which the worker has said its first word.

        One that had nothing to do may be dying unnoticed: a process whose first thread is gone counts as alive until
        the others are, too. It takes the command and dies of what came before. Nothing has begun then, so a new worker
        is asked once more.

        Raises:
            WorkerDied: The new one died as well, or one said nothing for too long.
        """
        old, child = self._child, self._worker()
        wanted = self._is_wanted if isinstance(command, Prepare) else lambda: True
        conversation = Conversation(child, monitor, self._patience, wanted=wanted)
        try:
            conversation.begin(command)
        except WorkerDied as died:
            if child is not old or child.given_up_on:
                raise self._written_down(died, child, command.plan) from None
            log.warning("%s It had not begun: a new one is asked at once.", died)
            return self._begun(command, monitor)
        return conversation

    @contextmanager
    def _reported(self, child: Child, plan: Plan) -> Generator[None]:
        """A death of the worker leaves a report, and its error says where."""
        try:
            yield
        except WorkerDied as died:
            raise self._written_down(died, child, plan) from None

    def _written_down(self, died: WorkerDied, child: Child, plan: Plan) -> WorkerDied:
        """The same, once the report is written."""
        log.error("%s\n%s", died, child.last_words)
        crash = Crash(sentence=str(died), device=self._device or "", trace=child.last_words, plan=plan)
        path = self._report(crash)
        return WorkerDied(f"{died} What is known of it lies in {path}." if path else str(died))

    def _worker(self) -> Child:
        with self._beginning:
            if self._child is None or not self._child.alive:
                if self._child:
                    self._child.end(at_once=True)
                self._child = Child(self._make, silence=self._patience.silence)
                self._device = self._device_of(self._child)
            return self._child

    def _is_wanted(self) -> bool:
        return not self._closing.is_set()

    def _check_wanted(self) -> None:
        if not self._is_wanted():
            raise EngineError("Fooo is closing; start it again.")

    def _device_of(self, child: Child) -> str:
        """What it says once it is there. Where that fails, takes too long or is no longer wanted, it is ended."""
        end = time.monotonic() + self._patience.silence
        while time.monotonic() < end:
            if not self._is_wanted():
                child.end(at_once=True)
            self._check_wanted()
            message, _ = child.receive(_TICK) or (None, None)
            match message:
                case None:
                    continue
                case Logged():
                    write_to_log(message)
                case Ready():
                    return message.device
                case Failed():
                    child.end(at_once=True)
                    raise error_of(message)
                case _:
                    break
        raise child.given_up("was not ready")
