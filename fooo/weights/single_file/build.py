"""A network around tensors that are there already: nothing is drawn at random, and nothing held twice."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from fooo.errors import ModelError
from fooo.weights.part import Part


def build_network(part: Part, config: Mapping[str, Any], tensors: Mapping[str, torch.Tensor], file: Path) -> nn.Module:
    """The network that the configuration describes, with these tensors as its weights.

    Args:
        part: Which.
        config: In diffusers' words.
        tensors: By their names in it; a tower's without `text_model.`. Further ones are left out. Each becomes the
            weight itself, in its own precision: where it is a view of a mapped file, it stays one.
        file: Where the tensors come from, for the sentence.

    Raises:
        ModelError: A tensor is missing or of another size.
    """
    with torch.device("meta"):
        network = _make(part, config)
    wanted = {name: weight.shape for name, weight in network.state_dict().items()}
    named = {name: name.removeprefix("text_model.") for name in wanted}
    missing = [name for name in wanted if named[name] not in tensors]
    if missing:
        few = "a tensor" if len(missing) == 1 else f"{len(missing):,} tensors"
        raise ModelError(file, f"lacks {few} of its {part.called}, such as {missing[0]}", "copy it again")
    for name, shape in wanted.items():
        found = tensors[named[name]].shape
        if found != shape:
            sizes = f"{name} is {_sides(found)} and not {_sides(shape)}"
            hint = f"put the configuration it was made with into {file.stem}.config beside it"
            raise ModelError(file, f"holds a {part.called} of another size than is usual ({sizes})", hint)
    network.load_state_dict({name: tensors[named[name]] for name in wanted}, assign=True)
    _count_positions(network)
    return network


def _make(part: Part, config: Mapping[str, Any]) -> nn.Module:
    unet, vae, tower = cast(Any, UNet2DConditionModel), cast(Any, AutoencoderKL), cast(Any, CLIPTextConfig)
    match part:
        case Part.UNET:
            return unet.from_config(config)
        case Part.VAE:
            return vae.from_config(config)
        case Part.TEXT_ENCODER:
            return CLIPTextModel(tower.from_dict(config))
        case Part.TEXT_ENCODER_2:
            return CLIPTextModelWithProjection(tower.from_dict(config))
        case _:
            raise ValueError(part)  # a vocabulary is no network


def _sides(shape: torch.Size) -> str:
    return " x ".join(map(str, shape)) or "one number"


def _count_positions(network: nn.Module) -> None:
    """Fill a tower's one table that is in no file: its positions' numbers, 0, 1, 2..."""
    for module in network.modules():
        for name, table in module.named_buffers(recurse=False):
            if table.is_meta:
                setattr(module, name, torch.arange(table.shape[-1]).expand(table.shape))
