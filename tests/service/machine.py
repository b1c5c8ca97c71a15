"""A machine that does not exist: an engine that takes the time of a made-up one, on a clock of its own."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from fooo.engine import Made
from fooo.engine.progress import Progress
from fooo.events import LegName, Loading, PassName, PassStep
from fooo.image import Picture
from fooo.monitor import Monitor
from fooo.plan import Enlarge, Fit, Generate, Mend, Open, Pass, Plan, Region, Shot, guesses_a_call, megapixels_of
from fooo.plan.finish.windows import windows_of
from fooo.plan.performance import enlarged_megapixels
from fooo.request import Size

TILES = 3


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def _nothing() -> None: ...


@dataclass(kw_only=True)
class Machine:
    """An engine. Each stretch takes its time, more or less by `noise`.

    Attributes:
        call: Seconds that every network call costs by itself.
        megapixel: Seconds of each guess of one megapixel in it.
        words, decode, load: Seconds before, after and for reading the models.
        enlarge: Seconds of each megapixel that an upscaler is shown, in `TILES` tiles.
        faces: How many are mended in each picture.
        meanwhile: Called before each picture.
    """

    clock: Clock
    rng: random.Random
    call: float = 0.05
    megapixel: float = 1.0
    words: float = 0.3
    decode: float = 0.8
    load: float = 9.0
    enlarge: float = 20.0
    faces: int = 2
    noise: float = 0.05
    device: str = "a made-up card"
    loaded: tuple[str, ...] = field(default=())
    meanwhile: Callable[[], None] = _nothing

    def prepare(self, plan: Plan, monitor: Monitor) -> None:
        self._load(plan, monitor)

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        self._load(plan, monitor)
        progress = Progress(plan, clock=self.clock)
        for shot in plan.shots:
            started = self.clock.now
            self.meanwhile()
            progress.begin([shot])
            passes = tuple(self._carry_out(number, shot, progress, monitor) for number in range(len(shot.passes)))
            picture = Picture(np.zeros((8, 8, 3), np.uint8))
            done = shot.model_copy(update={"passes": passes})
            yield Made(shot=done, picture=picture, seconds=self.clock.now - started, steps_done=shot.steps)

    def close(self) -> None:
        """It has begun nothing."""

    def _carry_out(self, number: int, shot: Shot, progress: Progress, monitor: Monitor) -> Pass:
        pass_ = shot.passes[number]
        match pass_:
            case Generate():
                self._draw(number, pass_, shot, progress, monitor)
            case Enlarge():
                self._enlarge(shot.passes[number - 1].size, pass_, shot, monitor)
            case Mend():
                return self._mend(pass_, shot, monitor)
            case Open() | Fit():
                pass
        return pass_

    def _draw(self, number: int, generate: Generate, shot: Shot, progress: Progress, monitor: Monitor) -> None:
        before = sum(each.steps for each in shot.passes[:number] if isinstance(each, Generate))
        if number:
            progress.go_on(shot, before)
        self._wait(self.words)
        calls = calls_of(generate)
        for call in range(1, calls + 1):
            self._call(generate)
            step = (call - 1) // generate.sampler.calls + 1
            leg = LegName.REFINER if generate.refiner_step and step > generate.refiner_step else LegName.BASE
            monitor.tell(progress.step(shot, before + call / calls * generate.steps, leg, None))
        self._wait(self.decode * megapixels_of(generate))

    def _enlarge(self, source: Size, pass_: Enlarge, shot: Shot, monitor: Monitor) -> None:
        seconds = self.enlarge * enlarged_megapixels(source, pass_.size)
        monitor.tell(PassStep(shot.number, PassName.ENLARGE, 0, TILES))
        for tile in range(1, TILES + 1):
            self._wait(seconds / TILES)
            monitor.tell(PassStep(shot.number, PassName.ENLARGE, tile, TILES))

    def _mend(self, pass_: Mend, shot: Shot, monitor: Monitor) -> Mend:
        total = self.faces * pass_.generate.steps
        if self.faces:
            monitor.tell(PassStep(shot.number, PassName.MEND, 0, total))
        for face in range(self.faces):
            self._wait(self.words)
            for step in range(1, calls_of(pass_.generate) + 1):
                self._call(pass_.generate)
                done = face * pass_.generate.steps + step // pass_.generate.sampler.calls
                monitor.tell(PassStep(shot.number, PassName.MEND, done, total))
            self._wait(self.decode * megapixels_of(pass_.generate))
        region = Region(left=0, top=0, right=9, bottom=9)
        return pass_.model_copy(update={"found": (region,) * self.faces})

    def _load(self, plan: Plan, monitor: Monitor) -> None:
        if self.loaded != plan.models:
            monitor.tell(Loading("models"))
            self._wait(self.load)
            self.loaded = plan.models

    def _call(self, generate: Generate) -> None:
        windows, megapixels = windows_of(generate)
        for _ in range(windows):
            self._wait(self.call + guesses_a_call(generate) * self.megapixel * megapixels)

    def _wait(self, seconds: float) -> None:
        self.clock.now += seconds * self.rng.uniform(1 - self.noise, 1 + self.noise)


def calls_of(generate: Generate) -> int:
    """Network calls of a picture: as many a step as the sampler needs, one in the last."""
    return generate.sampler.calls * (generate.steps - 1) + 1
