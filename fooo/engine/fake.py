"""An engine without weights: each picture is a flat colour drawn from its seed. For tests and for work on the page."""

import time
from collections.abc import Iterator

import numpy as np

from fooo.engine.engine import Made
from fooo.engine.progress import Progress
from fooo.events import LegName, Loading, ShotSkipped
from fooo.image import Picture
from fooo.monitor import Answer, Monitor
from fooo.plan import Generate, Plan, Shot


class FakeEngine:
    """Args: seconds_a_step: How long it pretends to compute."""

    def __init__(self, *, seconds_a_step: float = 0.0) -> None:
        self._seconds_a_step = seconds_a_step

    @property
    def device(self) -> str:
        return "no device"

    def prepare(self, plan: Plan, monitor: Monitor) -> None:
        monitor.tell(Loading("nothing"))

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        progress = Progress(plan)
        for shot in plan.shots:
            if monitor.begin_shot() is Answer.STOP:
                return
            progress.begin([shot])
            started = time.monotonic()
            step, answer = self._draw(shot, progress, monitor)
            if answer is Answer.GO or monitor.keep:
                seconds = time.monotonic() - started
                yield Made(shot=shot, picture=_flat(shot), seconds=seconds, steps_done=step)
            else:
                monitor.tell(ShotSkipped(shot.number))
            if answer is Answer.STOP:
                return

    def close(self) -> None:
        """It has begun nothing."""

    def _draw(self, shot: Shot, progress: Progress, monitor: Monitor) -> tuple[int, Answer]:
        preview = Picture(_flat(shot).pixels[::8, ::8].copy())
        legs = [leg for generate in shot.generates for leg in _legs(generate)]
        for step, leg in enumerate(legs, start=1):
            time.sleep(self._seconds_a_step)
            answer = monitor.tell(progress.step(shot, step, leg, preview))
            if answer is not Answer.GO:
                return step, answer
        return shot.steps, Answer.GO


def _legs(generate: Generate) -> list[LegName]:
    """Of each step."""
    of_base = generate.refiner_step or generate.steps
    return [LegName.BASE] * of_base + [LegName.REFINER] * (generate.steps - of_base)


def _flat(shot: Shot) -> Picture:
    size = shot.size
    colour = np.random.default_rng(shot.seed).integers(0, 256, 3, dtype=np.uint8)
    return Picture(np.broadcast_to(colour, (size.height, size.width, 3)).copy())
