"""What a request wishes of the denoising loop, as the plan decides it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from fooo.catalog import Catalog, Preset, Sampler, Schedule
from fooo.errors import RequestError
from fooo.plan import IdleRefiner, NearestName, Plan, make_plan
from fooo.plan.sampling import carried_out, walked_share
from fooo.record import write_record
from fooo.request import (
    FreeU,
    GuidanceOptions,
    RefinerMethod,
    SamplerOptions,
    SizeScale,
    StrengthSteps,
    Tiling,
    Variation,
    WeightedSeed,
    read_request,
)

PlanOf = Callable[..., Plan]


@pytest.mark.parametrize(
    ("sampling", "sampler", "schedule"),
    [
        ({"sampler": "DPM++ 2M Karras"}, Sampler.DPMPP_2M, Schedule.KARRAS),
        ({"sampler": "sample_euler_ancestral"}, Sampler.EULER_ANCESTRAL, Schedule.SIMPLE),
        ({"sampler": "Euler a", "schedule": "SGM Uniform"}, Sampler.EULER_ANCESTRAL, Schedule.SGM_UNIFORM),
        ({"sampler": "DPM++ 3M SDE Exponential"}, Sampler.DPMPP_3M_SDE, Schedule.EXPONENTIAL),
        ({"sampler": "DPM++ 2M Karras", "schedule": "beta"}, Sampler.DPMPP_2M, Schedule.BETA),
        ({"sampler": "DDIM", "schedule": "Automatic"}, Sampler.DDIM, Schedule.DDIM_UNIFORM),
        ({"sampler": "DPM++ 2M Karras", "schedule": "Automatic"}, Sampler.DPMPP_2M, Schedule.KARRAS),
    ],
)
def test_names_of_other_programs_are_understood(
    plan_of: PlanOf, sampling: dict[str, str], sampler: Sampler, schedule: Schedule
):
    generate = plan_of(sampling=sampling).shots[0].generate
    assert (generate.sampler, generate.schedule) == (sampler, schedule)


def test_a_schedule_in_a_presets_sampler_gives_way_to_the_presets_own(catalog: Catalog):
    def schedule_of(**sampling: str) -> Schedule:
        preset = Preset("p", {"models": {"base": "pocket/base"}, "sampling": sampling})
        with_preset = replace(catalog, presets={"p": preset})
        return make_plan(read_request({"preset": "p"}), with_preset, fallback_seed=1).shots[0].generate.schedule

    assert schedule_of(sampler="DPM++ SDE Exponential") is Schedule.EXPONENTIAL
    assert schedule_of(sampler="DPM++ SDE Exponential", schedule="beta") is Schedule.BETA


@pytest.mark.parametrize(
    ("name", "nearest"), [("PLMS", Sampler.LMS), ("DPM fast", Sampler.DPMPP_2M), ("heunpp2", Sampler.HEUN)]
)
def test_a_sampler_that_is_not_here_is_drawn_by_the_nearest_and_said(plan_of: PlanOf, name: str, nearest: Sampler):
    plan = plan_of(sampling={"sampler": name})
    assert plan.shots[0].generate.sampler is nearest
    assert plan.notices == (NearestName(name, nearest.label),)
    assert plan.request.sampling.sampler == nearest.value


def test_a_schedule_that_is_not_here_is_said_by_its_own_name(plan_of: PlanOf):
    plan = plan_of(sampling={"sampler": "PLMS", "schedule": "KL Optimal"})
    assert plan.notices == (NearestName("PLMS", "LMS"), NearestName("KL Optimal", "Align Your Steps"))


def test_a_plan_on_disk_still_knows_what_it_has_to_tell(plan_of: PlanOf):
    plan = plan_of(prompt="a (cat", sampling={"sampler": "PLMS"}, models={"refiner_switch": 1})
    assert len(plan.notices) == 3
    assert Plan.model_validate_json(plan.model_dump_json()).notices == plan.notices


def test_a_refiner_that_is_left_no_step_is_said(plan_of: PlanOf):
    assert plan_of(models={"refiner_switch": 1}).notices == (IdleRefiner("pocket/refiner", 1, 30),)
    assert plan_of(sampling={"steps": 1}).notices == ()


WISHES: dict[str, Any] = {
    "models": {"refiner_method": "separate", "clip_skip": 3},
    "sampling": {
        "sampler_options": {"eta": 0.5, "s_churn": 3, "s_tmin": 0.1, "s_tmax": 9, "s_noise": 1.01},
        "guidance_options": {"adaptive": 7, "rescale": 0.7, "start": 0.1, "end": 0.8, "perturbed_attention": 3},
        "variation": {"seed": 5, "strength": 0.2},
        "seeds": [{"seed": 1, "weight": 2}, {"seed": 2}],
        "sharpness": 2,
        "size_scale": {},
        "free_u": {"b1": 1.3},
        "tiling": "x",
        "step_cache": 2,
    },
}


def test_every_wish_reaches_the_pass(plan_of: PlanOf):
    generate = plan_of(**WISHES).shots[0].generate
    assert generate.refiner_method is RefinerMethod.SEPARATE
    assert generate.clip_skip == 3
    assert generate.sampler_options == SamplerOptions(eta=0.5, s_churn=3, s_tmin=0.1, s_tmax=9, s_noise=1.01)
    assert generate.guidance_options == GuidanceOptions(
        adaptive=7, rescale=0.7, start=0.1, end=0.8, perturbed_attention=3
    )
    assert generate.variation == Variation(seed=5, strength=0.2)
    assert generate.seeds == (WeightedSeed(seed=1, weight=2), WeightedSeed(seed=2, weight=1))
    assert generate.sharpness == 2
    assert generate.size_scale == SizeScale(positive=1.5, negative=0.8, end=0.3)
    assert generate.free_u == FreeU(b1=1.3)
    assert generate.tiling is Tiling.X
    assert generate.step_cache == 2


def test_nothing_is_wished_by_itself(plan_of: PlanOf):
    generate = plan_of().shots[0].generate
    wished = generate.model_dump(exclude_defaults=True).keys()
    assert wished <= {"size", "steps", "guidance", "sampler", "schedule", "base", "refiner", "refiner_step"}


def test_a_preset_may_wish_and_the_person_may_wish_it_away(catalog: Catalog):
    preset = Preset("p", {"models": {"base": "pocket/base"}, "sampling": {"sharpness": 2, "size_scale": {"end": 0.5}}})
    with_preset = replace(catalog, presets={"p": preset})

    def planned(**sampling: object) -> Any:
        asked = read_request({"preset": "p", "sampling": sampling})
        return make_plan(asked, with_preset, fallback_seed=1).shots[0].generate

    assert (planned().sharpness, planned().size_scale) == (2, SizeScale(end=0.5))
    mine = planned(sharpness=0, size_scale=None)
    assert (mine.sharpness, mine.size_scale) == (0, None)


def test_what_was_wished_is_planned_again_as_it_was_and_read_back_from_a_record(plan_of: PlanOf, catalog: Catalog):
    plan = plan_of(**WISHES, output={"count": 2})
    assert make_plan(plan.request, catalog, fallback_seed=99) == plan
    second = write_record(plan, plan.shots[1], models=(), seconds=0, steps_done=0).request
    (again,) = make_plan(second, catalog, fallback_seed=99).shots
    assert (again.seed, again.texts, again.passes) == (plan.shots[1].seed, plan.shots[1].texts, plan.shots[1].passes)


def test_variations_are_of_one_picture_and_each_of_a_seed_of_its_own(plan_of: PlanOf):
    sampling = {"seed": 7, "variation": {"seed": 2**63 - 1, "strength": 0.2}}
    shots = plan_of(sampling=sampling, output={"count": 3}).shots
    assert [shot.seed for shot in shots] == [7, 7, 7]
    assert [shot.generate.variation.seed for shot in shots if shot.generate.variation] == [2**63 - 1, 0, 1]


def test_an_open_seed_of_a_variation_is_drawn_by_the_callers_and_is_another_one(plan_of: PlanOf, catalog: Catalog):
    def drawn(fallback: int, **sampling: int) -> tuple[int, int]:
        asked = read_request({"sampling": {**sampling, "variation": {"strength": 0.2}}})
        plan = make_plan(asked, catalog, fallback_seed=fallback)
        assert plan.request.sampling.variation
        return plan.shots[0].seed, plan.request.sampling.variation.seed

    assert drawn(42) == drawn(42)
    seed, other = drawn(42)
    assert seed == 42 != other
    assert drawn(43, seed=7) == (7, drawn(43)[1]) != drawn(42, seed=7)


def test_several_seeds_go_on_together_from_picture_to_picture(plan_of: PlanOf):
    shots = plan_of(sampling={"seeds": [{"seed": 1}, {"seed": 9}]}, output={"count": 2}).shots
    assert [[each.seed for each in shot.generate.seeds] for shot in shots] == [[1, 9], [2, 10]]


def test_the_number_of_steps_is_carried_out_or_its_share():
    assert carried_out(20, 0.4, StrengthSteps.ALL, at="x") == 20
    assert carried_out(200, 0.2, StrengthSteps.ALL, at="x") == 200
    assert walked_share(20, 0.4, StrengthSteps.ALL) == 0.4


@pytest.mark.parametrize(
    ("steps", "strength", "carried"), [(20, 0.4, 9), (20, 0.75, 16), (20, 1.0, 20), (3, 0.1, 1), (25, 0.26, 7)]
)
def test_a_share_is_as_many_steps_as_in_the_webui_of_a_schedule_as_long_as_asked(
    steps: int, strength: float, carried: int
):
    """There: int(min(strength, 0.999) * steps) + 1 of the schedule's steps, the last ones."""
    assert carried == int(min(strength, 0.999) * steps) + 1
    assert carried_out(steps, strength, StrengthSteps.SHARE, at="x") == carried
    assert walked_share(steps, strength, StrengthSteps.SHARE) == carried / steps


def test_more_steps_than_a_model_was_trained_at_are_refused():
    with pytest.raises(RequestError, match=r"x: 200 steps at a strength of 0\.1 are more.*; choose 0\.2 or more"):
        carried_out(200, 0.1, StrengthSteps.ALL, at="x")
