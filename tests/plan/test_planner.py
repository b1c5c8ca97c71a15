from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fooo.catalog import Catalog, Knowledge, ModelKind, Preset, Sampler, Schedule
from fooo.catalog.knowledge import Noun
from fooo.errors import RequestError, UnknownName
from fooo.plan import Fit, Generate, Plan, make_plan, parse
from fooo.record import write_record
from fooo.request import Dialect, only_set_fields, read_request

PlanOf = Callable[..., Plan]


def test_a_plain_wish_is_drawn_by_the_pocket_model_with_its_refiner(plan_of: PlanOf):
    generate = plan_of().shots[0].generate
    assert (generate.base, generate.refiner) == ("pocket/base", "pocket/refiner")
    assert str(generate.size) == "128x128"
    assert (generate.steps, generate.refiner_step) == (30, 24)
    assert (generate.sampler, generate.schedule, generate.guidance) == (Sampler.DPMPP_2M, Schedule.SIMPLE, 4.0)


def test_picture_n_has_the_first_seed_plus_n_and_wraps_at_2_to_63(plan_of: PlanOf):
    plan = plan_of(output={"count": 3}, sampling={"seed": 2**63 - 2})
    assert [shot.seed for shot in plan.shots] == [2**63 - 2, 2**63 - 1, 0]


@pytest.mark.parametrize("sampling", [{}, {"seed": -1}])
def test_a_random_seed_is_the_callers(plan_of: PlanOf, sampling: dict[str, int]):
    plan = plan_of(sampling=sampling)
    assert plan.shots[0].seed == 42
    assert plan.request.sampling.seed == 42


@given(
    steps=st.none() | st.integers(1, 200),
    mode=st.none() | st.sampled_from(["Speed", "Quality"]),
    switch=st.none() | st.floats(0.01, 1),
    styles=st.lists(st.sampled_from(["Line Art", "3D Render"]), max_size=2),
    refined=st.booleans(),
)
def test_planning_what_was_decided_decides_nothing_new(
    catalog: Catalog, steps: int | None, mode: str | None, switch: float | None, styles: list[str], refined: bool
):
    sampling = {"steps": steps} | ({"performance": mode} if mode else {})
    models = ({} if refined else {"refiner": None}) | ({"refiner_switch": switch} if switch else {})
    asked = read_request({"prompt": "a cat", "styles": styles, "sampling": sampling, "models": models})
    # a refiner without a step is told of once: what is decided has none
    plan = make_plan(asked, catalog, fallback_seed=5).model_copy(update={"notices": ()})
    assert make_plan(plan.request, catalog, fallback_seed=6) == plan
    assert make_plan(read_request(plan.request.model_dump(mode="json")), catalog, fallback_seed=6) == plan
    # ... also when every preset was edited, or is gone
    edited = {"output": {"count": 3}, "negative": "dog", "sampling": {"steps": 3}, "models": {"base": "none"}}
    for presets in ({}, {name: Preset(name, edited) for name in catalog.presets}):
        assert make_plan(plan.request, replace(catalog, presets=presets), fallback_seed=6) == plan


@pytest.mark.parametrize(("switch", "step"), [(0.8, 24), (0.5, 15), (0.01, 1), (0.98, 29)])
def test_the_refiner_takes_over_at_its_share_of_the_steps(plan_of: PlanOf, switch: float, step: int):
    generate = plan_of(models={"refiner_switch": switch}).shots[0].generate
    assert generate.refiner_step == step


@pytest.mark.parametrize("models", [{"refiner": None}, {"refiner_switch": 1}, {"refiner_switch": 0.99}])
def test_without_steps_for_it_there_is_no_refiner(plan_of: PlanOf, models: dict[str, object]):
    generate = plan_of(models=models).shots[0].generate
    assert (generate.refiner, generate.refiner_step) == (None, None)


def test_styles_wrap_the_words_in_order_and_their_negatives_follow_the_persons(catalog: Catalog):
    styles = {
        **catalog.styles,
        "A": replace(catalog.styles["Sticker"], name="A", prompt="a photo of {prompt}", negative_prompt="blur"),
        "B": replace(catalog.styles["Sticker"], name="B", prompt="soft light", negative_prompt="noise"),
    }
    asked = read_request({"prompt": " a cat ", "negative": "dog", "styles": ["A", "b"]})
    plan = make_plan(asked, replace(catalog, styles=styles), fallback_seed=1)
    assert plan.shots[0].texts.positive == "a photo of a cat, soft light"
    assert plan.shots[0].texts.negative == "dog, blur, noise"
    assert plan.request.styles == ("A", "B")
    assert plan.request.prompt == " a cat "


