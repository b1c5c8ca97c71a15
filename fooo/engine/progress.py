"""Counts the steps of a job and guesses the seconds that those which are left will take."""

import math
import time
from collections.abc import Callable, Sequence

from fooo.events import LegName, Step
from fooo.image import Picture
from fooo.plan import Plan, Shot
from fooo.plan.finish.windows import windows_of


class Progress:
    def __init__(self, plan: Plan, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._shots = plan.shots
        self._total = sum(shot.steps for shot in plan.shots)
        self._paces = {shot.number: _paces(shot) for shot in plan.shots}
        self._work = sum(self._work_of(shot, shot.steps) for shot in plan.shots)
        self._done_before = 0
        self._work_before = 0.0
        self._done: dict[int, float] = {}
        """Steps of each shot that is being drawn, by its number."""
        self._worked: dict[int, float] = {}
        """The same, as work."""
        self._spent = 0.0
        self._counted = 0.0
        self._clock = clock
        self._last = clock()

    def begin(self, shots: Sequence[Shot]) -> None:
        """These shots are drawn together from now on; what the ones before them left undone counts as done."""
        # a job that goes on after a crash draws those that are missing alone, and they keep their numbers
        before = [shot for shot in self._shots if shot.number < shots[0].number]
        self._done_before = sum(shot.steps for shot in before)
        self._work_before = sum(self._work_of(shot, shot.steps) for shot in before)
        self._done, self._worked = {}, {}
        self._last = self._clock()

    def go_on(self, shot: Shot, done: float) -> None:
        """A shot is drawn on after so many steps; what was done to it meanwhile says nothing about further ones."""
        self._done[shot.number], self._worked[shot.number] = done, self._work_of(shot, done)
        self._last = self._clock()

    def step(self, shot: Shot, done: float, leg: LegName, preview: Picture | None) -> Step:
        """The event of one more network call, after which so many steps of the shot are done, 0..shot.steps.

        A step of several calls is done by parts; the event says the whole number nearest to them, and at least 1.
        """
        now = self._clock()
        self._spent, self._last = self._spent + now - self._last, now
        worked = self._work_of(shot, done)
        self._counted += worked - self._worked.get(shot.number, 0.0)
        self._done[shot.number], self._worked[shot.number] = done, worked
        # the sums of fractions come to the end a hair before or behind it
        left = max(0.0, self._work - self._work_before - sum(self._worked.values()))
        return Step(
            shot=shot.number,
            leg=leg,
            step=_whole(done),
            steps=shot.steps,
            done=self._done_before + sum(map(_whole, self._done.values())),
            total=self._total,
            seconds_left=self._spent / self._counted * left,
            preview=preview,
        )

    def _work_of(self, shot: Shot, done: float) -> float:
        """What the first steps of a shot take."""
        work = 0.0
        for steps, of_one in self._paces[shot.number]:
            work += min(max(done, 0.0), steps) * of_one
            done -= steps
        return work


def _paces(shot: Shot) -> list[tuple[int, float]]:
    """The steps of each pass, and the work of one: as many times the pixels of a window as there are windows."""
    return [(generate.steps, math.prod(windows_of(generate))) for generate in shot.generates]


def _whole(done: float) -> int:
    return max(1, round(done))
