"""What must be fetched before a request can be planned."""

from dataclasses import replace
from pathlib import Path

import pytest

from fooo.catalog import Catalog
from fooo.errors import RequestError
from fooo.plan import make_plan, needed_files
from fooo.request import read_request
from tests.detectors import CENTERFACE

BASE, REFINER = "sd_xl_base_1.0_0.9vae.safetensors", "sd_xl_refiner_1.0_0.9vae.safetensors"


def with_models(catalog: Catalog, **names: str) -> Catalog:
    """The catalog with the pocket model's parts under further names. Args: names: By part, `base` and `refiner`."""
    models = {name: replace(catalog.models[f"pocket/{part}"], name=name) for part, name in names.items()}
    return replace(catalog, models={**catalog.models, **models}, detectors=(CENTERFACE,))


def test_of_a_preset_without_its_models_every_missing_file_is_named_at_once(catalog: Catalog):
    files = needed_files(read_request({"preset": "sdxl"}), catalog)
    assert [file.name for file in files] == [BASE, REFINER, "centerface.onnx"]
    # as published: what is asked of the person is how many bytes, under which licence
    assert all(file.bytes and file.sha256 for file in files)
    assert all(file.bytes and file.bytes > 5e9 and "RAIL" in file.licence for file in files[:2])
    assert files[2].licence == "MIT"


def test_only_what_is_not_here_is_named(catalog: Catalog):
    request = read_request({"preset": "sdxl"})
    assert [file.name for file in needed_files(request, with_models(catalog, base=BASE))] == [REFINER]
    assert needed_files(request, with_models(catalog, base=BASE, refiner=REFINER)) == ()


def test_with_the_files_named_here_the_request_can_be_planned(catalog: Catalog):
    request = read_request({"preset": "sdxl", "prompt": "a cat"})
    with pytest.raises(RequestError, match="fetch it"):
        make_plan(request, catalog, fallback_seed=1)
    assert make_plan(request, with_models(catalog, base=BASE, refiner=REFINER), fallback_seed=1).models == (
        BASE,
        REFINER,
    )


def test_a_published_lora_and_vae_that_the_person_names_are_known(catalog: Catalog):
    asked = {"models": {"loras": [{"name": "sdxl_lcm_lora"}], "vae": "sdxl_vae_fp16_fix"}}
    assert [file.folder for file in needed_files(read_request(asked), catalog)] == ["vae", "loras"]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"preset": "pocket"},
        {"preset": "nope"},
        {"models": {"base": "somebodys-own-model"}},
        {"preset": None, "models": {"base": "pocket/base"}},
    ],
)
def test_where_nothing_can_be_fetched_nothing_is_named(catalog: Catalog, asked: dict[str, object]):
    assert needed_files(read_request(asked), catalog) == ()


def test_the_files_of_a_preset_of_ones_own_are_fetched_from_where_it_says(catalog: Catalog):
    mine = replace(
        catalog.presets["sdxl"],
        name="mine",
        partial={"models": {"base": "mine"}},
        files=tuple(replace(file, name="mine.safetensors") for file in catalog.presets["sdxl"].files[:1]),
    )
    own = replace(catalog, presets={**catalog.presets, "mine": mine})
    assert [Path(file.name).stem for file in needed_files(read_request({"preset": "mine"}), own)] == ["mine"]
