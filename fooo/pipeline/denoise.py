"""The loop: samplers ask, networks guess, hooks have their say. It knows no feature and no sampler."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass

import torch

from fooo.events import LegName
from fooo.monitor import Answer
from fooo.pipeline.conditioning import Conditioning
from fooo.pipeline.denoiser import Denoiser, Row
from fooo.pipeline.guidance import Guidance
from fooo.pipeline.hooks import Hook
from fooo.pipeline.latents import Latents
from fooo.pipeline.moment import Call, CallName, Moment
from fooo.pipeline.samplers import Ask, Sampling
from fooo.pipeline.schedules import Sigmas
from fooo.plan import Shot

Lend = Callable[[Sequence[Hook]], AbstractContextManager[Denoiser]]
"""Lends a leg's denoiser, patched by the hooks, for the length of a context. Equal ones lend the same network."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Leg:
    """A stretch of noise levels and the network that works on it.

    Attributes:
        until: The leg carries out every ask above this noise level; the last leg's is 0.
    """

    name: LegName
    lend: Lend
    until: float
    words: Mapping[CallName, Conditioning]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Run:
    """One picture on its way through the loop.

    Attributes:
        sampling: The sampler at work on this picture, not yet started.
        sigmas: The noise levels that it walks.
        legs: In the order of falling noise.
        watch: Called with each settled guess; its answer ends the run at that guess or lets it go on.
    """

    shot: Shot
    sampling: Sampling
    sigmas: Sigmas
    legs: Sequence[Leg]
    guidance: Guidance
    hooks: Sequence[Hook]
    watch: Callable[[Latents, Moment], Answer]

    def leg(self, ask: Ask) -> Leg:
        """The one that the sampler names, else the one of the noise level."""
        return next(leg for leg in self.legs if (leg.name is ask.leg if ask.leg else ask.sigma > leg.until))

    def hooks_on(self, leg: LegName) -> Sequence[Hook]:
        """Those that act on a leg, in order."""
        return [hook for hook in self.hooks if leg in hook.legs]

    def moment(self, ask: Ask) -> Moment:
        """The step is the last one of the schedule that begins at or above the noise level; above all of them, 0."""
        step = max(0, sum(each >= ask.sigma for each in self.sigmas[:-1]) - 1)
        steps = len(self.sigmas) - 1
        return Moment(
            shot=self.shot,
            leg=self.leg(ask).name,
            step=step,
            steps=steps,
            sigma=ask.sigma,
            latents=ask.latents,
            done=(step + 1) / steps if ask.done is None else ask.done,
        )


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Ended:
    """Where a run ended: at its last step, or at its latest guess when someone skipped or stopped."""

    latents: Latents
    steps_done: int
    answer: Answer


def denoise(run: Run) -> Ended:
    """Carry one picture from noise to clean latents."""
    return denoise_together([run])[0]


@torch.inference_mode()
def denoise_together(runs: Sequence[Run]) -> list[Ended]:
    """Carry several pictures from noise to clean latents, as many as possible in one network call.

    Each picture has its own sampler, which may be at a step of its own; the results are those of each run alone, up to
    the rounding of larger matrix products. Runs that share a network share its hooks' patches too.
    """
    asks: dict[int, Ask] = {number: next(run.sampling) for number, run in enumerate(runs)}
    ended: dict[int, Ended] = {}
    with ExitStack() as networks:
        lent: dict[Lend, Denoiser] = {}
        while asks:
            legs = {number: runs[number].leg(ask) for number, ask in asks.items()}
            moments = {number: runs[number].moment(ask) for number, ask in asks.items()}
            needed = {leg.lend: runs[number].hooks_on(leg.name) for number, leg in legs.items()}
            if needed.keys() != lent.keys():
                networks.close()
                lent = {lend: networks.enter_context(lend(hooks)) for lend, hooks in needed.items()}
            for lend, together in _groups(asks, legs):
                for number, clean in _guess(lent[lend], runs, together, moments).items():
                    end = _go_on(runs[number], asks, number, clean, moments[number])
                    if end is not None:
                        ended[number] = end
    return [ended[number] for number in range(len(runs))]


def _groups(asks: Mapping[int, Ask], legs: Mapping[int, Leg]) -> list[tuple[Lend, dict[int, Ask]]]:
    """The asks that one network call can carry: of one network, one size and one length of words."""
    groups: dict[tuple[Lend, torch.Size, torch.Size], dict[int, Ask]] = {}
    for number, ask in asks.items():
        leg = legs[number]
        words = leg.words[CallName.POSITIVE].context.shape
        groups.setdefault((leg.lend, ask.latents.shape, words), {})[number] = ask
    return [(lend, together) for (lend, _, _), together in groups.items()]


def _guess(
    denoiser: Denoiser, runs: Sequence[Run], asks: Mapping[int, Ask], moments: Mapping[int, Moment]
) -> dict[int, Latents]:
    """One network call for every call that every picture wants; then each picture's guesses made into one."""
    rows = [(number, ask, call) for number, ask in asks.items() for call in _calls(runs[number], ask, moments[number])]
    guessed = denoiser.guess(
        torch.cat([ask.latents for _, ask, _ in rows]),
        [ask.sigma for _, ask, _ in rows],
        [call.conditioning for _, _, call in rows],
        [Row(number, call.name) for number, _, call in rows],
    ).chunk(len(rows))
    clean: dict[int, Latents] = {}
    for number in asks:
        run, moment = runs[number], moments[number]
        guesses = {call.name: guess for (of, _, call), guess in zip(rows, guessed, strict=True) if of == number}
        hooks = run.hooks_on(moment.leg)
        for hook in hooks:
            guesses = hook.guide(guesses, moment)
        settled = run.guidance.combine(guesses, moment)
        for hook in hooks:
            settled = hook.settle(settled, moment)
        clean[number] = settled
    return clean


def _calls(run: Run, ask: Ask, moment: Moment) -> Sequence[Call]:
    calls = run.guidance.calls(run.leg(ask).words, moment)
    hooks = run.hooks_on(moment.leg)
    for hook in hooks:
        calls = hook.calls(calls, moment)
    for hook in hooks:
        calls = [hook.condition(call, moment) for call in calls]
    return calls


def _go_on(run: Run, asks: dict[int, Ask], number: int, clean: Latents, moment: Moment) -> Ended | None:
    """Send the sampler its guess and take its next ask, unless the run ends here."""
    answer = run.watch(clean, moment)
    if answer is not Answer.GO:
        run.sampling.close()
        del asks[number]
        return Ended(latents=clean, steps_done=moment.steps_done, answer=answer)
    try:
        asks[number] = run.sampling.send(clean)
    except StopIteration as finished:
        del asks[number]
        return Ended(latents=finished.value, steps_done=moment.steps, answer=Answer.GO)
    return None
