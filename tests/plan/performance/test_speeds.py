from collections.abc import Callable
from dataclasses import replace

import pytest

from fooo.catalog import Catalog, Sampler
from fooo.plan import Pace, Plan, Speeds, build_of, guesses_a_call, prompts_of
from fooo.plan.performance.speeds import calls_of
from fooo.request import GuidanceOptions

PlanOf = Callable[..., Plan]


@pytest.mark.parametrize(
    ("sampling", "base", "refiner"),
    [
        ({"steps": 10}, 8, 2),
        ({"steps": 10, "guidance": 1}, 8, 2),
        ({"steps": 10, "sampler": "heun"}, 15.2, 3.8),
    ],
)
def test_calls_are_counted_for_each_network(plan_of: PlanOf, sampling: dict[str, object], base: float, refiner: float):
    counted = calls_of(plan_of(sampling=sampling).shots[0].generate)
    assert counted == {"pocket/base": pytest.approx(base), "pocket/refiner": pytest.approx(refiner)}


def test_a_sampler_that_chooses_its_steps_takes_as_many_calls_whatever_is_asked(plan_of: PlanOf):
    few, many = (
        plan_of(sampling={"steps": steps, "sampler": "dpm_adaptive"}, models={"refiner": None}).shots[0].generate
        for steps in (5, 100)
    )
    assert calls_of(few) == calls_of(many)


def test_every_further_prompt_and_guidance_is_a_guess_more(plan_of: PlanOf):
    shot = plan_of(prompt="a cat AND a dog AND a hat", models={"refiner": None}).shots[0]
    assert prompts_of(shot) == 3
    assert guesses_a_call(shot.generate, prompts=3) == 4
    options = GuidanceOptions(perturbed_attention=3)
    assert guesses_a_call(shot.generate.model_copy(update={"guidance_options": options})) == 3
    half = GuidanceOptions(start=0.25, end=0.75)
    assert guesses_a_call(shot.generate.model_copy(update={"guidance_options": half})) == 1.5
    assert guesses_a_call(shot.generate.model_copy(update={"guidance": 1})) == 1


def test_a_perturbed_guess_is_the_bases_alone(plan_of: PlanOf):
    options = GuidanceOptions(start=0.5, end=1, perturbed_attention=3)
    generate = plan_of(sampling={"steps": 10}).shots[0].generate.model_copy(update={"guidance_options": options})
    assert generate.refiner_step == 8
    # of ten steps, five with a negative, and three of them with a perturbed guess
    assert guesses_a_call(generate) == pytest.approx(1 + 0.5 + 0.3)


def test_a_promise_adds_up_the_pictures_and_the_reading(plan_of: PlanOf, catalog: Catalog):
    plan = plan_of(sampling={"steps": 10}, models={"refiner": None}, output={"count": 3})
    assert plan.shots[0].generate.sampler is Sampler.DPMPP_2M
    size = 0.128**2
    pace = Pace(2.0, growth=0.5, start=1.0, finish=100.0, loading=7.0)
    speeds = Speeds({build_of(catalog.models["pocket/base"]): pace})
    one = 1 + 10 * 2 * (2 * size) ** 0.5 + 100 * size
    cold = speeds.promise(plan, catalog.models)
    warm = replace(speeds, ready=frozenset({"pocket/base"})).promise(plan, catalog.models)
    assert cold is not None
    assert warm is not None
    assert (cold.seconds, cold.loading, cold.pictures) == (pytest.approx(3 * one + 7), 7, 3)
    assert (warm.seconds, warm.loading, warm.pictures) == (pytest.approx(3 * one), 0, 3)


def test_nothing_is_promised_of_a_network_that_was_never_measured(plan_of: PlanOf, catalog: Catalog):
    speeds = Speeds({"pocket/base": Pace(1.0)})
    assert speeds.promise(plan_of(), catalog.models) is None
    assert speeds.promise(plan_of(models={"refiner": None}), catalog.models) is not None