def test_the_persons_fields_win_over_the_mode_and_the_mode_over_the_preset(catalog: Catalog):
    preset = Preset("p", {"models": {"base": "pocket/base"}, "sampling": {"steps": 11, "guidance": 7.5}})
    with_preset = replace(catalog, presets={**catalog.presets, "p": preset})

    def steps_of(**sampling: object) -> int:
        asked = read_request({"prompt": "a", "preset": "p", "sampling": sampling})
        return make_plan(asked, with_preset, fallback_seed=1).shots[0].steps

    assert steps_of() == 11
    assert steps_of(performance="Quality") == 60
    assert steps_of(performance="Quality", steps=5) == 5
    asked = read_request({"prompt": "a", "preset": "p", "sampling": {"guidance": 3}})
    assert make_plan(asked, with_preset, fallback_seed=1).shots[0].generate.guidance == 3


def test_a_preset_may_bring_the_words(catalog: Catalog):
    preset = Preset("p", {"prompt": "a lighthouse", "models": {"base": "pocket/base"}})
    with_preset = replace(catalog, presets={**catalog.presets, "p": preset})
    plan = make_plan(read_request({"preset": "p", "expansion": "off"}), with_preset, fallback_seed=1)
    assert plan.shots[0].texts.positive == "a lighthouse"


def test_a_full_model_is_chosen_before_the_pocket_one(catalog: Catalog):
    full = replace(catalog.models["pocket/base"], name="checkpoints/big")
    with_full = replace(catalog, models={**catalog.models, full.name: full})
    plan = make_plan(read_request({"prompt": "a"}), with_full, fallback_seed=1)
    assert with_full.fitting_preset() == "default"
    assert plan.shots[0].generate.base == "checkpoints/big"
    assert plan.shots[0].generate.refiner is None


@pytest.mark.parametrize("prompt", ["", "  \n\t "])
def test_an_empty_prompt_is_drawn_without_words(plan_of: PlanOf, prompt: str):
    plan = plan_of(prompt=prompt)
    assert (plan.shots[0].texts.positive, plan.request.prompt, plan.beyond) == ("", prompt, ())
    assert plan_of(prompt=prompt, styles=["Line Art"]).shots[0].texts.positive == "line art"


def test_words_that_the_base_has_not_learnt_are_named_and_drawn_all_the_same(catalog: Catalog):
    knows = Knowledge(nouns=(Noun(words=("cat",), plural="cats"),))
    pocket = replace(catalog.models["pocket/base"], knows=knows)
    small = replace(catalog, models={**catalog.models, pocket.name: pocket})
    asked = read_request({"prompt": "two cats and a Zyxomma", "styles": ["Line Art"], "negative": "frumps"})
    plan = make_plan(asked, small, fallback_seed=1)
    assert plan.beyond == ("Zyxomma",)
    assert plan.shots[0].texts.positive == "two cats and a Zyxomma, line art"


def test_nothing_is_beyond_a_base_that_does_not_say_what_it_has_learnt(catalog: Catalog):
    full = replace(catalog.models["pocket/base"], name="checkpoints/big", knows=None)
    with_full = replace(catalog, models={**catalog.models, full.name: full})
    assert make_plan(read_request({"prompt": "a zyxomma"}), with_full, fallback_seed=1).beyond == ()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"styles": ["Line Artt"]}, "styles: there is no 'Line Artt'; did you mean: Line Art"),
        ({"preset": "pockt"}, "preset: there is no 'pockt'; did you mean: pocket"),
        ({"sampling": {"performance": "Speedy"}}, "performance: there is no 'Speedy'; did you mean: Speed"),
        ({"sampling": {"sampler": "eular"}}, "sampler: there is no 'eular'; did you mean: euler"),
        ({"sampling": {"schedule": "karas"}}, "schedule: there is no 'karas'; did you mean: karras"),
        ({"models": {"base": "poket/base"}}, "base: there is no 'poket/base'; did you mean: pocket/base"),
        ({"models": {"base": "pocket/refiner"}}, "base: there is no 'pocket/refiner'"),
        ({"models": {"refiner": "pocket/base"}}, "refiner: there is no 'pocket/base'"),
    ],
)
def test_an_unknown_name_offers_the_nearest(plan_of: PlanOf, fields: dict[str, object], sentence: str):
    with pytest.raises(UnknownName, match=sentence):
        plan_of(**fields)


