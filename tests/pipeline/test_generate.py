"""A Generate pass made into a run: what each of its wishes comes to in the loop."""

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import torch

from fooo.catalog import Sampler, Schedule
from fooo.events import LegName
from fooo.monitor import Answer
from fooo.pipeline import Latents, Moment, Networks, denoise, prepare_run
from fooo.pipeline.conditioning import Conditioning
from fooo.pipeline.denoise import Run
from fooo.pipeline.generate import starting_noise
from fooo.pipeline.hooks import (
    PERTURBED,
    FreeU,
    Hook,
    NanGuard,
    PerturbedAttention,
    SeamlessTiling,
    Sharpness,
    SizeScale,
)
from fooo.pipeline.latents import draw_noise, on_the_way
from fooo.pipeline.samplers import SAMPLERS, Ask
from fooo.pipeline.schedules import make_sigmas
from fooo.plan import Generate, Shot, Texts
from fooo.request import FreeU as FreeUWish
from fooo.request import GuidanceOptions, RefinerMethod, SamplerOptions, Size, Tiling, Variation, WeightedSeed
from fooo.request import SizeScale as SizeScaleWish
from tests.oracle.conftest import networks_of
from tests.pipeline.ordinary_noise import at_ordinary_noise
from tests.pipeline.walking import LEVELS, walk_of

SIZE = Size(width=64, height=64)
SEED = 7
RunOf = Callable[..., Run]


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Networks:
    models = at_ordinary_noise(tmp_path_factory.mktemp("models"))
    return networks_of(models["base"], models["refiner"])


def shot_of(**wishes: Any) -> Shot:
    generate = Generate(
        size=SIZE, steps=4, guidance=4.0, sampler=Sampler.EULER, schedule=Schedule.KARRAS, base="pocket/base",
        refiner=None, refiner_step=None,
    )  # fmt: skip
    return Shot(number=0, seed=SEED, texts=Texts.of("a red apple"), passes=(generate.model_copy(update=wishes),))


@pytest.fixture
def run_of(networks: Networks) -> RunOf:
    def run(*, start: Latents | None = None, seed: int = SEED, **wishes: Any) -> Run:
        shot = shot_of(**wishes).model_copy(update={"seed": seed})
        return prepare_run(shot, shot.generate, networks, watch=lambda clean, moment: Answer.GO, start=start)

    return run


def refined(method: RefinerMethod, **wishes: Any) -> dict[str, Any]:
    return {"refiner": "pocket/refiner", "refiner_step": 3, "refiner_method": method, **wishes}


def kinds(run: Run) -> list[type[Hook]]:
    return [type(hook) for hook in run.hooks]


@pytest.mark.parametrize(
    ("wish", "hook"),
    [
        ({"sharpness": 2.0}, Sharpness),
        ({"size_scale": SizeScaleWish()}, SizeScale),
        ({"free_u": FreeUWish()}, FreeU),
        ({"tiling": Tiling.X}, SeamlessTiling),
    ],
)
def test_what_is_off_is_no_hook_at_all_and_what_is_on_is_its_own(run_of: RunOf, wish: dict[str, Any], hook: type[Hook]):
    assert kinds(run_of()) == [NanGuard]
    assert kinds(run_of(**wish)) == [hook, NanGuard]


@pytest.mark.parametrize(
    "wish",
    [
        {"sharpness": 30.0},
        {"size_scale": SizeScaleWish()},
        {"free_u": FreeUWish(b1=1.3, b2=1.4, s1=0.9, s2=0.2)},
        {"tiling": Tiling.BOTH},
        {"guidance_options": GuidanceOptions(adaptive=2)},
        {"guidance_options": GuidanceOptions(rescale=0.7)},
        {"guidance_options": GuidanceOptions(start=0.5)},
        {"guidance_options": GuidanceOptions(perturbed_attention=3)},
        {"sampler_options": SamplerOptions(s_churn=2)},
    ],
    ids=str,
)
def test_each_wish_changes_the_picture_and_is_gone_with_it(run_of: RunOf, wish: dict[str, Any]):
    before = denoise(run_of()).latents
    assert float((denoise(run_of(**wish)).latents - before).abs().max()) > 1e-3
    assert torch.equal(denoise(run_of()).latents, before)


