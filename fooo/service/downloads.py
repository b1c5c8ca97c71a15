"""Model files on their way here, beside the drawing."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path

from fooo.catalog import PresetFile
from fooo.errors import FoooError, ModelError
from fooo.events import Downloading, Event
from fooo.monitor import Monitor
from fooo.service.guarded import guarded

log = logging.getLogger(__name__)

Fetch = Callable[[PresetFile, Monitor], Path | None]
"""Fetches one file, as `fooo.files.fetch`: None after a stop, and what has come is taken up the next time."""


class DownloadState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"


UNDER_WAY = frozenset({DownloadState.WAITING, DownloadState.RUNNING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """How far a file is.

    Attributes:
        done: Bytes that are here.
        total: Bytes of the whole file; None while it is not known.
        seconds_left: None while it cannot be told.
        error: Why it failed.
    """

    file: PresetFile
    state: DownloadState = DownloadState.WAITING
    done: int = 0
    total: int | None = None
    seconds_left: float | None = None
    error: FoooError | None = None


def fetch_nothing(file: PresetFile, monitor: Monitor) -> Path | None:  # noqa: ARG001 - it is a Fetch
    """Raises: ModelError: Always."""
    raise ModelError(Path(file.name), "was not fetched: this program fetches nothing", "copy it into models/")


class Downloads:
    """Fetches one file after the other, in a thread of its own that lives while there is something to fetch.

    Args:
        fetch: How.
        arrived: Called when a file is in its place, in that thread.
        possible: Whether anything can be fetched; what is asked for all the same says why not.
    """

    def __init__(self, fetch: Fetch, arrived: Callable[[], None] = lambda: None, *, possible: bool = True) -> None:
        self._fetch, self._arrived, self.possible = fetch, arrived, possible
        self._lock = threading.Condition()
        """Guards all that follows, and wakes who waits for a change."""
        self._downloads: dict[str, Download] = {}
        self._running: tuple[str, Monitor] | None = None
        self._worker: threading.Thread | None = None
        self._closed = False

    def start(self, files: Iterable[PresetFile]) -> None:
        """Fetch these, behind those that wait, but for those that are under way.

        What was here before is asked for again too: it may have been taken away meanwhile, and costs nothing if not.
        """
        with self._lock:
            if self._closed:
                return
            for file in files:
                known = self._downloads.get(file.name)
                if known is None or known.state not in UNDER_WAY:
                    self._downloads.pop(file.name, None)
                    again = replace(known or Download(file=file), state=DownloadState.WAITING, error=None)
                    self._downloads[file.name] = again
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="fooo-downloads", daemon=True)
                self._worker.start()

    def pause(self, name: str) -> None:
        """Leave it for now; `start` goes on where it stopped. A name that is not under way is passed over."""
        with self._lock:
            known = self._downloads.get(name)
            if known is None or known.state not in UNDER_WAY:
                return
            self._downloads[name] = replace(known, state=DownloadState.PAUSED, seconds_left=None)
            if self._running and self._running[0] == name:
                self._running[1].stop()
            self._lock.notify_all()

    def resume(self, name: str) -> None:
        """Go on with one that was paused, or that failed. A name of no such one is passed over."""
        with self._lock:
            known = self._downloads.get(name)
        if known is not None and known.state in {DownloadState.PAUSED, DownloadState.FAILED}:
            self.start([known.file])

    def now(self) -> tuple[Download, ...]:
        """Every file of this run of the program, in the order in which they were asked for."""
        with self._lock:
            return tuple(self._downloads.values())

    def changes(self) -> Iterator[tuple[Download, ...]]:
        """How they are now, then again after each change, until none is under way."""
        while True:
            with self._lock:
                seen = tuple(self._downloads.values())
            yield seen
            if not any(each.state in UNDER_WAY for each in seen):
                return
            with self._lock:
                self._lock.wait_for(lambda: tuple(self._downloads.values()) != seen)  # noqa: B023 - read at once

    def close(self) -> None:
        """Leave all that is under way: what has come is kept, and taken up when it is asked for again."""
        with self._lock:
            self._closed = True
            worker = self._worker
            names = [name for name, each in self._downloads.items() if each.state in UNDER_WAY]
        for name in names:
            self.pause(name)
        if worker:
            worker.join()

    def _work(self) -> None:
        while (file := self._next()) is not None:
            guarded(partial(self._get, file), partial(self._settle, file, DownloadState.FAILED))

    def _get(self, file: PresetFile) -> None:
        if self._fetch(file, self._monitor(file)) is not None:
            self._arrived()
            self._settle(file, DownloadState.DONE)

    def _next(self) -> PresetFile | None:
        """The next file that waits, marked as running; None where none does, and the thread ends."""
        with self._lock:
            self._running = None
            for name, each in self._downloads.items():
                if each.state is DownloadState.WAITING:
                    self._downloads[name] = replace(each, state=DownloadState.RUNNING)
                    self._lock.notify_all()
                    return each.file
            self._worker = None
            return None

    def _monitor(self, file: PresetFile) -> Monitor:
        monitor = Monitor(lambda event: self._hear(file.name, event))
        with self._lock:
            self._running = (file.name, monitor)
            if self._downloads[file.name].state is not DownloadState.RUNNING:
                monitor.stop()  # paused before it began
        return monitor

    def _hear(self, name: str, event: Event) -> None:
        if not isinstance(event, Downloading):
            return
        with self._lock:
            known = self._downloads[name]
            left = event.seconds_left if known.state is DownloadState.RUNNING else None
            self._downloads[name] = replace(known, done=event.done, total=event.total, seconds_left=left)
            self._lock.notify_all()

    def _settle(self, file: PresetFile, state: DownloadState, error: FoooError | None = None) -> None:
        if error:
            log.warning("%s", error)
        with self._lock:
            known = self._downloads[file.name]
            self._downloads[file.name] = replace(known, state=state, seconds_left=None, error=error)
            self._lock.notify_all()
