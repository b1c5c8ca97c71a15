"""Makes what draws ready as soon as a server is up, so that the first picture need not wait for it."""

import logging
import threading
from collections.abc import Callable
from typing import Self

import psutil

from fooo.errors import EngineError, FoooError
from fooo.plan import Plan
from fooo.request import Request
from fooo.service.service import Fooo

log = logging.getLogger(__name__)

AFTER = 2.0
"""Seconds from when the server is up: the page that the start opens has its answer by then, on a single core too."""

_SHARE = 0.5
"""Of the free memory: more is not taken before anybody has asked for anything."""


def available_memory() -> int:
    """Bytes that this machine could give to programs now."""
    return psutil.virtual_memory().available


class Warming:
    """Has the engines made, a short while after `begin`, and the models of a request loaded where there is room.

    Whoever opens a page or asks for a picture before has it begun at once; then this does nothing. It ends with its
    block.

    Args:
        program: Whose engines they are.
        request: What the first picture may be asked with.
        may_load: Whether models may be loaded at all before anybody asks.
        after: Seconds.
        free: Bytes of free memory.
    """

    def __init__(
        self,
        program: Fooo,
        request: Request,
        *,
        may_load: bool = True,
        after: float = AFTER,
        free: Callable[[], int] = available_memory,
    ) -> None:
        self._program, self._request, self._may_load, self._free = program, request, may_load, free
        self._timer = threading.Timer(after, self._get_ready)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._timer.is_alive():
            self._timer.join()

    def begin(self) -> None:
        """The server is up. Called once."""
        self._timer.start()

    def _get_ready(self) -> None:
        try:
            self._program.get_ready(self._plan() if self._may_load else None)
        except EngineError:
            return  # the program is closing

    def _plan(self) -> Plan | None:
        """None where its models are not here, or would leave little room for other programs."""
        try:
            plan = self._program.plan(self._request)
            models = self._program.catalog.models
            needed = self._program.workers * sum(models[name].bytes for name in plan.models)
        except (FoooError, OSError) as error:
            log.info("nothing is loaded before it is asked for: %s", error)
            return None
        if needed > _SHARE * self._free():
            log.info(
                "nothing is loaded before it is asked for: %.1f GB would take too much of the memory", needed / 1e9
            )
            return None
        return plan
