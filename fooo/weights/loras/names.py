"""Where a change belongs: the names that trainers give the modules of a network.

Trainers write dots as underscores, and name SDXL's UNet in the layout of its publisher; both are told from the
network's own names, so that there is no table of models.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any, cast

from torch import nn

from fooo.weights.part import Part

_STARTS = (
    ("lora_unet_", Part.UNET),
    ("lora_te1_", Part.TEXT_ENCODER),
    ("lora_te2_", Part.TEXT_ENCODER_2),
    ("lora_te_", Part.TEXT_ENCODER),
    ("unet.", Part.UNET),
    ("text_encoder.", Part.TEXT_ENCODER),
    ("text_encoder_2.", Part.TEXT_ENCODER_2),
)
_TOWER = "text_model_"
_FIRST_NAMES = {
    "attn_to_q": "attn_q_proj",
    "attn_to_k": "attn_k_proj",
    "attn_to_v": "attn_v_proj",
    "attn_to_out": "attn_out_proj",
}
"""How diffusers once called the modules of a tower's attention, and how they are called."""

_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
_ENDS = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
_MIDDLE = {"resnets.0": "middle_block.0", "attentions.0": "middle_block.1", "resnets.1": "middle_block.2"}
_PLACE = re.compile(r"(down|up)_blocks\.(\d+)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\.(.+)")
_IN_THE_MIDDLE = re.compile(r"mid_block\.((?:resnets|attentions)\.\d+)\.(.+)")


def place_of(module: str) -> tuple[Part, str]:
    """The part and the flat name of a module as a file names it: dots are underscores, `text_model` is left out."""
    name = module.removeprefix("base_model.model.")
    start, part = next(((start, part) for start, part in _STARTS if name.startswith(start)), ("", Part.UNET))
    flat = _flat(name.removeprefix(start)).replace("_processor_", "_")
    if part is not Part.UNET:
        flat = flat.removeprefix(_TOWER)
        for old, new in _FIRST_NAMES.items():
            flat = flat.replace(old, new)
    return part, flat


def modules_by_flat_name(network: nn.Module) -> dict[str, str]:
    """The names of the modules with a weight, by each flat name that a file may give them."""
    modules: dict[str, nn.Module] = dict(cast(Any, network).named_modules())
    layers = sum(re.fullmatch(r"down_blocks\.0\.resnets\.\d+", name) is not None for name in modules)
    found: dict[str, str] = {}
    for name, module in modules.items():
        if isinstance(getattr(module, "weight", None), nn.Parameter):
            for known in (name, name.removesuffix(".0"), *_original(modules, name, layers)):
                found.setdefault(_flat(known).removeprefix(_TOWER), name)
    return found


def _original(modules: Collection[str], name: str, layers: int) -> Iterator[str]:
    """A UNet's module in its publisher's layout: blocks in one row, each of a resnet with its attention.

    What makes smaller is a block of its own; what makes larger stands last in the block before.

    Args:
        modules: The names of all.
        name: Of this one.
        layers: Resnets a level on the way down; one more on the way up.
    """
    if name in _ENDS:
        yield _ENDS[name]
    elif match := _IN_THE_MIDDLE.fullmatch(name):
        yield f"{_MIDDLE[match[1]]}.{_RESNET.get(match[2], match[2])}"
    elif match := _PLACE.fullmatch(name):
        level, number, inside = int(match[2]), int(match[4]), match[5]
        match match[1], match[3]:
            case "down", "downsamplers":
                yield f"input_blocks.{(level + 1) * (layers + 1)}.0.op"
            case "up", "upsamplers":
                after = 2 if f"up_blocks.{level}.attentions" in modules else 1
                yield f"output_blocks.{level * (layers + 1) + layers}.{after}.conv"
            case "down", kind:
                yield f"input_blocks.{1 + level * (layers + 1) + number}.{_inside(kind, inside)}"
            case _, kind:
                yield f"output_blocks.{level * (layers + 1) + number}.{_inside(kind, inside)}"


def _inside(kind: str, name: str) -> str:
    return f"0.{_RESNET.get(name, name)}" if kind == "resnets" else f"1.{name}"


def _flat(name: str) -> str:
    return name.replace(".", "_")
