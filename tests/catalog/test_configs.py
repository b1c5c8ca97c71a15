"""The configurations that ship, for checkpoints of one file."""

import importlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from fooo.catalog import Catalog, LocalModel, ModelKind, read_tokens
from fooo.catalog.configs import config_folder, text_layers
from fooo.errors import ModelError
from fooo.request import Size

diffusers: Any = importlib.import_module("diffusers")
transformers: Any = importlib.import_module("transformers")

MILLIONS = {
    (ModelKind.SD1, "unet"): 859.52,
    (ModelKind.SD2, "unet"): 865.91,
    (ModelKind.SDXL_BASE, "unet"): 2567.46,
    (ModelKind.SDXL_REFINER, "unet"): 2259.53,
    (ModelKind.SD1, "vae"): 83.65,
    (ModelKind.SDXL_BASE, "vae"): 83.65,
    (ModelKind.SD1, "text_encoder"): 123.06,
    (ModelKind.SD2, "text_encoder"): 340.39,
    (ModelKind.SDXL_BASE, "text_encoder"): 123.06,
    (ModelKind.SDXL_BASE, "text_encoder_2"): 694.66,
}
"""Weights of the published networks: Rombach et al. 2022 and Podell et al. 2023 round them to 860 M, 2.6 B, 123 M and
694 M; OpenCLIP's ViT-H has 354 M with the last layer and the projection, which are not heard."""


def checkpoint(kind: ModelKind, file: Path = Path("/models/x.safetensors")) -> LocalModel:
    size = Size(width=512, height=512)
    return LocalModel(name=file.name, kind=kind, folder=file.parent, native_size=size, file=file)


def network(part: str, config: dict[str, Any]) -> Any:
    with torch.device("meta"):
        match part:
            case "unet":
                return diffusers.UNet2DConditionModel.from_config(config)
            case "vae":
                return diffusers.AutoencoderKL.from_config(config)
            case _:
                return getattr(transformers, config["architectures"][0])(transformers.CLIPTextConfig.from_dict(config))


@pytest.mark.parametrize(("kind", "part"), MILLIONS)
def test_networks_have_as_many_weights_as_the_published_ones(kind: ModelKind, part: str):
    config = json.loads((config_folder(checkpoint(kind)) / part / "config.json").read_text())
    count = sum(weight.numel() for weight in network(part, config).parameters())
    assert round(count / 1e6, 2) == MILLIONS[kind, part]


@pytest.mark.parametrize("kind", ModelKind)
def test_every_kind_of_checkpoint_has_a_configuration(kind: ModelKind):
    folder = config_folder(checkpoint(kind))
    scale = json.loads((folder / "vae" / "config.json").read_text())["scaling_factor"]
    assert scale == (0.13025 if kind.value.startswith("SDXL") else 0.18215)
    assert (folder / "scheduler" / "scheduler_config.json").is_file()


@pytest.mark.parametrize(
    ("kind", "name", "padding"),
    [
        (ModelKind.SD1, "tokenizer", 49407),
        (ModelKind.SD2, "tokenizer", 0),
        (ModelKind.SDXL_BASE, "tokenizer", 49407),
        (ModelKind.SDXL_BASE, "tokenizer_2", 0),
    ],
)
def test_each_tower_reads_clips_vocabulary_and_pads_in_its_own_way(kind: ModelKind, name: str, padding: int):
    tokens = read_tokens(config_folder(checkpoint(kind)) / name)
    assert tokens.ids("a photo of a cat") == [320, 1125, 539, 320, 2368]
    assert (tokens.begin, tokens.end, tokens.padding, tokens.count) == (49406, 49407, padding, 49408)


@pytest.mark.parametrize("text", ["It's naïve, 8K!!", "宇航员 riding a horse", "🍎 10,000 people's x<|y|>", "ﬁne  Ⅻ"])
def test_the_vocabulary_reads_as_transformers_does(tmp_path: Path, text: str):
    folder = config_folder(checkpoint(ModelKind.SD1))
    shutil.copytree(folder.parent / "clip", tmp_path, dirs_exist_ok=True)
    shutil.copy(folder / "tokenizer" / "tokenizer_config.json", tmp_path)
    theirs = transformers.CLIPTokenizer.from_pretrained(tmp_path)
    assert read_tokens(folder / "tokenizer").ids(text) == theirs(text).input_ids[1:-1]


def test_a_configuration_beside_the_file_comes_first_and_a_folder_has_its_own(catalog: Catalog, tmp_path: Path):
    model = checkpoint(ModelKind.SDXL_BASE, tmp_path / "small.safetensors")
    usual = config_folder(model)
    assert usual.name == "sdxl"
    (tmp_path / "small.config").mkdir()
    assert config_folder(model) == tmp_path / "small.config"
    assert config_folder(replace(model, kind=ModelKind.SDXL_INPAINT, file=tmp_path / "other.safetensors")) == usual
    base = catalog.models["pocket/base"]
    assert config_folder(base) == base.folder


@pytest.mark.parametrize("text", ["[]", "{}", '{"num_hidden_layers": "x"}'])
def test_a_configuration_that_does_not_say_how_many_layers_there_are_says_nothing(tmp_path: Path, text: str):
    (tmp_path / "x.config/text_encoder").mkdir(parents=True)
    (tmp_path / "x.config/text_encoder/config.json").write_text(text)
    assert text_layers(checkpoint(ModelKind.SD1, tmp_path / "x.safetensors")) is None


def test_a_damaged_configuration_is_a_sentence(tmp_path: Path):
    (tmp_path / "x.config/text_encoder").mkdir(parents=True)
    (tmp_path / "x.config/text_encoder/config.json").write_text("{broken")
    with pytest.raises(ModelError, match="is damaged"):
        text_layers(checkpoint(ModelKind.SD1, tmp_path / "x.safetensors"))
