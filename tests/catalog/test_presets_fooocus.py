import json
from pathlib import Path
from typing import Any

import pytest

from fooo.catalog import Catalog, Preset, PresetFile
from fooo.catalog.presets import read_presets
from fooo.request import read_request

HARMLESS: dict[str, Any] = {
    "previous_default_models": [],
    "default_refiner": "None",
    "default_vae": "Default (model)",
    "default_clip_skip": 2,
    "default_overwrite_step": -1,
    "default_overwrite_switch": -1,
    "default_inpaint_engine_version": "None",
    "default_save_metadata_to_images": True,
    "default_prompt": "",
    "embeddings_downloads": {},
}

WHOLE: dict[str, Any] = {
    **HARMLESS,
    "default_model": "SDXL\\brushworkXL_v3.safetensors",
    "default_refiner": "brushwork_finish.safetensors",
    "default_refiner_switch": 0.6,
    "default_loras": [
        [True, "None", 1.0],
        [True, "wet_paper.safetensors", 0.4],
        [False, "dry_paper.safetensors", 0.9],
        ["old/ink_lines.safetensors", -0.3],
    ],
    "default_cfg_scale": 5.5,
    "default_cfg_tsnr": 7.0,
    "default_sample_sharpness": 2.0,
    "default_sampler": "dpmpp_2m_sde_gpu",
    "default_scheduler": "karras",
    "default_performance": "Quality",
    "default_image_number": 3,
    "default_prompt": "a pond",
    "default_prompt_negative": "mud, (noise:1.2)",
    "default_styles": ["Fooocus V2", "SAI Cinematic", "Random Style"],
    "default_aspect_ratio": "1152*896",
    "checkpoint_downloads": {"brushworkXL_v3.safetensors": "https://example.org/brushwork/v3?download=true"},
    "lora_downloads": {"wet_paper.safetensors": "https://example.org/wet"},
}


@pytest.fixture
def read(tmp_path: Path, catalog: Catalog):
    def read_preset(content: dict[str, Any]) -> Preset:
        (tmp_path / "mine.json").write_text(json.dumps(content), encoding="utf-8")
        presets, problems = read_presets(tmp_path, catalog.style_names)
        assert problems == ()
        read_request(presets["mine"].partial)
        return presets["mine"]

    return read_preset


def test_a_whole_preset_means_the_same_here(read: Any):
    preset: Preset = read(WHOLE)
    assert preset.partial == {
        "models": {
            "base": "SDXL/brushworkXL_v3",
            "refiner": "brushwork_finish",
            "refiner_switch": 0.6,
            "loras": [{"name": "wet_paper", "weight": 0.4}, {"name": "old/ink_lines", "weight": -0.3}],
        },
        "sampling": {
            "guidance": 5.5,
            "guidance_options": {"adaptive": 7.0},
            "sharpness": 2.0,
            "sampler": "dpmpp_2m_sde",
            "schedule": "karras",
            "performance": "Quality",
        },
        "output": {"count": 3},
        "prompt": "a pond",
        "quality": {"unwanted": "mud, (noise:1.2)"},
        "styles": ["Cinematic", "Random Style"],
        "expansion": "gentle",
        "size": {"width": 1152, "height": 896},
    }
    assert preset.files == (
        PresetFile(
            folder="checkpoints",
            name="brushworkXL_v3.safetensors",
            url="https://example.org/brushwork/v3?download=true",
        ),
        PresetFile(folder="loras", name="wet_paper.safetensors", url="https://example.org/wet"),
    )
    assert preset.ignored == ()


def test_another_layer_than_sdxl_was_trained_with_is_asked_for(read: Any):
    assert read({"default_clip_skip": 1}).partial == {"models": {"clip_skip": 1}}


def test_values_that_change_nothing_are_not_told_of(read: Any):
    preset: Preset = read(HARMLESS)
    assert (preset.partial, preset.ignored) == ({"models": {"refiner": None}}, ())


@pytest.mark.parametrize("value", ["None", "", None])
def test_no_file_is_said_in_more_than_one_way(read: Any, value: object):
    preset: Preset = read({"default_refiner": value, "default_vae": value, "default_refiner_switch": 0.5})
    assert preset.partial == {"models": {"refiner": None, "refiner_switch": 0.5}}
    assert preset.ignored == ()


