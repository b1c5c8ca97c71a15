"""Counts the steps of a job and guesses the seconds that are left."""

import time
from collections.abc import Callable

from fooo.events import LegName, Step
from fooo.image import Picture
from fooo.plan import Plan, Shot


class Progress:
    def __init__(self, plan: Plan, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = sum(shot.steps for shot in plan.shots)
        self._done_before = 0
        self._spent = 0.0
        self._counted = 0
        self._clock = clock
        self._last = clock()

    def begin_shot(self, number: int, steps: int) -> None:
        """A shot of `steps` begins; what the ones before it left undone counts as done."""
        self._done_before = number * steps
        self._last = self._clock()

    def step(self, shot: Shot, step: int, leg: LegName, preview: Picture | None) -> Step:
        """The event of one more step done, 1..shot.steps."""
        now = self._clock()
        self._spent, self._counted, self._last = self._spent + now - self._last, self._counted + 1, now
        done = self._done_before + step
        return Step(
            shot=shot.number,
            leg=leg,
            step=step,
            steps=shot.steps,
            done=done,
            total=self._total,
            seconds_left=self._spent / self._counted * (self._total - done),
            preview=preview,
        )
