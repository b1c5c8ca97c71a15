"""What every preset that ships keeps to."""

import re

import pytest

from fooo.catalog import Catalog, Preset, Sampler, Schedule, modes_by_name
from fooo.catalog.known_models import preset_files
from fooo.request import Request, merge, read_request

NAMES = ("anime", "default", "hyper", "lcm", "lightning", "photo", "pocket", "sdxl", "turbo")


@pytest.fixture(params=NAMES)
def preset(request: pytest.FixtureRequest, catalog: Catalog) -> Preset:
    return catalog.presets[request.param]


def asked(preset: Preset) -> Request:
    return read_request(preset.partial)


def test_what_ships_is_named_here_and_has_no_problem(catalog: Catalog):
    assert tuple(catalog.presets) == NAMES
    assert catalog.problems == ()


def test_each_says_what_it_is_for_in_both_languages(preset: Preset):
    assert re.search(r"[\u4e00-\u9fff]", preset.about.zh)
    assert 20 < len(preset.about.en) < 120
    assert preset.ignored == ()


def test_each_names_a_sampler_and_a_schedule_that_exist_or_a_mode_that_has_them(preset: Preset):
    mode = modes_by_name().get(asked(preset).sampling.performance or "")
    sampling = read_request(merge(mode.forced, preset.partial) if mode else preset.partial).sampling
    assert sampling.sampler in list(Sampler)
    assert sampling.schedule in list(Schedule)
    assert sampling.guidance


def test_what_a_mode_of_few_steps_brings_is_said_in_its_table_alone(catalog: Catalog):
    for name in ("hyper", "lcm", "lightning"):
        assert catalog.presets[name].partial.keys() == {"sampling", "quality"}
        assert catalog.presets[name].partial["sampling"].keys() == {"performance"}


@pytest.mark.parametrize("name", ["default", "sdxl", "photo", "anime"])
def test_full_models_are_drawn_as_sharp_and_as_calm_as_by_fooocus(name: str, catalog: Catalog):
    sampling = asked(catalog.presets[name]).sampling
    assert (sampling.sharpness, sampling.guidance_options.adaptive) == (2, 7)


def test_each_leaves_the_persons_words_alone(preset: Preset):
    assert not {"prompt", "negative", "exactly", "dialect", "matrix", "preset", "version"} & preset.partial.keys()


def test_each_file_is_what_one_of_its_models_is_called_and_has_a_licence(preset: Preset):
    models = asked(preset).models
    mode = modes_by_name().get(asked(preset).sampling.performance or "")
    loras = [lora.name for lora in models.loras]
    wanted = {models.base, models.refiner, mode.lora if mode else None, *loras} - {None}
    named = {file.name.removesuffix(".safetensors") for file in preset_files(preset)}
    assert named == {name for name in wanted if name and not name.startswith("pocket/")}
    assert all(file.licence and file.name.endswith(".safetensors") for file in preset_files(preset))
    assert preset.licence or not wanted


def test_without_guidance_nothing_is_unwanted_for_it_would_have_no_effect(preset: Preset):
    request = asked(preset)
    if request.sampling.guidance == 1:
        assert not request.quality.unwanted
    assert len(request.quality.unwanted.split(",")) <= 8


def test_every_downloaded_model_has_words_of_its_own(catalog: Catalog):
    words = {name: asked(preset).quality.words for name, preset in catalog.presets.items() if preset_files(preset)}
    assert all(words.values())
    assert len(set(words.values())) == len(words)
    drawn_with_guidance = ("anime", "photo", "sdxl", "turbo")
    assert all(asked(catalog.presets[name]).quality.unwanted for name in drawn_with_guidance)


def test_the_sdxl_preset_is_the_fixed_pipeline(catalog: Catalog):
    models = asked(catalog.presets["sdxl"]).models
    assert (models.base, models.refiner, models.refiner_switch) == (
        "sd_xl_base_1.0_0.9vae", "sd_xl_refiner_1.0_0.9vae", 0.8,
    )  # fmt: skip


def test_the_pocket_preset_adds_no_words(catalog: Catalog):
    request = asked(catalog.presets["pocket"])
    assert (request.expansion.value, request.quality.words, request.styles) == ("off", "", ())
