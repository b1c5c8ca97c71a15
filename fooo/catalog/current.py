"""The catalog while the program runs: files come and go, and no restart is needed."""

import logging
import threading
import time
from collections.abc import Callable

from fooo.catalog.catalog import Catalog
from fooo.errors import FoooError

log = logging.getLogger(__name__)

_EVERY = 2.0
"""Seconds for which what was read is taken as true."""

_SHARE = 0.05
"""Of the time that may go into reading, where the folders are slow ones."""

Read = Callable[[Catalog | None], Catalog]
"""Reads the catalog; given the one of the last time, it reads again only what has changed."""


class CurrentCatalog:
    """Called, it gives the catalog as the folders are now, or were some seconds ago.

    What is newly wrong in them is logged. Where they cannot be read any more, what was there last stays.

    Args:
        read: Called at once, and later only when the catalog is asked for.
        clock: In seconds.

    Raises:
        FoooError: As of `read`, the first time.
    """

    def __init__(self, read: Read, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._read, self._clock = read, clock
        self._reading = threading.Lock()
        self._said: set[str] = set()
        began = clock()
        self._catalog = read(None)
        self._settle(began)

    def __call__(self) -> Catalog:
        # who asks while another reads is not kept waiting
        if self._clock() >= self._next and self._reading.acquire(blocking=False):
            try:
                self._read_again()
            finally:
                self._reading.release()
        return self._catalog

    def look_again(self) -> None:
        """The folders have just changed: what was read before is not true any more."""
        self._next = self._clock()

    def _read_again(self) -> None:
        began = self._clock()
        try:
            self._catalog = self._read(self._catalog)
        except FoooError as error:
            self._warn(str(error))
        self._settle(began)

    def _settle(self, began: float) -> None:
        for problem in self._catalog.problems:
            self._warn(problem)
        now = self._clock()
        self._next = now + max(_EVERY, (now - began) / _SHARE)

    def _warn(self, sentence: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            log.warning("%s", sentence)