def told_at(run: Run, step: int) -> dict[str, Conditioning]:
    """What each call is told at a step."""
    moment = run.moment(Ask(torch.zeros(1, 4, 8, 8), run.sigmas[step]))
    calls = run.guidance.calls(run.legs[0].words, moment)
    for hook in run.hooks:
        calls = hook.calls(calls, moment)
    for hook in run.hooks:
        calls = [hook.condition(call, moment) for call in calls]
    return {call.name: call.conditioning for call in calls}


def test_the_perturbed_guess_hears_the_first_prompt_as_it_changes(networks: Networks):
    options = GuidanceOptions(perturbed_attention=3.0)
    shot = shot_of(guidance_options=options).model_copy(update={"texts": Texts.of("[a cat:a dog:0.5] AND snow")})
    run = prepare_run(shot, shot.generate, networks, watch=lambda clean, moment: Answer.GO)
    first, last = told_at(run, 0), told_at(run, 3)
    assert told_at(run, 0)[PERTURBED] is told_at(run, 1)[PERTURBED]
    for told in (first, last):
        assert set(told) == {"negative", "positive", "positive 2", PERTURBED}
        assert [name for name, each in told.items() if each.perturbed] == [PERTURBED]
        assert torch.equal(told[PERTURBED].context, told["positive"].context)
    assert not torch.equal(first[PERTURBED].context, last[PERTURBED].context)


def test_the_interval_of_the_guidance_is_counted_in_steps(run_of: RunOf):
    run = run_of(steps=10, guidance_options=GuidanceOptions(start=0.2, end=0.7))
    guided = [step for step in range(10) if "negative" in told_at(run, step)]
    assert guided == [2, 3, 4, 5, 6]


def test_guidance_of_any_kind_keeps_to_the_interval(run_of: RunOf):
    options = GuidanceOptions(start=0.2, end=0.7, perturbed_attention=3)
    run = run_of(steps=10, guidance_options=options)
    assert [step for step in range(10) if PERTURBED in told_at(run, step)] == [2, 3, 4, 5, 6]
    ended = denoise(run).latents
    assert not torch.equal(
        ended, denoise(run_of(steps=10, guidance_options=GuidanceOptions(start=0.2, end=0.7))).latents
    )


@pytest.mark.parametrize(
    "wish",
    [
        {"free_u": FreeUWish(b1=1.3, b2=1.4, s1=0.9, s2=0.2)},
        {"size_scale": SizeScaleWish(end=1.0)},
    ],
    ids=str,
)
def test_what_is_found_for_whole_models_leaves_the_refiner_alone(run_of: RunOf, wish: dict[str, Any]):
    """From one and the same picture, which is all that the base has a say in, the refiner draws what it would."""
    run, plain = (run_of(**refined(RefinerMethod.JOINT, steps=4, **each)) for each in (wish, {}))
    start = draw_noise(5, SIZE)

    def finished(run: Run) -> Latents:
        sigmas = run.sigmas[3:]
        walk = walk_of(start * sigmas[0], sigmas)
        return denoise(replace(run, sampling=SAMPLERS[Sampler.EULER](walk))).latents

    assert torch.equal(finished(run), finished(plain))
    assert not torch.equal(denoise(run).latents, denoise(plain).latents)


def test_the_refiner_is_asked_for_no_perturbed_guess(run_of: RunOf):
    run = run_of(**refined(RefinerMethod.JOINT, guidance_options=GuidanceOptions(perturbed_attention=3)))
    on = {leg: [type(hook) for hook in run.hooks_on(leg)] for leg in LegName}
    assert on == {LegName.BASE: [PerturbedAttention, NanGuard], LegName.REFINER: [NanGuard]}


def test_guidance_from_the_beginning_is_there_above_the_first_noise_level_too(run_of: RunOf):
    run = run_of(guidance_options=GuidanceOptions(end=0.5))
    moment = run.moment(Ask(torch.zeros(1, 4, 8, 8), run.sigmas[0] * 1.4))
    assert len(run.guidance.calls(run.legs[0].words, moment)) == 2


def test_the_size_is_scaled_while_the_training_steps_are_above_their_share(run_of: RunOf):
    run = run_of(steps=20, schedule=Schedule.NORMAL, size_scale=SizeScaleWish(positive=2, negative=0.5, end=0.3))
    times = [LEVELS.time(run.sigmas[step]) for step in range(20)]
    heights = [float(told_at(run, step)["positive"].numbers[0, 0]) for step in range(20)]
    assert heights == [128 if time > 999 * 0.7 else 64 for time in times]