def test_no_model_at_all_is_said_in_words(catalog: Catalog):
    bare = replace(catalog, models={}, presets={"pocket": Preset("pocket", {})})
    with pytest.raises(RequestError, match=r"models\.base: no model is there"):
        make_plan(read_request({"prompt": "a"}), bare, fallback_seed=1)


def test_the_pocket_model_is_a_base_and_a_refiner(catalog: Catalog):
    kinds = {name: model.kind for name, model in catalog.models.items() if name.startswith("pocket/")}
    assert kinds == {"pocket/base": ModelKind.SDXL_BASE, "pocket/refiner": ModelKind.SDXL_REFINER}


def test_exact_pixels_that_the_model_cannot_draw_are_reached_by_a_last_pass(plan_of: PlanOf):
    shot = plan_of(size="1920x1080").shots[0]
    first, last = shot.passes
    assert (str(shot.generate.size), last, str(shot.size)) == ("168x96", Fit(size=shot.size), "1920x1080")
    assert isinstance(first, Generate)


def test_a_shape_is_drawn_at_the_models_own_scale_and_needs_no_further_pass(plan_of: PlanOf):
    plan = plan_of(size="portrait 3:4")
    assert [str(each.size) for each in plan.shots[0].passes] == ["112x144"]
    assert str(plan.request.size) == "112x144"


def test_each_picture_draws_its_own_words_and_its_record_keeps_them(plan_of: PlanOf):
    plan = plan_of(prompt="a {red|green|blue|white} __fruit__", output={"count": 6}, sampling={"seed": 3})
    said = [shot.texts.words for shot in plan.shots]
    assert len(set(said)) > 1
    assert said == [shot.texts.words for shot in plan_of(
        prompt="a {red|green|blue|white} __fruit__", output={"count": 6}, sampling={"seed": 3}
    ).shots]  # fmt: skip
    last = write_record(plan, plan.shots[5], models=(), seconds=0, steps_done=0).request
    assert plan_of(**only_set_fields(last)).shots[0].texts == plan.shots[5].texts


def test_an_array_goes_picture_by_picture_and_each_record_keeps_its_own(plan_of: PlanOf):
    plan = plan_of(prompt="a [[red, green]] cat", output={"count": 3})
    assert [shot.texts.positive for shot in plan.shots] == ["a red cat", "a green cat", "a red cat"]
    second = write_record(plan, plan.shots[1], models=(), seconds=0, steps_done=0).request
    assert plan_of(**only_set_fields(second)).shots[0].texts.positive == "a green cat"


def test_a_style_within_the_prompt_is_applied_behind_the_others(plan_of: PlanOf):
    texts = plan_of(prompt="a cat <style:Sticker>", styles=["Line Art"]).shots[0].texts
    assert texts.positive.endswith("line art, sticker")


@pytest.mark.parametrize(
    ("prompt", "name"), [("a cat <lora:ink:0.8>", "ink"), ("[a:embedding:bad:0.5]", "bad"), ("__nothing__", "nothing")]
)
def test_what_a_prompt_names_and_is_not_there_is_said(plan_of: PlanOf, prompt: str, name: str):
    with pytest.raises(UnknownName, match=name):
        plan_of(prompt=prompt)


def test_the_dialect_decides_what_double_brackets_are(plan_of: PlanOf):
    assert plan_of(prompt="[[a, b]]").shots[0].texts.positive == "a"
    assert (
        parse(plan_of(prompt="[[a, b]]", dialect="webui").shots[0].texts.positive).prompt
        == parse("[[a, b]]", Dialect.WEBUI).prompt
    )


@pytest.mark.parametrize(
    ("models", "field"),
    [
        ({"base": "sd_xl_base_1.0_0.9vae"}, "models.base"),
        ({"refiner": "sd_xl_refiner_1.0_0.9vae"}, "models.refiner"),
        ({"loras": [{"name": "sdxl_lightning_4step_lora"}]}, "models.loras"),
    ],
)
def test_of_a_published_file_that_is_not_here_it_is_said_how_to_get_it(
    plan_of: PlanOf, models: dict[str, object], field: str
):
    with pytest.raises(RequestError, match=r"is not here; fetch it: python launch\.py models add sd") as raised:
        plan_of(models=models)
    assert raised.value.field == field
