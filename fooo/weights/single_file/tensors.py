"""One network's tensors out of a file, under the names that diffusers and transformers give them.

Nothing is read yet: each tensor is a view of the mapped file until it is copied or computed with.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from diffusers.loaders import single_file_utils

from fooo.catalog.model_files.contents import Base
from fooo.weights.part import Part
from fooo.weights.tensor_file import open_tensors

Tensors = Mapping[str, torch.Tensor]

_diffusers: Any = single_file_utils

_UNET, _VAE, _OPEN_CLIP = "model.diffusion_model.", "first_stage_model.", "tower."
"""How the names must begin for diffusers to convert them; of a tower that is free."""

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
        prefix = _prefix(base, part, opened.names)
        if prefix is None:
            return {}
        own = [name for name in opened.names if name.startswith(prefix)]
        found = {name.removeprefix(prefix): opened.read(name) for name in own}
    return {name.removeprefix("text_model."): tensor for name, tensor in _in_diffusers_names(found, config).items()}


def _prefix(base: Base, part: Part, names: Collection[str]) -> str | None:
    """What stands before the names of a network's tensors; None where it is not there."""
    for prefix in _PREFIXES.get((base, part), ()):
        if any(name.startswith(prefix) for name in names):
            return prefix
    return "" if any(name.startswith(_ALONE.get(part, ())) for name in names) else None


def _in_diffusers_names(found: Tensors, config: Mapping[str, Any]) -> dict[str, torch.Tensor]:
    if "input_blocks.0.0.weight" in found:
        return _diffusers.convert_ldm_unet_checkpoint(_behind(_UNET, found), config)
    if any(name.startswith(("encoder.down.", "decoder.up.")) for name in found):
        return _diffusers.convert_ldm_vae_checkpoint(_behind(_VAE, found), config)
    if "ln_final.weight" in found:
        # only its width is asked for, and that only where the file has no projection
        network = SimpleNamespace(config=SimpleNamespace(hidden_size=config["hidden_size"]))
        return _diffusers.convert_open_clip_checkpoint(network, _behind(_OPEN_CLIP, found), prefix=_OPEN_CLIP)
    return {_today(name): tensor for name, tensor in found.items()}


def _behind(prefix: str, tensors: Tensors) -> dict[str, torch.Tensor]:
    return {prefix + name: tensor for name, tensor in tensors.items()}


def _today(name: str) -> str:
    for old, new in _OLD_ATTENTION.items():
        name = name.replace(old, new)
    return name
