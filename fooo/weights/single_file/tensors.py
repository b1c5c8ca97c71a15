"""One network's tensors out of a file, under the names that diffusers and transformers give them.

Nothing is read yet: each tensor is a view of the mapped file until it is copied or computed with.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import torch
from diffusers.loaders import single_file_utils

from fooo.catalog.model_files.contents import Base
from fooo.errors import ModelError
from fooo.weights.part import Part
from fooo.weights.tensor_file import open_tensors

Tensors = Mapping[str, torch.Tensor]

_diffusers: Any = single_file_utils

_UNET, _VAE = "model.diffusion_model.", "first_stage_model."
"""How the names must begin for diffusers to convert them."""

_PREFIXES = {
    (Base.SD1, Part.TEXT_ENCODER): ("cond_stage_model.transformer.",),
    (Base.SD2, Part.TEXT_ENCODER): ("cond_stage_model.model.", "conditioner.embedders.0.model."),
    (Base.SDXL, Part.TEXT_ENCODER): ("conditioner.embedders.0.transformer.",),
    (Base.SDXL, Part.TEXT_ENCODER_2): ("conditioner.embedders.1.model.",),
    (Base.SDXL_REFINER, Part.TEXT_ENCODER_2): ("conditioner.embedders.0.model.",),
    **{(base, Part.UNET): (_UNET,) for base in Base},
    **{(base, Part.VAE): (_VAE, "vae.") for base in Base},
}
"""How the names of a network's tensors may begin in a checkpoint."""
_ALONE = {Part.UNET: ("input_blocks.", "down_blocks."), Part.VAE: ("encoder.", "decoder.")}
"""How names begin in a file that holds one network alone."""

_OLD_ATTENTION = {".query.": ".to_q.", ".key.": ".to_k.", ".value.": ".to_v.", ".proj_attn.": ".to_out.0."}
"""diffusers' first names in a VAE, and today's."""

_OPEN_CLIP = {
    "token_embedding.": "embeddings.token_embedding.",
    "positional_embedding": "embeddings.position_embedding.weight",
    "transformer.resblocks.": "encoder.layers.",
    ".attn.": ".self_attn.",
    ".ln_1.": ".layer_norm1.",
    ".ln_2.": ".layer_norm2.",
    ".mlp.c_fc.": ".mlp.fc1.",
    ".mlp.c_proj.": ".mlp.fc2.",
    "ln_final.": "final_layer_norm.",
}
"""OpenCLIP's names in a tower, and transformers'."""

_SCALES = (".scale_weight", ".weight_scale")
"""Behind a layer's name: what the small numbers of its weight are multiplied with, one number or one for each row."""
_FP8 = {torch.float8_e4m3fn, torch.float8_e5m2}


def read_tensors(file: Path, base: Base, part: Part, config: Mapping[str, Any]) -> dict[str, torch.Tensor]:
    """The tensors of one network; empty where the file does not hold it.

    Averages over the training, which some files hold beside the network (`model_ema.`), are left alone: other programs
    draw without them too. A tower's names have no `text_model.` before them.

    Args:
        file: A checkpoint, or the network alone.
        base: Whose; it tells where the towers are.
        part: Which network.
        config: The network's, in diffusers' words.

    Raises:
        ModelError: The file is missing or damaged.
    """
    with open_tensors(file) as opened:
        prefix = network_prefix(opened.names, base, part)
        if prefix is None:
            return {}
        own = [name for name in opened.names if name.startswith(prefix)]
        found = _scaled_back({name.removeprefix(prefix): opened.read(name) for name in own}, file)
    return {name.removeprefix("text_model."): tensor for name, tensor in _in_diffusers_names(found, config).items()}


def network_prefix(names: Collection[str], base: Base, part: Part) -> str | None:
    """What stands before the names of a network's tensors in a file; None where it is not there."""
    for prefix in _PREFIXES.get((base, part), ()):
        if any(name.startswith(prefix) for name in names):
            return prefix
    return "" if any(name.startswith(_ALONE.get(part, ())) for name in names) else None


def _scaled_back(found: Tensors, file: Path) -> Tensors:
    """The tensors with those as they were meant, in float16, that were scaled to fit into eight bits."""
    scales = {f"{name.removesuffix(end)}.weight": name for name in found for end in _SCALES if name.endswith(end)}
    meant = {name: tensor for name, tensor in found.items() if name not in scales.values()}
    for name, scale in scales.items():
        if name in meant and meant[name].dtype in _FP8:
            meant[name] = _times_rows(meant[name].float(), found[scale].float(), file).half()
    return meant


def _times_rows(weight: torch.Tensor, scale: torch.Tensor, file: Path) -> torch.Tensor:
    if scale.numel() not in {1, len(weight)}:
        raise ModelError(file, "holds numbers that are scaled in a way that Fooo does not know", "get another version")
    return weight * scale.reshape(-1, *[1] * (weight.ndim - 1))


def _in_diffusers_names(found: Tensors, config: Mapping[str, Any]) -> dict[str, torch.Tensor]:
    if "input_blocks.0.0.weight" in found:
        return _diffusers.convert_ldm_unet_checkpoint(_behind(_UNET, found), config)
    if any(name.startswith(("encoder.down.", "decoder.up.")) for name in found):
        return _diffusers.convert_ldm_vae_checkpoint(_behind(_VAE, found), config)
    if "ln_final.weight" in found:
        return _from_open_clip(found)
    return {todays_name(name): tensor for name, tensor in found.items()}


def _behind(prefix: str, tensors: Tensors) -> dict[str, torch.Tensor]:
    return {prefix + name: tensor for name, tensor in tensors.items()}


def _from_open_clip(found: Tensors) -> dict[str, torch.Tensor]:
    """Its three projections of an attention stand in one tensor, and its last one multiplies from the right."""
    named: dict[str, torch.Tensor] = {}
    for name, tensor in found.items():
        plain = _renamed(name, _OPEN_CLIP)
        if name == "text_projection":
            named["text_projection.weight"] = tensor.T.contiguous()
        elif ".in_proj_" in plain:
            for which, third in zip("qkv", tensor.chunk(3), strict=True):
                named[plain.replace(".in_proj_", f".{which}_proj.")] = third
        else:
            named[plain] = tensor
    return named


def todays_name(name: str) -> str:
    """A tensor's name in diffusers' own layout, as diffusers has it today."""
    return _renamed(name, _OLD_ATTENTION)


def _renamed(name: str, names: Mapping[str, str]) -> str:
    for old, new in names.items():
        name = name.replace(old, new)
    return name
