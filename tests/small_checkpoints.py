"""Small random checkpoints in one file, and diffusers' pipelines around the same networks."""

import copy
import importlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from fooo.catalog import LocalModel, ModelKind
from fooo.catalog.local_models import models_on
from fooo.catalog.model_files.contents import Base
from fooo.catalog.shelf import read_shelf
from fooo.settings import ROOT
from tests import model_files
from tests.model_files import Networks, Widths

diffusers: Any = importlib.import_module("diffusers")
transformers: Any = importlib.import_module("transformers")

TOWER, UNET = 2, 2
"""How much louder than freshly drawn the towers, and the UNets' text and time layers, are: see `oracle/conftest.py`."""

CONFIGS = ROOT / "fooo" / "catalog" / "configs"


def loud(kind: ModelKind, *, seed: int = 0) -> Networks:
    """Networks that hear what they are told: untrained, their words would hardly move a latent."""
    with model_files.random_from(seed):
        networks = _shallow(kind)
    with torch.no_grad():
        for name, weight in networks.unet.named_parameters():
            if weight.ndim > 1 and any(part in name for part in ("attn2", "add_embedding", "time_emb")):
                weight.mul_(UNET)
        for tower in (networks.text_encoder, networks.text_encoder_2):
            for weight in tower.parameters() if tower is not None else ():
                if weight.ndim > 1:
                    weight.mul_(TOWER)
    return networks


def _shallow(kind: ModelKind) -> Networks:
    """Those of `model_files.py`, with no more layers than are needed to tell one from the next."""
    shapes = model_files.shapes(kind, Widths.SMALL)
    config = model_files.unet_config(kind, Widths.SMALL)
    depths = tuple(min(2, depth) for depth in config["transformer_layers_per_block"])
    return Networks(
        kind=kind,
        unet=diffusers.UNet2DConditionModel(**config | {"transformer_layers_per_block": depths}).eval(),
        vae=model_files.vae(Widths.SMALL),
        text_encoder=_shallow_tower(shapes.text_encoder),
        text_encoder_2=_shallow_tower(shapes.text_encoder_2),
    )


def _shallow_tower(tower: Any) -> Any:
    if tower is None:
        return None
    config = copy.deepcopy(tower.config)
    config.num_hidden_layers = 3
    return type(tower)(config).eval()


def write_checkpoint(
    file: Path,
    networks: Networks,
    *,
    dtype: torch.dtype = torch.float32,
    marks: Mapping[str, torch.Tensor] | None = None,
) -> None:
    """The file, and beside it the configuration of its small networks.

    Args:
        file: Where.
        networks: What.
        dtype: How its numbers are stored.
        marks: Further tensors, such as `v_pred`.
    """
    model_files.write(file, model_files.as_dtype(model_files.original(networks), dtype) | dict(marks or {}))
    write_configs(file.with_suffix(".config"), networks)


def write_configs(folder: Path, networks: Networks) -> None:
    networks.unet.save_config(folder / "unet")
    networks.vae.save_config(folder / "vae")
    for name, tower in (("text_encoder", networks.text_encoder), ("text_encoder_2", networks.text_encoder_2)):
        if tower is not None:
            config = tower.config.to_dict()
            if networks.kind.base is Base.SD2:
                config["num_hidden_layers"] -= 1
            (folder / name).mkdir()
            (folder / name / "config.json").write_text(json.dumps(config))
    usual = CONFIGS / {Base.SD1: "sd1", Base.SD2: "sd2"}.get(networks.kind.base, "sdxl")
    for name in ("tokenizer", "tokenizer_2", "scheduler"):
        if (usual / name).exists():
            shutil.copytree(usual / name, folder / name)


def models_in(folder: Path) -> dict[str, LocalModel]:
    return models_on(read_shelf([folder]))


def pipeline_of(networks: Networks, folder: Path, **scheduler: object) -> Any:
    """diffusers' own pipeline around the networks. Args: folder: For the vocabularies that it reads."""
    steps = diffusers.EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, timestep_spacing="leading",
        **scheduler,
    )  # fmt: skip
    if networks.kind.base is Base.SDXL:
        words = [tokenizer(folder / name, pad) for name, pad in (("one", "<|endoftext|>"), ("two", "!"))]
        pipeline = diffusers.StableDiffusionXLPipeline(
            networks.vae, networks.text_encoder, networks.text_encoder_2, *words, networks.unet, steps,
            force_zeros_for_empty_prompt=False, add_watermarker=False,
        )  # fmt: skip
    else:
        is_first = networks.kind.base is Base.SD1
        pipeline = diffusers.StableDiffusionPipeline(
            networks.vae,
            networks.text_encoder if is_first else shortened(networks.text_encoder),
            tokenizer(folder / "one", "<|endoftext|>" if is_first else "!"),
            networks.unet, steps, None, None, requires_safety_checker=False,
        )  # fmt: skip
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def tokenizer(folder: Path, padding: str) -> Any:
    """transformers' own, with the vocabulary that ships."""
    shutil.copytree(CONFIGS / "clip", folder)
    told = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}
    config = {**told, "pad_token": padding, "tokenizer_class": "CLIPTokenizer", "model_max_length": 77}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return transformers.CLIPTokenizer.from_pretrained(folder)


def shortened(tower: Any) -> Any:
    """SD 2.x hears OpenCLIP's last layer but one, with the norm behind it."""
    config = copy.deepcopy(tower.config)
    config.num_hidden_layers -= 1
    shorter = transformers.CLIPTextModel(config)
    named = {name.removeprefix("text_model."): weight for name, weight in tower.state_dict().items()}
    shorter.load_state_dict({name: named[name] for name in shorter.state_dict()})
    return shorter.eval()
