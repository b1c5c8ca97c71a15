"""What a job took, told from when its events came."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import fmean

from fooo.catalog import LocalModel
from fooo.events import Event, LegName, Loading, PassName, PassSkipped, PassStep, ShotDone, Step
from fooo.plan import Enlarge, Generate, Mend, Plan, Shot, build_of, guesses_a_call, megapixels_of, prompts_of
from fooo.plan.performance import enlarged_megapixels
from fooo.service.timings import Drawn, Enlarged, Experienced, Mended, Timed

Told = Sequence[tuple[float, Event]]
"""Events, each with the second at which it came."""


def measure(
    plan: Plan, told: Told, models: Mapping[str, LocalModel], *, began: float, read: str | None, device: str
) -> tuple[Experienced, ...]:
    """The job, measured: its drawing from noise, its enlarging, and what was mended. Of what it did not do, nothing.

    Args:
        plan: What was carried out.
        told: Everything that the job told, in order.
        models: By name, those of the plan.
        began: The second at which it had its turn.
        read: The first model that had to be read for its first picture; None where all were in memory.
        device: What drew.
    """
    spent = _Spent(began)
    for second, event in told:
        spent.hear(second, event)
    made = [event.record.shot for _, event in told if isinstance(event, ShotDone)]
    if not made or len(made) < len(plan.shots):
        return ()
    timed = _drawing(plan.shots[0], spent, models, read, device)
    return (*((timed,) if timed else ()), *_enlarging(made, spent, device), *_mending(made, device))


def _drawing(
    shot: Shot, spent: "_Spent", models: Mapping[str, LocalModel], read: str | None, device: str
) -> Timed | None:
    """None where it does not begin with noise, or had too few steps."""
    generate = shot.passes[0]
    if not isinstance(generate, Generate) or generate.base not in models or not spent.calls.get(LegName.BASE):
        return None
    call = fmean(spent.calls[LegName.BASE])
    starts = [max(0.0, start - call) for start in spent.starts]
    warm = starts[1:] if read else starts
    refiner = models.get(generate.refiner or "")
    of_refiner = spent.calls.get(LegName.REFINER)
    return Timed(
        device=device,
        megapixels=megapixels_of(generate),
        guesses=guesses_a_call(generate, prompts=prompts_of(shot)),
        base=_drawn(models[generate.base], call),
        refiner=_drawn(refiner, fmean(of_refiner)) if refiner and of_refiner else None,
        start=fmean(warm) if warm else None,
        read=read,
        cold_start=starts[0] if read else None,
        finish=fmean(spent.finishes),
    )


def _enlarging(made: Sequence[Shot], spent: "_Spent", device: str) -> Iterator[Enlarged]:
    """None where a picture was left as large as it was."""
    enlarged = [
        (each, enlarged_megapixels(before.size, each.size))
        for shot in made
        for before, each in pairwise(shot.passes)
        if isinstance(each, Enlarge)
    ]
    seconds = fmean(spent.enlargings)
    if len(enlarged) == len(made) and seconds > 0:
        pass_, megapixels = enlarged[0]
        yield Enlarged(device=device, upscaler=pass_.upscaler, megapixels=megapixels, seconds=seconds)


def _mending(made: Sequence[Shot], device: str) -> Iterator[Mended]:
    found: dict[str, int] = {}
    for each in (each for shot in made for each in shot.passes if isinstance(each, Mend)):
        found[each.detector] = found.get(each.detector, 0) + len(each.found)
    for detector, count in found.items():
        yield Mended(device=device, detector=detector, found=count / len(made))


@dataclass(slots=True)
class _Spent:
    """Where the seconds went: every event ends a stretch that began with the one before it.

    Attributes:
        last: The second at which the stretch began.
        before: The event with which it began.
        starts: Of each picture, to its first step's end.
        calls: Of each further network call of its first pass.
        finishes: Of each picture, what is neither a call nor a further pass.
        enlargings: Of each picture, with the keeping of what was enlarged.
        begun, finished: Numbers of the pictures that had a step, and of those that had a finishing pass.
        finish, enlarging: Of the picture that comes next.
    """

    last: float
    before: Event | None = None
    starts: list[float] = field(default_factory=list[float])
    calls: dict[LegName, list[float]] = field(default_factory=dict[LegName, list[float]])
    finishes: list[float] = field(default_factory=list[float])
    enlargings: list[float] = field(default_factory=list[float])
    begun: set[int] = field(default_factory=set[int])
    finished: set[int] = field(default_factory=set[int])
    finish: float = 0.0
    enlarging: float = 0.0

    def hear(self, second: float, event: Event) -> None:
        spent = second - self.last
        match event:
            case Step():
                self._step(event, spent)
            case PassStep() | PassSkipped():
                self._end(spent, of_parts=isinstance(event, PassStep) and event.done > 0)
                self.finished.add(event.shot)
            case Loading() if self.begun:
                self._end(spent)  # of an upscaler: it belongs to nothing
            case ShotDone():
                self._end(spent)
                self.finishes.append(self.finish)
                self.enlargings.append(self.enlarging)
                self.finish = self.enlarging = 0.0
            case _:
                return  # what is read belongs to the start that it delays
        self.last, self.before = second, event

    def _step(self, step: Step, spent: float) -> None:
        if step.shot not in self.begun:
            self.begun.add(step.shot)
            self.starts.append(spent)
        elif step.shot not in self.finished:
            self.calls.setdefault(step.leg, []).append(spent)

    def _end(self, spent: float, *, of_parts: bool = False) -> None:
        """Count a stretch for what it began with. Args: of_parts: Whether it was a part of a finishing pass."""
        match self.before:
            case PassStep(name=PassName.ENLARGE):
                self.enlarging += spent
            case PassStep() if not of_parts:
                self.finish += spent
            case Step(shot=shot) if shot not in self.finished:
                self.finish += spent
            case ShotDone() if self.begun:  # of pictures that are drawn together the last steps are long over
                self.finish += spent
            case _:
                pass


def _drawn(model: LocalModel, call: float) -> Drawn:
    # a clock may stand still between two steps of a very small network
    return Drawn(name=model.name, build=build_of(model), call=max(call, 1e-9))
