"""What a time buys, on machines whose speed is said and not measured."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fooo.catalog import Catalog, modes_by_name
from fooo.errors import RequestError
from fooo.plan import NotMeasured, Pace, Plan, Sketch, Speeds, build_of, make_plan, prompts_of
from fooo.plan.performance.budget import read_budget
from fooo.request import Size, read_request
from tests.detectors import CENTERFACE


@pytest.fixture(scope="module")
def plain(catalog: Catalog) -> Catalog:
    """Of someone with a full SDXL model and no LoRA."""
    base = replace(catalog.models["pocket/base"], name="mine", knows=None, native_size=Size(width=1024, height=1024))
    return replace(catalog, models={base.name: base}, detectors=(CENTERFACE,))


@pytest.fixture(scope="module")
def stocked(plain: Catalog) -> Catalog:
    loras = {mode.lora: Path(mode.lora) for mode in modes_by_name().values() if mode.lora}
    return replace(plain, loras=loras)


def bought(catalog: Catalog, budget: str, guess: float | None = 0.5, **fields: Any) -> Plan:
    """The plan on a machine that takes so long for a guess of one megapixel."""
    paces = {build_of(catalog.models["mine"]): Pace(guess, start=0.5, finish=0.5)} if guess else {}
    sampling = {"budget": budget, **fields.pop("sampling", {})}
    asked = read_request({"prompt": "a cat", "preset": "default", "sampling": sampling, **fields})
    return make_plan(asked, catalog, fallback_seed=1, speeds=Speeds(paces))


def chosen(plan: Plan) -> tuple[str | None, int, str]:
    return plan.request.sampling.performance, plan.shots[0].steps, str(plan.shots[0].size)


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("5 s", 5), ("20s", 20), ("2,5 s", 2.5), ("90", 90),
        ("1 min", 60), ("1.5 min", 90), ("3 分钟", 180), ("BEST", math.inf),
    ],
)  # fmt: skip
def test_a_time_is_read_as_people_write_it(words: str, seconds: float):
    assert read_budget(words) == seconds


@pytest.mark.parametrize("words", ["0 s", "-5 s", "soon", "5 h", "1e9", "nan", "", " ", "5 5 s", "9" * 300])
def test_what_is_no_time_is_a_sentence(words: str):
    with pytest.raises(RequestError, match="is no time; say seconds or minutes, such as 20 s or 1 min, or best"):
        read_budget(words)


@pytest.mark.parametrize(
    ("budget", "mode", "steps", "size"),
    [
        ("best", "Quality", 60, "1024x1024"),
        ("5 min", "Quality", 60, "1024x1024"),
        ("1 min", "Quality", 56, "1024x1024"),
        ("34 s", "Quality", 31, "1024x1024"),
        ("33 s", "Speed", 30, "1024x1024"),
        ("20 s", "Speed", 18, "1024x1024"),
        ("17 s", "Speed", 15, "1024x1024"),
        ("15 s", "Speed", 18, "880x880"),
        ("10 s", "Speed", 16, "744x744"),
    ],
)
def test_time_buys_modes_and_steps_first_and_gives_up_pixels_last(
    plain: Catalog, budget: str, mode: str, steps: int, size: str
):
    plan = bought(plain, budget)
    assert chosen(plan) == (mode, steps, size)
    assert plan.notices == ()


@pytest.mark.parametrize(("budget", "mode"), [("20 s", "Speed"), ("15 s", "Hyper-SD"), ("3.5 s", "Lightning")])
def test_modes_whose_lora_is_here_come_before_fewer_pixels(stocked: Catalog, budget: str, mode: str):
    plan = bought(stocked, budget)
    assert chosen(plan)[::2] == (mode, "1024x1024")
    assert plan.shots[0].steps <= modes_by_name()[mode].steps


@given(budget=st.floats(2, 200), guess=st.floats(0.01, 1))
def test_nothing_that_is_bought_takes_longer_and_planning_it_again_is_the_same(
    stocked: Catalog, budget: float, guess: float
):
    plan = bought(stocked, f"{budget:.3f} s", guess)
    speeds = Speeds({"mine": Pace(guess, start=0.5, finish=0.5)})
    seconds = speeds.picture(plan.shots[0].generate, stocked.models)
    assert seconds is not None
    assert seconds <= budget + 0.001
    again = make_plan(plan.request, stocked, fallback_seed=2)
    assert (again.request, again.shots) == (plan.request, plan.shots)
    assert plan.request.sampling.budget is None


def test_each_further_prompt_is_paid_for(plain: Catalog):
    plan = bought(plain, "20 s", prompt="a cat AND a dog")
    assert prompts_of(plan.shots[0]) == 2
    promise = Speeds({"mine": Pace(0.5, start=0.5, finish=0.5)}).promise(plan, plain.models)
    assert promise is not None
    assert promise.seconds <= 20
    # 20 s buy 18 steps of one prompt, whose calls make two guesses and not three
    assert chosen(plan) != chosen(bought(plain, "20 s"))


def test_what_the_request_says_itself_stays(stocked: Catalog):
    assert chosen(bought(stocked, "10 s", size="1024x1024")) == ("Hyper-SD", 4, "1024x1024")
    assert chosen(bought(stocked, "10 s", size="16:9"))[2] == "1344x768"
    assert chosen(bought(stocked, "20 s", sampling={"performance": "Lightning"})) == ("Lightning", 4, "1024x1024")
    assert chosen(bought(stocked, "8 s", sampling={"steps": 9})) == ("Speed", 9, "880x880")


def test_the_person_outdoes_the_mode_that_the_budget_chose(stocked: Catalog):
    generate = bought(stocked, "3.5 s", sampling={"sampler": "heun"}, size="1024x1024").shots[0].generate
    assert generate.sampler == "heun"


def test_a_time_too_short_for_a_good_picture_gives_a_sketch_and_says_so(plain: Catalog):
    plan = bought(plain, "5 s")
    assert chosen(plan) == ("Speed", 7, "744x744")
    assert plan.notices == (Sketch("5 s", "Speed", steps=7, fewest=15, enough="9.08 s"),)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "1 s is below what one step takes with mine here; allow 1.34 s at least, which Speed needs at 744x744"),
        ({"sampling": {"steps": 20}}, "1 s is below what 20 steps take with mine here; allow 12 s at least"),
        ({"size": "1024x1024"}, "allow 2.08 s at least, which Speed needs at 1024x1024"),
    ],
)
def test_a_budget_below_what_one_step_takes_is_refused_with_the_least(
    plain: Catalog, fields: dict[str, Any], sentence: str
):
    with pytest.raises(RequestError, match=sentence) as raised:
        bought(plain, "1 s", **fields)
    assert raised.value.field == "sampling.budget"
    assert "\n" not in str(raised.value)


def test_an_unknown_machine_draws_in_the_usual_mode_and_says_so(stocked: Catalog):
    plan = bought(stocked, "20 s", guess=None)
    assert chosen(plan) == ("Speed", 30, "1024x1024")
    assert plan.notices == (NotMeasured("mine", "Speed", "20 s"),)
    assert chosen(bought(stocked, "best", guess=None)) == ("Quality", 60, "1024x1024")


def test_the_pocket_model_has_modes_of_its_own(catalog: Catalog):
    speeds = Speeds({name: Pace(0.6, growth=1) for name in ("pocket/base", "pocket/refiner")})

    def steps(budget: str) -> tuple[str | None, int]:
        asked = read_request({"prompt": "a cat", "sampling": {"budget": budget}})
        plan = make_plan(asked, catalog, fallback_seed=1, speeds=speeds)
        return plan.request.sampling.performance, plan.shots[0].steps

    assert [steps(budget) for budget in ("2 s", "0.5 s", "0.25 s")] == [("Quality", 60), ("Speed", 25), ("Quick", 12)]


def test_a_model_made_for_few_steps_is_given_no_others(stocked: Catalog):
    base = replace(stocked.models["mine"], name="mine_turbo")
    catalog = replace(stocked, models={"mine": base})
    asked = read_request({"prompt": "a", "preset": "turbo", "models": {"base": None}, "sampling": {"budget": "best"}})
    plan = make_plan(asked, catalog, fallback_seed=1)
    assert chosen(plan)[:2] == ("Turbo", 7)