@pytest.mark.parametrize(("strength", "whole"), [(0.4, 50), (0.382, 52), (1.0, 20), (0.28, 71)])
def test_a_strength_walks_all_steps_at_the_end_of_a_longer_schedule(run_of: RunOf, strength: float, whole: int):
    run = run_of(steps=20, strength=strength, start=torch.zeros(1, 4, 8, 8))
    assert run.sigmas == make_sigmas(Schedule.KARRAS, whole, LEVELS)[-21:]
    asked: list[float] = []

    def watch(clean: Latents, moment: Moment) -> Answer:
        asked.append(moment.sigma)
        return Answer.GO

    assert denoise(replace(run, watch=watch)).steps_done == 20
    assert asked == run.sigmas[:-1]


def test_a_strength_that_no_float_holds_walks_the_schedule_that_a_person_would_reckon(run_of: RunOf):
    """7 / 0.07 is 99.99999999999999, and 7 / (7 / 25) is 24.999999999999996."""
    start = torch.zeros(1, 4, 8, 8)
    for strength, whole in ((0.07, 100), (7 / 25, 25)):
        sigmas = run_of(steps=7, strength=strength, start=start).sigmas
        assert sigmas == make_sigmas(Schedule.KARRAS, whole, LEVELS)[-8:]


def test_a_pass_over_something_begins_with_it_and_as_much_noise_as_its_first_level(run_of: RunOf):
    start = draw_noise(3, SIZE)
    run = run_of(steps=5, strength=0.5, start=start)
    first = next(run.sampling)
    assert first.sigma == run.sigmas[0]
    assert torch.allclose(first.latents, start + draw_noise(SEED, SIZE) * first.sigma)


def test_the_less_the_strength_the_more_stays_of_what_was_there(run_of: RunOf):
    start = denoise(run_of()).latents
    apart = [
        float((denoise(run_of(seed=8, strength=strength, start=start)).latents - start).square().mean())
        for strength in (0.05, 0.3, 0.6, 1.0)
    ]
    assert apart == sorted(apart)
    assert apart[0] < 0.2 * apart[-1]


def test_few_steps_of_little_strength_never_leave_what_the_model_knows(run_of: RunOf):
    """200 / 0.1 would be a schedule of 2000 steps, twice as many as the model was trained at."""
    run = run_of(steps=200, strength=0.1, schedule=Schedule.DDIM_UNIFORM, start=torch.zeros(1, 4, 8, 8))
    assert all(high > low for high, low in pairwise(run.sigmas))


def test_a_variation_of_none_is_the_seeds_own_noise_and_one_of_all_is_the_others_bit_for_bit():
    def noise_with(strength: float) -> Latents:
        shot = shot_of(variation=Variation(seed=99, strength=strength))
        return starting_noise(shot, shot.generate)

    assert torch.equal(noise_with(0), draw_noise(SEED, SIZE))
    assert torch.equal(noise_with(1), draw_noise(99, SIZE))
    assert torch.equal(starting_noise(shot_of(), shot_of().generate), draw_noise(SEED, SIZE))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_on_the_way_the_noise_is_as_loud_as_both_and_turns_evenly(share: float):
    def length(noise: Latents) -> float:
        return math.sqrt(float(noise.square().sum()))

    def angle(one: Latents, other: Latents) -> float:
        return math.acos(float((one * other).sum()) / length(one) / length(other))

    one = draw_noise(1, SIZE)
    other = draw_noise(2, SIZE) * (length(one) / length(draw_noise(2, SIZE)))
    between = on_the_way(one, other, share)
    assert length(between) == pytest.approx(length(one), rel=1e-4)
    assert angle(one, between) == pytest.approx(share * angle(one, other), abs=1e-3)


def test_the_same_noise_twice_is_itself():
    one = draw_noise(1, SIZE)
    assert torch.equal(on_the_way(one, one, 0.5), one)


def test_a_whole_variation_is_the_picture_of_its_seed_also_where_noise_is_added_on_the_way(run_of: RunOf):
    def drawn(**wishes: Any) -> Latents:
        return denoise(run_of(sampler=Sampler.EULER_ANCESTRAL, **wishes)).latents

    own, other = drawn(), drawn(seed=99)
    assert torch.equal(drawn(variation=Variation(seed=99, strength=0)), own)
    assert torch.equal(drawn(variation=Variation(seed=99, strength=1)), other)
    half = drawn(variation=Variation(seed=99, strength=0.5))
    assert min(float((half - each).abs().max()) for each in (own, other)) > 0.1


