"""A machine that does not exist: an engine that takes the time of a made-up one, on a clock of its own."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from fooo.engine import Made
from fooo.events import LegName, Loading, Step
from fooo.image import Picture
from fooo.monitor import Monitor
from fooo.plan import Generate, Plan, Shot, guesses_a_call, megapixels_of


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass(kw_only=True)
class Machine:
    """An engine. Each stretch takes its time, more or less by `noise`.

    Attributes:
        call: Seconds that every network call costs by itself.
        megapixel: Seconds of each guess of one megapixel in it.
        words, decode, load: Seconds before, after and for reading the models.
    """

    clock: Clock
    rng: random.Random
    call: float = 0.05
    megapixel: float = 1.0
    words: float = 0.3
    decode: float = 0.8
    load: float = 9.0
    noise: float = 0.05
    device: str = "a made-up card"
    loaded: tuple[str, ...] = field(default=())

    def prepare(self, plan: Plan, monitor: Monitor) -> None:
        self._load(plan, monitor)

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        self._load(plan, monitor)
        for shot in plan.shots:
            started = self.clock.now
            self._wait(self.words)
            for step in range(1, calls_of(shot.generate) + 1):
                self._call(shot, step, monitor)
            self._wait(self.decode * megapixels_of(shot.generate))
            picture = Picture(np.zeros((8, 8, 3), np.uint8))
            yield Made(shot=shot, picture=picture, seconds=self.clock.now - started, steps_done=shot.steps)

    def _load(self, plan: Plan, monitor: Monitor) -> None:
        if self.loaded != plan.models:
            monitor.tell(Loading("models"))
            self._wait(self.load)
            self.loaded = plan.models

    def _call(self, shot: Shot, number: int, monitor: Monitor) -> None:
        generate = shot.generate
        step = (number - 1) // generate.sampler.calls + 1
        leg = LegName.REFINER if generate.refiner_step and step > generate.refiner_step else LegName.BASE
        guesses = guesses_a_call(generate)
        self._wait(self.call + guesses * self.megapixel * megapixels_of(generate))
        monitor.tell(
            Step(
                shot=shot.number,
                leg=leg,
                step=step,
                steps=shot.steps,
                done=step,
                total=shot.steps,
                seconds_left=0,
            )
        )

    def _wait(self, seconds: float) -> None:
        self.clock.now += seconds * self.rng.uniform(1 - self.noise, 1 + self.noise)


def calls_of(generate: Generate) -> int:
    """Network calls of a picture: as many a step as the sampler needs, one in the last."""
    return generate.sampler.calls * (generate.steps - 1) + 1
