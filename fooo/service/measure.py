"""What a job took, told from when its events came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from fooo.catalog import LocalModel
from fooo.events import Event, LegName, PassStep, ShotDone, Step
from fooo.plan import Fit, Generate, Mend, Plan, build_of, guesses_a_call, megapixels_of, prompts_of
from fooo.service.timings import Drawn, Timed

Told = Sequence[tuple[float, Event]]
"""Events, each with the second at which it came."""


def measure(
    plan: Plan, told: Told, models: Mapping[str, LocalModel], *, began: float, read: str | None, device: str
) -> Timed | None:
    """The job, measured; None where it did more than draw, did not make all its pictures, or had too few steps.

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
    first, *others = plan.shots[0].passes
    if not isinstance(first, Generate) or any(not isinstance(each, Fit | Mend) for each in others):
        return None  # the seconds of other passes would be taken for those of the drawing
    generate = first
    if len(spent.finishes) < len(plan.shots) or generate.base not in models or not spent.calls.get(LegName.BASE):
        return None
    call = fmean(spent.calls[LegName.BASE])
    starts = [max(0.0, start - call) for start in spent.starts]
    warm = starts[1:] if read else starts
    refiner = models.get(generate.refiner or "")
    of_refiner = spent.calls.get(LegName.REFINER)
    return Timed(
        device=device,
        megapixels=megapixels_of(generate),
        guesses=guesses_a_call(generate, prompts=prompts_of(plan.shots[0])),
        base=_drawn(models[generate.base], call),
        refiner=_drawn(refiner, fmean(of_refiner)) if refiner and of_refiner else None,
        start=fmean(warm) if warm else None,
        read=read,
        cold_start=starts[0] if read else None,
        finish=fmean(spent.finishes),
    )


@dataclass(slots=True)
class _Spent:
    """Where the seconds went: every event ends a stretch that began with the one before it.

    Attributes:
        last: The second at which the stretch began.
        starts: Of each picture, to its first step's end.
        calls: Of each further network call.
        finishes: From the last step before to each picture.
    """

    last: float
    starts: list[float] = field(default_factory=list[float])
    calls: dict[LegName, list[float]] = field(default_factory=dict[LegName, list[float]])
    finishes: list[float] = field(default_factory=list[float])
    begun: set[int] = field(default_factory=set[int])

    def hear(self, second: float, event: Event) -> None:
        spent = second - self.last
        match event:
            case Step(shot=shot) if shot not in self.begun:
                self.begun.add(shot)
                self.starts.append(spent)
            case Step(leg=leg):
                self.calls.setdefault(leg, []).append(spent)
            case PassStep():
                pass  # of mending, which no promise counts
            case ShotDone():
                self.finishes.append(spent)
            case _:
                return  # what is read belongs to the start that it delays
        self.last = second


def _drawn(model: LocalModel, call: float) -> Drawn:
    # a clock may stand still between two steps of a very small network
    return Drawn(name=model.name, build=build_of(model), call=max(call, 1e-9))