def test_several_seeds_are_mixed_by_weight_and_are_as_loud_as_one():
    size = Size(width=1024, height=1024)
    seeds = (WeightedSeed(seed=1, weight=2.0), WeightedSeed(seed=2, weight=1.0))
    shot = shot_of(seeds=seeds, size=size)
    mixed = starting_noise(shot, shot.generate)
    wanted = (2 * draw_noise(1, size) + draw_noise(2, size)) / math.sqrt(5)
    assert torch.allclose(mixed, wanted, atol=1e-6)
    # 65,536 values tell their spread to 0.3 %
    assert float(mixed.std()) == pytest.approx(1, abs=0.01)
    alone = shot_of(seeds=(WeightedSeed(seed=5, weight=0.3),))
    assert torch.equal(starting_noise(alone, alone.generate), draw_noise(5, SIZE))


def test_a_sampler_that_remembers_nothing_does_not_care_how_the_refiner_takes_over(run_of: RunOf):
    one, other = (denoise(run_of(**refined(method))).latents for method in RefinerMethod)
    assert torch.equal(one, other)


def test_a_sampler_that_remembers_forgets_the_base_where_the_refiners_run_is_its_own(run_of: RunOf):
    one, other = (
        denoise(run_of(**refined(method, sampler=Sampler.DPMPP_2M, steps=6))).latents for method in RefinerMethod
    )
    assert float((one - other).abs().max()) > 1e-4


def legs_of(run: Run) -> tuple[list[LegName], Latents]:
    """Which network was asked each time, and where the run ended."""
    legs: list[LegName] = []

    def watch(clean: Latents, moment: Moment) -> Answer:
        legs.append(moment.leg)
        return Answer.GO

    return legs, denoise(replace(run, watch=watch)).latents


def test_a_step_of_two_calls_ends_in_the_network_that_began_it_where_the_refiners_run_is_its_own(run_of: RunOf):
    asked = {
        method: legs_of(run_of(**refined(method, sampler=Sampler.HEUN)))[0].index(LegName.REFINER)
        for method in RefinerMethod
    }
    # three steps of two calls; by the noise level, the last of them is the refiner's
    assert asked == {RefinerMethod.JOINT: 5, RefinerMethod.SEPARATE: 6}


@pytest.mark.parametrize("method", RefinerMethod)
def test_restart_goes_back_to_the_base_where_its_noise_does_and_stays_with_a_refiner_of_its_own(
    run_of: RunOf, method: RefinerMethod
):
    """From step 30 of 44 the noise is below 0.6, and the restarts go up to 2."""
    wishes = refined(method, sampler=Sampler.RESTART, steps=44, guidance=1.0) | {"refiner_step": 30}
    legs, latents = legs_of(run_of(**wishes))
    assert torch.isfinite(latents).all()
    changes = sum(one is not other for one, other in pairwise(legs))
    assert changes == (1 if method is RefinerMethod.SEPARATE else 5)


def test_calls_of_a_step_count_for_parts_of_it(run_of: RunOf):
    done: list[float] = []

    def watch(clean: Latents, moment: Moment) -> Answer:
        done.append(moment.done * moment.steps)
        return Answer.GO

    denoise(replace(run_of(sampler=Sampler.HEUN, steps=5), watch=watch))
    assert done == pytest.approx([number / 9 * 5 for number in range(1, 10)])


def test_a_picture_that_is_stopped_has_done_the_steps_that_its_calls_make(run_of: RunOf):
    def stop_at_the_fifth(clean: Latents, moment: Moment) -> Answer:
        return Answer.STOP if moment.done >= 5 / 9 else Answer.GO

    assert denoise(replace(run_of(sampler=Sampler.HEUN, steps=5), watch=stop_at_the_fifth)).steps_done == 3


def test_the_options_of_the_sampler_reach_it(run_of: RunOf):
    plain = denoise(run_of(sampler=Sampler.EULER_ANCESTRAL)).latents
    without_noise = denoise(run_of(sampler=Sampler.EULER_ANCESTRAL, sampler_options=SamplerOptions(eta=0))).latents
    assert torch.allclose(without_noise, denoise(run_of()).latents, atol=1e-5)
    assert not torch.allclose(plain, without_noise, atol=1e-2)
