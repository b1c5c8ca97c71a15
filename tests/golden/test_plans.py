"""Whole plans, kept as files: a change of what Fooo decides shows as a change of these, and is meant.

To write them anew: python -m tests.golden.test_plans
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fooo.catalog import Catalog, LocalModel, ModelKind, modes_by_name, read_catalog
from fooo.plan import make_plan
from fooo.request import Size, read_request
from fooo.settings import Settings
from tests.detectors import CENTERFACE

HERE = Path(__file__).parent
REQUESTS: dict[str, dict[str, Any]] = {
    "plain": {"prompt": "a red apple"},
    "styled": {"prompt": "a cat", "negative": "dog", "styles": ["Line Art"], "output": {"count": 2}},
    "by_hand": {
        "prompt": "a cat",
        "size": {"width": 192, "height": 128},
        "models": {"refiner": None},
        "sampling": {"steps": 12, "guidance": 6.5, "sampler": "euler", "schedule": "ddim_uniform", "seed": 7},
    },
}


PRESETS = ("anime", "default", "hyper", "lcm", "lightning", "photo", "pocket", "sdxl", "turbo")
PRESET_REQUEST = {"prompt": "a lighthouse in a storm", "negative": "boats", "styles": ["Watercolour"]}


def plan_of(name: str, catalog: Catalog) -> Any:
    return make_plan(read_request(REQUESTS[name]), catalog, fallback_seed=42).model_dump(mode="json")


def preset_plan_of(name: str, catalog: Catalog) -> Any:
    request = read_request({**PRESET_REQUEST, "preset": name})
    return make_plan(request, stocked(catalog, name), fallback_seed=42).model_dump(mode="json")


def stocked(catalog: Catalog, preset: str) -> Catalog:
    """The catalog of someone who has the files of a preset, or one full model where the preset brings no own."""
    pocket, wanted = catalog.models["pocket/base"], catalog.presets[preset].partial.get("models", {})
    if preset == "pocket":
        return catalog
    base = replace(pocket, name=wanted.get("base") or "my model", knows=None, native_size=Size(width=1024, height=1024))
    models: list[LocalModel] = [base]
    if wanted.get("refiner"):
        models.append(replace(base, name=wanted["refiner"], kind=ModelKind.SDXL_REFINER))
    mode = modes_by_name().get(catalog.presets[preset].partial["sampling"].get("performance", ""))
    brought = [mode.lora] if mode and mode.lora else []
    names = [*(lora["name"] for lora in wanted.get("loras", ())), *brought]
    loras = {name: Path(f"{name}.safetensors") for name in names}
    models_by_name = {model.name: model for model in models}
    return replace(catalog, models=models_by_name, loras=loras, detectors=(CENTERFACE,))


@pytest.mark.parametrize("name", REQUESTS)
def test_the_plan_is_the_one_that_is_kept(name: str, catalog: Catalog):
    assert plan_of(name, catalog) == json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("preset", PRESETS)
def test_the_plan_of_a_preset_is_the_one_that_is_kept(preset: str, catalog: Catalog):
    kept = json.loads((HERE / "presets" / f"{preset}.json").read_text(encoding="utf-8"))
    assert preset_plan_of(preset, catalog) == kept


def test_every_preset_that_ships_has_its_plan_kept(catalog: Catalog):
    assert set(catalog.presets) == set(PRESETS)


def write_all() -> None:
    settings = Settings()
    catalog = read_catalog(styles=settings.styles, presets=settings.presets, models=settings.models)
    plans = {HERE / f"{name}.json": plan_of(name, catalog) for name in REQUESTS}
    plans |= {HERE / "presets" / f"{name}.json": preset_plan_of(name, catalog) for name in PRESETS}
    for file, plan in plans.items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(plan, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_all()
