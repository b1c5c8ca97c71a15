"""The worker process: an engine, and the end of the wire that serves it."""

import faulthandler
import logging
import os
import queue
import signal
import socket
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import assert_never

from fooo.engine.engine import Engine, Made
from fooo.engine.process.crossing import drawn, failed, told
from fooo.engine.process.messages import (
    TO_ENGINE,
    Close,
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
    ToEngine,
    Wished,
)
from fooo.engine.process.wire import BadFrame, Wire
from fooo.errors import EngineError, FoooError
from fooo.image import Picture
from fooo.monitor import Answer, Monitor

log = logging.getLogger(__name__)

_LONGEST_LINE = 20_000
"""Characters of a line for the log."""


def serve(end: socket.socket, make: Callable[[], Engine], level: int, fault: Path) -> None:
    """Serve an engine until the other end of the wire is closed; then end the process, whatever it is doing.

    Args:
        end: Of the wire.
        make: Called once, in the thread that draws.
        level: What is less than this is not logged; of other packages only warnings are.
        fault: A file that takes where the code was, in a crash.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process: the other end decides
    faulthandler.enable(file=fault.open("w", encoding="utf-8"))
    wire = Wire(end, TO_ENGINE, most_pixels=0)
    logging.root.addHandler(_ToTheOtherEnd(wire))
    logging.getLogger("fooo").setLevel(level)
    served = _Served(wire, make)
    try:
        while True:
            served.take(wire.receive()[0])
    except (BadFrame, EOFError, OSError):
        os._exit(0)  # what is being computed is for nobody


class _ToTheOtherEnd(logging.Handler):
    def __init__(self, wire: Wire[ToEngine]) -> None:
        super().__init__()
        self._wire = wire

    def emit(self, record: logging.LogRecord) -> None:
        text = self.format(record)[:_LONGEST_LINE]
        self._wire.send(Logged(level=record.levelno, name=record.name, text=text))


class _FarMonitor(Monitor):
    """Asks the monitor at the other end: tells it each event, and waits until that is heard."""

    def __init__(self, wire: Wire[ToEngine]) -> None:
        super().__init__(lambda event: self._ask(*told(event)))
        self._wire = wire
        self._asking = threading.Lock()
        self._heard = threading.Event()

    def begin_shot(self) -> Answer:
        self._ask(ShotBegins())
        return self.wish[0]

    def take(self, message: Wished | NewShot | Heard) -> None:
        """What the other end says, in the order in which it was said."""
        match message:
            case NewShot():
                super().begin_shot()
            case Wished(answer="stop"):
                self.stop(keep=message.keep)
            case Wished():
                self.skip(keep=message.keep)
            case Heard():
                self._heard.set()

    def _ask(self, message: FromEngine, picture: Picture | None = None) -> None:
        with self._asking:
            self._heard.clear()
            self._wire.send(message, picture)
            self._heard.wait()


class _Served:
    """Takes messages in one thread, and draws in another one, in which the engine is made too."""

    def __init__(self, wire: Wire[ToEngine], make: Callable[[], Engine]) -> None:
        self._wire = wire
        self._drawing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fooo-engine")
        self._monitor = _FarMonitor(wire)
        self._wants: queue.SimpleQueue[bool] = queue.SimpleQueue()
        """Whether a further picture is wanted, after each one."""
        self._engine = self._drawing.submit(make)
        self._do(lambda: Ready(device=self._engine.result().device))

    def take(self, message: ToEngine) -> None:
        match message:
            case Wished() | NewShot() | Heard():
                self._monitor.take(message)
            case Next():
                self._wants.put(True)
            case Close():
                self._wants.put(False)
            case Prepare() | Run():
                self._carry_out(message)
            case _:
                assert_never(message)

    def _carry_out(self, command: Prepare | Run) -> None:
        # what is said from now on means this one
        monitor, wants = _FarMonitor(self._wire), queue.SimpleQueue[bool]()
        self._monitor, self._wants = monitor, wants

        def carry_out() -> Finished:
            match command:
                case Prepare():
                    self._engine.result().prepare(command.plan, monitor)
                case Run():
                    self._run(command, monitor, wants)
            return Finished()

        self._do(carry_out)

    def _run(self, command: Run, monitor: Monitor, wants: queue.SimpleQueue[bool]) -> None:
        pictures = self._engine.result().run(command.plan, monitor)
        while (made := next(pictures, None)) is not None:
            self._hand_over(made)
            del made  # it may be large, and the next one is drawn now
            if not wants.get():
                break
        if isinstance(pictures, Generator):
            pictures.close()

    def _hand_over(self, made: Made) -> None:
        self._wire.send(*drawn(made))

    def _do(self, work: Callable[[], FromEngine]) -> None:
        """Do it in the thread that draws, and say what came of it."""
        self._drawing.submit(work).add_done_callback(self._say)

    def _say(self, done: Future[FromEngine]) -> None:
        error = done.exception()
        self._wire.send(_last_word(error) if error else done.result())


def _last_word(error: BaseException) -> FromEngine:
    if not isinstance(error, FoooError):
        log.error("unexpected", exc_info=error)
        what = f"{type(error).__name__}: {error}"
        return failed(EngineError(f"Something unexpected went wrong ({what}); the log has the details."))
    # its frames hold the tensors of the call that failed
    error.__cause__ = error.__context__ = error.__traceback__ = None
    return failed(error)