@pytest.mark.parametrize("value", [0, 0.0])
def test_a_refiner_that_takes_over_at_0_is_none(read: Any, value: object):
    preset: Preset = read({"default_refiner": "brushwork_finish", "default_refiner_switch": value})
    assert (preset.partial, preset.ignored) == ({"models": {"refiner": None}}, ())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"default_sample_sharpness": 99}, "In default_sample_sharpness, 99 is out of range ("),
        ({"default_clip_skip": 0}, "In default_clip_skip, 0 is out of range ("),
        ({"previous_default_models": ["a.safetensors"]}, "'previous_default_models' was left out: Fooo has nothing"),
        ({"default_no_such": 1}, "'default_no_such' was left out: it is not known here."),
        ({"default_model": "a", "path_outputs": "/"}, "'path_outputs' was left out: it is not known here."),
        ({"default_model": 7}, "In default_model, 7 is not right (input should be a valid string)."),
        ({"default_cfg_scale": 50}, "In default_cfg_scale, 50 is out of range (it should be less than or equal to 30)"),
        ({"default_image_number": 0}, "In default_image_number, 0 is out of range ("),
        ({"default_refiner_switch": "late"}, "In default_refiner_switch, 'late' is not right ("),
        ({"default_loras": "a"}, "In default_loras, 'a' is not a list."),
        ({"default_loras": [["a"]]}, "In default_loras, ['a'] is not a name and a weight."),
        ({"default_loras": [[True, 3, 1.0]]}, "In default_loras, [True, 3, 1.0] is not a name and a weight."),
        ({"default_loras": [["a", 99]]}, "In default_loras, 99 is out of range ("),
        ({"default_sampler": "swirl"}, "In default_sampler, there is no 'swirl' ("),
        ({"default_sampler": "heunpp2"}, "In default_sampler, heunpp2 is not in Fooo; Heun, the nearest to it, is"),
        ({"default_scheduler": ["karras"]}, "In default_scheduler, ['karras'] is not a name."),
        ({"default_performance": "Warp"}, "In default_performance, 'Warp' is no performance mode."),
        ({"default_aspect_ratio": "wide"}, "In default_aspect_ratio, 'wide' is not a width and a height."),
        ({"default_aspect_ratio": "9*9"}, "In default_aspect_ratio, 9 is out of range ("),
        ({"default_styles": ["Fooocus Sharp"]}, "In default_styles, no style here is like 'Fooocus Sharp'."),
        ({"default_styles": [["SAI Anime"]]}, "In default_styles, ['SAI Anime'] is not a name."),
        ({"default_styles": 1}, "In default_styles, 1 is not a list."),
        ({"vae_downloads": {"../a": "https://example.org/a"}}, "In vae_downloads, '../a' cannot be had from 'https://"),
        ({"vae_downloads": {"a": "file:///a"}}, "In vae_downloads, 'a' cannot be had from 'file:///a'."),
        ({"vae_downloads": ["a"]}, "In vae_downloads, ['a'] is not an object of names and addresses."),
        ({"face_downloads": {"a": "b"}}, "'face_downloads' was left out: it is not known here."),
    ],
)
def test_what_means_nothing_here_is_told_in_a_sentence_and_the_rest_is_there(
    read: Any, content: dict[str, Any], sentence: str
):
    preset: Preset = read({"default_overwrite_step": 11, **content})
    assert len(preset.ignored) == 1
    assert preset.ignored[0].startswith(sentence)
    assert preset.ignored[0].endswith(".")
    assert preset.partial["sampling"]["steps"] == 11


@pytest.mark.parametrize("mode", ["Extreme Speed", "Lightning", "Hyper-SD"])
def test_a_mode_of_few_steps_is_named_and_what_it_forces_is_left_open(read: Any, mode: str):
    preset: Preset = read({**WHOLE, "default_performance": mode})
    # what remains has no say without guidance, or the mode forces it too
    assert preset.partial["sampling"] == {
        "performance": mode,
        "guidance_options": {"adaptive": 7.0},
        "sharpness": 2.0,
    }
    assert preset.partial["models"]["refiner"] is None
    assert [each["name"] for each in preset.partial["models"]["loras"]] == ["wet_paper", "old/ink_lines"]


def test_steps_of_ones_own_stand_above_the_mode(read: Any):
    preset: Preset = read({"default_overwrite_step": 6, "default_performance": "Lightning"})
    assert preset.partial["sampling"]["steps"] == 6


@pytest.mark.parametrize("text", ["1152×896", "1152x896", " 1152 * 896 ", "1152×896 <span>9:7</span>"])
def test_an_aspect_ratio_is_read_as_fooocus_writes_it(read: Any, text: str):
    assert read({"default_aspect_ratio": text}).partial == {"size": {"width": 1152, "height": 896}}


def test_without_its_expansion_style_nothing_is_expanded(read: Any):
    assert read({"default_styles": ["SAI Anime"]}).partial == {"styles": ["Anime"], "expansion": "off"}


def test_the_schedule_of_playground_is_known(read: Any):
    assert read({"default_scheduler": "edm_playground_v2.5"}).partial == {"sampling": {"schedule": "edm"}}
