"""The loop with small functions in place of networks: what each hook may do, where runs end, how they are stacked."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import cast

import pytest
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from fooo.catalog import Sampler, Schedule
from fooo.errors import BadNumbers
from fooo.events import LegName
from fooo.monitor import Answer
from fooo.pipeline.conditioning import Conditioning
from fooo.pipeline.denoise import Leg, Lend, Run, denoise, denoise_together
from fooo.pipeline.denoiser import Denoiser, Row
from fooo.pipeline.guidance import ClassifierFreeGuidance, Guesses, constant
from fooo.pipeline.hooks import Hook, NanGuard
from fooo.pipeline.latents import Latents
from fooo.pipeline.moment import Call, CallName, Moment
from fooo.pipeline.samplers import SAMPLERS, Sampling
from fooo.pipeline.schedules import Sigmas, karras_sigmas
from fooo.plan import Generate, Shot, Texts
from fooo.request import SamplerOptions, Size
from tests.pipeline.walking import Gaussians, walk_of

SIGMAS = karras_sigmas(6, low=0.03, high=14.6)
POSITIVE, NEGATIVE = 2.0, 1.0


class FakeDenoiser:
    """Guesses flat latents of the value that it is conditioned on; counts its calls."""

    def __init__(self) -> None:
        self.rows: list[int] = []

    def guess(
        self, latents: Latents, sigmas: Sequence[float], conditionings: Sequence[Conditioning], of: Sequence[Row]
    ) -> Latents:
        self.rows.append(len(latents))
        values = torch.cat([each.context for each in conditionings]).view(-1, 1, 1, 1)
        return values + 0 * latents


class CurvedDenoiser(FakeDenoiser):
    """Guesses, in each row, what a mixture of two bells hides behind its latents."""

    def guess(
        self, latents: Latents, sigmas: Sequence[float], conditionings: Sequence[Conditioning], of: Sequence[Row]
    ) -> Latents:
        self.rows.append(len(latents))
        data = Gaussians(low=-1.0, high=1.0, spread=0.3)
        return torch.cat(
            [data.guess(row, sigma) for row, sigma in zip(latents.chunk(len(sigmas)), sigmas, strict=True)]
        )


class Lender:
    """Lends a denoiser and notes when it is given back."""

    def __init__(self, name: str, log: list[str]) -> None:
        self.denoiser, self._name, self._log = FakeDenoiser(), name, log

    @contextmanager
    def __call__(self, hooks: Sequence[Hook]) -> Generator[Denoiser]:
        self._log.append(f"{self._name} in")
        for hook in hooks:
            hook.patch(cast(UNet2DConditionModel, self.denoiser))
        try:
            yield cast(Denoiser, self.denoiser)
        finally:
            self._log.append(f"{self._name} out")


def conditioning(value: float) -> Conditioning:
    return Conditioning(context=torch.tensor([value]), pooled=torch.zeros(1), numbers=torch.zeros(1))


def leg_of(lend: Lend, name: LegName = LegName.BASE, until: float = 0.0) -> Leg:
    words = {CallName.POSITIVE: conditioning(POSITIVE), CallName.NEGATIVE: conditioning(NEGATIVE)}
    return Leg(name=name, lend=lend, until=until, words=words)


def run_of(
    *legs: Leg, hooks: Sequence[Hook] = (), scale: float = 3.0, seed: int = 0, sampler: Sampler = Sampler.EULER,
    sigmas: Sigmas = SIGMAS,
) -> Run:  # fmt: skip
    size = Size(width=64, height=64)
    generate = Generate(
        size=size, steps=6, guidance=scale, sampler=Sampler.EULER, schedule=Schedule.KARRAS, base="b", refiner=None,
        refiner_step=None,
    )  # fmt: skip
    latents = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(seed)) * sigmas[0]
    return Run(
        shot=Shot(number=0, seed=seed, texts=Texts.of("a"), passes=(generate,)),
        sampling=SAMPLERS[sampler](walk_of(latents, sigmas, seed=seed)),
        sigmas=sigmas,
        legs=legs,
        guidance=ClassifierFreeGuidance(constant(scale)),
        hooks=hooks,
        watch=lambda clean, moment: Answer.GO,
    )


@pytest.fixture
def log() -> list[str]:
    return []


@pytest.fixture
def lender(log: list[str]) -> Lender:
    return Lender("base", log)


def test_the_run_ends_at_the_guided_guess(lender: Lender):
    ended = denoise(run_of(leg_of(lender)))
    # Euler's last step goes all the way to the guess: negative + 3 x (positive - negative)
    assert torch.allclose(ended.latents, torch.full_like(ended.latents, 4.0), atol=1e-5)
    assert (ended.steps_done, ended.answer) == (6, Answer.GO)
    assert lender.denoiser.rows == [2] * 6


def test_guidance_of_1_asks_for_the_positive_guess_alone(lender: Lender):
    ended = denoise(run_of(leg_of(lender), scale=1))
    assert torch.allclose(ended.latents, torch.full_like(ended.latents, POSITIVE), atol=1e-5)
    assert lender.denoiser.rows == [1] * 6


def test_the_base_is_given_back_before_the_refiner_is_lent(log: list[str]):
    base, refiner = Lender("base", log), Lender("refiner", log)
    legs: list[LegName] = []
    run = run_of(leg_of(base, until=SIGMAS[4]), leg_of(refiner, LegName.REFINER))

    def watch(clean: Latents, moment: Moment) -> Answer:
        legs.append(moment.leg)
        return Answer.GO

    denoise(replace(run, watch=watch))
    assert log == ["base in", "base out", "refiner in", "refiner out"]
    assert legs == [LegName.BASE] * 4 + [LegName.REFINER] * 2


def test_a_hook_of_the_base_alone_has_no_say_on_the_refiners_leg(log: list[str]):
    class OfTheBase(EveryPlace):
        legs = frozenset({LegName.BASE})

    said: list[str] = []
    legs = leg_of(Lender("base", log), until=SIGMAS[4]), leg_of(Lender("refiner", log), LegName.REFINER)
    denoise(run_of(*legs, hooks=[OfTheBase(said)]))
    assert {what: said.count(what) for what in ("patch", "calls", "condition positive", "guide", "settle")} == {
        "patch": 1, "calls": 4, "condition positive": 4, "guide": 4, "settle": 4,
    }  # fmt: skip


@pytest.mark.parametrize("answer", [Answer.SKIP, Answer.STOP])
def test_skip_and_stop_end_at_the_latest_guess_and_give_the_network_back(
    lender: Lender, log: list[str], answer: Answer
):
    def watch(clean: Latents, moment: Moment) -> Answer:
        return answer if moment.step == 2 else Answer.GO

    ended = denoise(replace(run_of(leg_of(lender)), watch=watch))
    assert (ended.steps_done, ended.answer) == (3, answer)
    assert torch.allclose(ended.latents, torch.full_like(ended.latents, 4.0))
    assert log == ["base in", "base out"]


class EveryPlace(Hook):
    """Has its say in every place, and notes the order."""

    def __init__(self, log: list[str]) -> None:
        self._log = log

    def patch(self, unet: UNet2DConditionModel):
        self._log.append("patch")
        return super().patch(unet)

    def calls(self, wanted: Sequence[Call], moment: Moment) -> Sequence[Call]:
        self._log.append("calls")
        return wanted

    def condition(self, call: Call, moment: Moment) -> Call:
        self._log.append(f"condition {call.name}")
        return call.told(conditioning(10.0)) if call.name is CallName.POSITIVE else call

    def guide(self, guesses: Guesses, moment: Moment) -> Guesses:
        self._log.append("guide")
        return {name: guess + 1 for name, guess in guesses.items()}

    def settle(self, clean: Latents, moment: Moment) -> Latents:
        self._log.append("settle")
        return clean * 2


def test_a_hook_has_its_say_in_every_place_in_order(lender: Lender):
    said: list[str] = []
    ended = denoise(run_of(leg_of(lender), hooks=[EveryPlace(said)]))
    assert said[:6] == ["patch", "calls", "condition negative", "condition positive", "guide", "settle"]
    # negative 1 + 1, positive 10 + 1: (2 + 3 x 9) x 2
    assert torch.allclose(ended.latents, torch.full_like(ended.latents, 58.0), atol=1e-4)


def test_a_hook_that_raises_still_gives_the_network_back(lender: Lender, log: list[str]):
    class Breaks(Hook):
        def settle(self, clean: Latents, moment: Moment) -> Latents:
            return clean * float("nan")

    with pytest.raises(BadNumbers, match="The base model gave numbers that are no picture at step 1"):
        denoise(run_of(leg_of(lender), hooks=[Breaks(), NanGuard()]))
    assert log == ["base in", "base out"]


def test_pictures_drawn_together_are_those_drawn_alone_in_fewer_calls(log: list[str]):
    together = Lender("base", log)
    runs = [run_of(leg_of(together), seed=seed) for seed in range(3)]
    ended = denoise_together(runs)
    assert log == ["base in", "base out"]
    assert together.denoiser.rows == [6] * 6
    alone = [denoise(run_of(leg_of(Lender("base", log)), seed=seed)) for seed in range(3)]
    for one, other in zip(ended, alone, strict=True):
        assert torch.equal(one.latents, other.latents)


@pytest.mark.parametrize("sampler", Sampler)
def test_whatever_the_sampler_a_picture_drawn_with_others_has_its_own_noise(log: list[str], sampler: Sampler):
    def run(seed: int, lender: Lender) -> Run:
        lender.denoiser = CurvedDenoiser()
        # enough steps for Restart to restart
        return run_of(leg_of(lender), seed=seed, sampler=sampler, sigmas=karras_sigmas(20, low=0.03, high=14.6))

    shared = Lender("base", log)
    together = denoise_together([run(seed, shared) for seed in range(3)])
    for seed, ended in enumerate(together):
        assert torch.equal(ended.latents, denoise(run(seed, Lender("base", log))).latents)
    assert not torch.allclose(together[0].latents, together[1].latents, atol=0.1)


def test_the_steps_of_a_sampler_that_adds_noise_on_top_are_counted_from_0(lender: Lender):
    steps: list[int] = []

    def watch(clean: Latents, moment: Moment) -> Answer:
        steps.append(moment.step)
        return Answer.GO

    latents = torch.zeros(1, 4, 8, 8)
    churned = SAMPLERS[Sampler.EULER](walk_of(latents, SIGMAS, options=SamplerOptions(s_churn=0.3)))
    denoise(replace(run_of(leg_of(lender)), sampling=churned, watch=watch))
    assert steps[0] == 0
    assert steps == sorted(steps)


def test_pictures_with_longer_words_are_drawn_in_calls_of_their_own(lender: Lender):
    plain = leg_of(lender)
    long = {name: replace(words, context=words.context.view(1, 1)) for name, words in plain.words.items()}
    runs = [run_of(plain), run_of(replace(plain, words=long), seed=1), run_of(leg_of(lender), seed=2)]
    assert len(denoise_together(runs)) == 3
    assert lender.denoiser.rows == [4, 2] * 6


def test_one_picture_of_several_may_end_before_the_others(lender: Lender):
    def stop_at_2(clean: Latents, moment: Moment) -> Answer:
        return Answer.SKIP if moment.step == 1 else Answer.GO

    runs = [run_of(leg_of(lender)), replace(run_of(leg_of(lender), seed=1), watch=stop_at_2)]
    assert [ended.steps_done for ended in denoise_together(runs)] == [6, 2]
    assert lender.denoiser.rows == [4, 4, 2, 2, 2, 2]


def test_an_abandoned_run_closes_its_sampler(lender: Lender):
    closed: list[bool] = []

    def sampling() -> Sampling:
        try:
            return (yield from run_of(leg_of(lender)).sampling)
        finally:
            closed.append(True)

    def stop(clean: Latents, moment: Moment) -> Answer:
        return Answer.STOP

    denoise(replace(run_of(leg_of(lender)), sampling=sampling(), watch=stop))
    assert closed == [True]
