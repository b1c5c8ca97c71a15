"""Which of preset, mode and person decides what."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fooo.catalog import Catalog, Preset, Sampler, Schedule, modes_by_name
from fooo.errors import RequestError
from fooo.plan import Generate, Plan, UnsaidMode, make_plan
from fooo.plan.performance import fill_from_preset, leave_mode
from fooo.request import merge, read_request
from tests.detectors import CENTERFACE

LIGHTNING = "sdxl_lightning_4step_lora"
LISTED = {
    "models": {"loras": [{"name": LIGHTNING, "weight": 0.9}, {"name": "ink"}], "refiner": "my refiner"},
    "sampling": {"steps": 6, "guidance": 1.5, "sampler": "euler", "schedule": "sgm_uniform"},
}
"""A preset of few steps as people wrote it before it could name a mode."""


@pytest.fixture
def stocked(catalog: Catalog) -> Catalog:
    """Of someone with an SDXL model, its refiner, and the LoRAs of all modes."""
    base = replace(catalog.models["pocket/base"], name="mine", knows=None)
    refiner = replace(catalog.models["pocket/refiner"], name="my refiner")
    loras = {name: Path(name) for name in ("ink", *(mode.lora for mode in modes_by_name().values() if mode.lora))}
    presets = {**catalog.presets, "listed": Preset("listed", LISTED)}
    models = {**catalog.models, base.name: base, refiner.name: refiner}
    return replace(catalog, models=models, loras=loras, presets=presets, detectors=(CENTERFACE,))


def planned(catalog: Catalog, **fields: Any) -> Plan:
    return make_plan(read_request({"prompt": "a cat", "preset": "default", **fields}), catalog, fallback_seed=1)


def drawn(catalog: Catalog, **fields: Any) -> Generate:
    return planned(catalog, **fields).shots[0].generate


def loras_of(generate: Generate) -> dict[str, float]:
    return {lora.name: lora.unet_weight for lora in generate.loras}


@pytest.mark.parametrize("preset", ["default", "sdxl", "photo"])
def test_a_mode_of_few_steps_forces_all_that_it_needs_on_a_preset(stocked: Catalog, preset: str):
    models = {"base": "mine"}
    with_refiner = Preset("sdxl", merge(stocked.presets["sdxl"].partial, {"models": {"refiner": "my refiner"}}))
    catalog = replace(stocked, presets={**stocked.presets, "sdxl": with_refiner})
    generate = drawn(catalog, preset=preset, models=models, sampling={"performance": "Lightning"})
    assert (generate.steps, generate.guidance, generate.refiner) == (4, 1, None)
    assert (generate.sampler, generate.schedule) == (Sampler.EULER, Schedule.SGM_UNIFORM)
    assert (generate.sharpness, generate.size_scale) == (0, None)
    assert loras_of(generate) == {LIGHTNING: 1}


def test_the_persons_own_fields_stand_above_the_mode(stocked: Catalog):
    own = {"steps": 7, "guidance": 2, "sampler": "heun", "schedule": "karras", "sharpness": 2}
    models = {"refiner": "my refiner", "loras": [{"name": LIGHTNING, "weight": 0.5}, {"name": "ink"}]}
    generate = drawn(stocked, models=models, sampling={"performance": "Lightning", **own})
    assert (generate.steps, generate.guidance, generate.sampler) == (7, 2, Sampler.HEUN)
    assert (generate.sharpness, generate.refiner) == (2, "my refiner")
    assert loras_of(generate) == {LIGHTNING: 0.5, "ink": 1}


def test_the_prompt_stands_above_the_mode_too(stocked: Catalog):
    plan = planned(stocked, prompt=f"a cat <lora:{LIGHTNING}:0.6>", sampling={"performance": "Lightning"})
    assert loras_of(plan.shots[0].generate) == {LIGHTNING: 0.6}
    assert make_plan(plan.request, stocked, fallback_seed=2).shots == plan.shots


@pytest.mark.parametrize("preset", ["lightning", "listed"])
@pytest.mark.parametrize(("mode", "steps"), [("Speed", 30), ("Quality", 60)])
def test_a_mode_that_is_named_takes_the_few_steps_of_a_preset_away_wholly(
    stocked: Catalog, preset: str, mode: str, steps: int
):
    generate = drawn(stocked, preset=preset, sampling={"performance": mode})
    assert (generate.steps, generate.guidance) == (steps, 4)
    assert (generate.sampler, generate.schedule) == (Sampler.DPMPP_2M, Schedule.KARRAS)
    assert LIGHTNING not in loras_of(generate)
    assert loras_of(generate) == ({"ink": 1} if preset == "listed" else {})


def test_another_mode_of_few_steps_takes_its_place(stocked: Catalog):
    generate = drawn(stocked, preset="lightning", sampling={"performance": "Hyper-SD"})
    assert loras_of(generate) == {"sdxl_hyper_sd_4step_lora": 0.8}
    assert generate.sampler is Sampler.DPMPP_SDE


@pytest.mark.parametrize("named", [{}, {"performance": "Lightning"}])
def test_what_a_preset_says_beside_its_own_mode_stands_above_it(stocked: Catalog, named: dict[str, str]):
    generate = drawn(stocked, preset="listed", sampling=named)
    assert (generate.steps, generate.guidance) == (6, 1.5)
    assert loras_of(generate) == {LIGHTNING: 0.9, "ink": 1}


def test_a_mode_of_plain_steps_leaves_the_presets_sampler_and_guidance(stocked: Catalog):
    generate = drawn(stocked, preset="anime", models={"base": "mine"}, sampling={"performance": "Quality"})
    assert (generate.steps, generate.guidance, generate.sampler) == (60, 5, Sampler.EULER_ANCESTRAL)


@pytest.mark.parametrize("mode", ["Quality", "Hyper-SD", "Lightning", "Extreme Speed", "Turbo"])
@pytest.mark.parametrize("preset", ["default", "lightning", "listed"])
def test_what_was_decided_is_decided_again_in_the_same_way(stocked: Catalog, preset: str, mode: str):
    plan = planned(stocked, preset=preset, sampling={"performance": mode})
    again = make_plan(plan.request, replace(stocked, presets={}), fallback_seed=2)
    assert again == plan
    assert again.request.sampling.performance == mode


def test_none_of_ones_own_loras_leaves_those_of_the_mode(stocked: Catalog):
    generate = drawn(stocked, preset="listed", models={"loras": []}, sampling={"performance": "Hyper-SD"})
    assert loras_of(generate) == {"sdxl_hyper_sd_4step_lora": 0.8}


def test_a_lora_of_sdxl_is_never_put_on_the_pocket_model(catalog: Catalog):
    with pytest.raises(RequestError, match="Lightning is for SDXL models, not for pocket ones; choose Quality or"):
        planned(catalog, preset="pocket", sampling={"performance": "Lightning"})
    assert drawn(catalog, preset="pocket", sampling={"performance": "Quick"}).steps == 12


def test_a_lora_that_is_not_here_is_told_with_how_it_gets_here(stocked: Catalog):
    bare = replace(stocked, loras={})
    with pytest.raises(RequestError, match=rf"fetch it: python launch\.py models add {LIGHTNING}"):
        planned(bare, sampling={"performance": "Lightning"})


def test_turbo_on_a_model_whose_name_does_not_say_it_is_drawn_with_a_note(stocked: Catalog):
    plan = planned(stocked, sampling={"performance": "Turbo"})
    assert plan.notices == (UnsaidMode("Turbo", "mine"),)
    named = replace(stocked.models["mine"], name="mine_Turbo")
    turbo = replace(stocked, models={named.name: named})
    assert planned(turbo, sampling={"performance": "Turbo"}).notices == ()


def test_a_base_that_is_not_here_yet_is_taken_for_sdxl(catalog: Catalog):
    asked = read_request({"preset": "turbo", "models": {"base": "DreamShaperXL_Turbo_v2_1"}})
    filled = fill_from_preset(asked, replace(catalog, models={}))
    assert (filled.sampling.performance, filled.sampling.steps, filled.sampling.guidance) == ("Turbo", 7, 2)


def test_leaving_a_mode_takes_only_what_belongs_to_it():
    assert leave_mode({"prompt": "a", "sampling": {"steps": 9, "guidance": 5, "seed": 1}}) == {
        "prompt": "a",
        "sampling": {"guidance": 5, "seed": 1},
    }
    assert leave_mode(LISTED)["sampling"] == {}
    assert leave_mode(LISTED)["models"] == {"loras": [{"name": "ink"}], "refiner": "my refiner"}
    assert leave_mode({"prompt": "a"}) == {"prompt": "a"}
