"""What this machine was measured to do: asked before a job, learnt from after it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from fooo.catalog import LocalModel
from fooo.plan import Plan, Speeds
from fooo.plan.plan import Lora
from fooo.service.job import Job
from fooo.service.measure import measure
from fooo.service.speeds import fit_speeds
from fooo.service.timings import Timings


@dataclass(frozen=True, slots=True)
class Began:
    """When a job had its turn, by the clock. Args: read: The first of its models that is not in memory."""

    second: float
    read: str | None


class Nearness(IntEnum):
    """How much of what a plan needs is in memory; the larger, the sooner it is drawn."""

    OTHER_MODELS = 0
    NOTHING = 1
    """Nor is anything in the way."""
    MODELS = 2
    ALL = 3
    """With the LoRAs on them."""


class Experience:
    """Args: timings: Of past jobs. clock: In seconds; the same that gives jobs their times."""

    def __init__(self, timings: Timings, clock: Callable[[], float] = time.monotonic) -> None:
        self._timings, self.clock = timings, clock
        self._ready: frozenset[str] = frozenset()
        self._soon: frozenset[str] = frozenset()
        """The models that the next job will find in memory, where what is drawn now ends well."""
        self._loras: frozenset[Lora] = frozenset()

    def of_another_device(self) -> "Experience":
        """Learns into the same timings, and knows of a memory of its own."""
        return Experience(self._timings, self.clock)

    def speeds(self, device: str | None) -> Speeds:
        """What the device can do for the next job. Args: device: None while it is not known: the one that drew last."""
        jobs = self._timings.all()
        last = jobs[-1].device if jobs else ""
        return fit_speeds(jobs, device=device or last, ready=self._soon)

    def begin(self, plan: Plan) -> Began:
        """A job has its turn; until it is known to have ended well, nothing is known of the memory."""
        read = next((name for name in plan.models if name not in self._ready), None)
        self._ready, self._soon = frozenset(), frozenset(plan.models)
        return Began(self.clock(), read)

    def loaded(self, plan: Plan) -> None:
        """The models of the plan are in memory now, and no others."""
        self._ready = self._soon = frozenset(plan.models)
        self._loras = _loras(plan)

    def failed(self) -> None:
        """The job that had its turn did not end well: what it leaves in memory is not known."""
        self._soon = self._ready

    def nearness(self, plan: Plan) -> Nearness:
        """How near the memory is to what the plan needs; safe from any thread."""
        if not self._ready:
            return Nearness.NOTHING
        if not self._ready.issuperset(plan.models):
            return Nearness.OTHER_MODELS
        return Nearness.ALL if self._loras == _loras(plan) else Nearness.MODELS

    def learn(self, job: Job, began: Began, *, models: Mapping[str, LocalModel], device: str) -> None:
        """A job has made its pictures."""
        self.loaded(job.plan)
        told = job.timed_events()
        learnt = measure(job.plan, told, models, began=began.second, read=began.read, device=device)
        if learnt:
            self._timings.add(*learnt)


def _loras(plan: Plan) -> frozenset[Lora]:
    return frozenset(lora for shot in plan.shots for generate in shot.generates for lora in generate.loras)
