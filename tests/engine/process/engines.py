"""Engines for a worker process: each made by a function that it can import."""

import logging
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from fooo.engine import FakeEngine, Made
from fooo.engine.ahead import one_ahead
from fooo.errors import EngineError, ModelError, UnknownName
from fooo.events import Event, Loading
from fooo.image import Picture
from fooo.monitor import Monitor
from fooo.plan import Plan

HANG = 3600.0
"""Seconds."""


def slow(seconds_a_step: float) -> FakeEngine:
    return FakeEngine(seconds_a_step=seconds_a_step)


class Noise(FakeEngine):
    """Draws pictures that are different in every pixel. Tells its process's number when it prepares."""

    def prepare(self, plan: Plan, monitor: Monitor) -> None:
        monitor.tell(Loading(str(os.getpid())))

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        for shot in plan.shots:
            yield Made(shot=shot, picture=noise(shot.size.width, shot.size.height), seconds=0.1, steps_done=1)


def noise(width: int, height: int) -> Picture:
    return Picture(np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8))


class Ahead(FakeEngine):
    """Draws a picture while the one before it is used."""

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        return one_ahead(super().run(plan, monitor), monitor.stop)


class Tells(FakeEngine):
    """Tells these events when it prepares."""

    def __init__(self, *events: Event) -> None:
        super().__init__()
        self._events = events

    def prepare(self, plan: Plan, monitor: Monitor) -> None:
        for event in self._events:
            monitor.tell(event)


class Troubled(FakeEngine):
    """Does what its prompt says: abort, exit, hang...; draws the prompts that it does not know.

    It tells its process's number first.
    """

    def prepare(self, plan: Plan, monitor: Monitor) -> None:
        monitor.tell(Loading(str(os.getpid())))

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        monitor.tell(Loading(str(os.getpid())))
        if trouble := TROUBLES.get(plan.request.prompt):
            trouble()
        yield from super().run(plan, monitor)


class Mute(Troubled):
    """Does what its prompt says without a word before."""

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        TROUBLES[plan.request.prompt]()
        yield from ()


def _unknown_model() -> None:
    raise ModelError(Path("models/x.safetensors"), "is damaged", "fetch it again")


def _unknown_name() -> None:
    raise UnknownName("sampling.sampler", "eular", ["euler", "heun"])


def _bug() -> None:
    log = logging.getLogger("fooo.tests")
    log.warning("it goes wrong")
    raise ZeroDivisionError("bug")


def _stray_bytes() -> None:
    """Something in the process writes where only the wire may."""
    for handle in range(3, 64):
        try:
            if stat.S_ISSOCK(os.fstat(handle).st_mode):
                os.write(handle, b"x" * 64)
        except OSError:
            continue  # there is none of that number


TROUBLES: dict[str, Callable[[], None]] = {
    "abort": os.abort,
    "exit": lambda: os._exit(3),
    "hang": lambda: time.sleep(HANG),
    "model": _unknown_model,
    "name": _unknown_name,
    "bug": _bug,
    "leave": lambda: sys.exit(1),
    "stray": _stray_bytes,
}


class Loads(Troubled):
    """Hangs while it prepares, once it has told its process's number."""

    def prepare(self, plan: Plan, monitor: Monitor) -> None:
        super().prepare(plan, monitor)
        time.sleep(HANG)


def hangs() -> FakeEngine:
    """Never comes up."""
    time.sleep(HANG)
    return FakeEngine()


def broken() -> FakeEngine:
    raise EngineError("There is no device; buy one.")
