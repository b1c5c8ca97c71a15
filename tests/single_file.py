"""A model in diffusers' folders as one file in SDXL's original layout, as most models are handed around."""

import importlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch

safetensors: Any = importlib.import_module("safetensors.torch")

Weights = Mapping[str, torch.Tensor]
Rules = Iterable[tuple[str, str]]
"""Patterns of names with what stands in their place, one after the other."""

UNET = "model.diffusion_model."
VAE = "first_stage_model."
FIRST = "conditioner.embedders.0.transformer.text_model."
SECOND = "conditioner.embedders.1.model."

_RESNET = (
    (r"\.norm1\.", ".in_layers.0."),
    (r"\.conv1\.", ".in_layers.2."),
    (r"\.time_emb_proj\.", ".emb_layers.1."),
    (r"\.norm2\.", ".out_layers.0."),
    (r"\.conv2\.", ".out_layers.3."),
    (r"\.conv_shortcut\.", ".skip_connection."),
)
_UNET_ENDS = (
    (r"^time_embedding\.linear_1\.", "time_embed.0."),
    (r"^time_embedding\.linear_2\.", "time_embed.2."),
    (r"^add_embedding\.linear_1\.", "label_emb.0.0."),
    (r"^add_embedding\.linear_2\.", "label_emb.0.2."),
    (r"^conv_in\.", "input_blocks.0.0."),
    (r"^conv_norm_out\.", "out.0."),
    (r"^conv_out\.", "out.2."),
    (r"^mid_block\.resnets\.0\.", "middle_block.0."),
    (r"^mid_block\.attentions\.0\.", "middle_block.1."),
    (r"^mid_block\.resnets\.1\.", "middle_block.2."),
)
_VAE_RULES = (
    (r"\.down_blocks\.(\d+)\.resnets\.(\d+)\.", r".down.\1.block.\2."),
    (r"\.down_blocks\.(\d+)\.downsamplers\.0\.", r".down.\1.downsample."),
    (r"\.mid_block\.resnets\.0\.", ".mid.block_1."),
    (r"\.mid_block\.resnets\.1\.", ".mid.block_2."),
    (r"\.mid_block\.attentions\.0\.", ".mid.attn_1."),
    (r"\.group_norm\.", ".norm."),
    (r"\.to_([qkv])\.", r".\1."),
    (r"\.to_out\.0\.", ".proj_out."),
    (r"\.conv_norm_out\.", ".norm_out."),
    (r"\.conv_shortcut\.", ".nin_shortcut."),
)
_OPEN_CLIP = (
    (r"^embeddings\.token_embedding\.weight$", "token_embedding.weight"),
    (r"^embeddings\.position_embedding\.weight$", "positional_embedding"),
    (r"^final_layer_norm\.", "ln_final."),
    (r"^encoder\.layers\.", "transformer.resblocks."),
    (r"\.self_attn\.", ".attn."),
    (r"\.layer_norm([12])\.", r".ln_\1."),
    (r"\.mlp\.fc1\.", ".mlp.c_fc."),
    (r"\.mlp\.fc2\.", ".mlp.c_proj."),
)


def write_single_file(folder: Path, file: Path) -> None:
    """Writes the base model in `folder` into `file`, numbers as they are.

    Beside the weights it holds what SDXL's own file holds: the first tower's position numbers and the second's scale
    between words and pictures, which drawing does not need.
    """
    unet = json.loads((folder / "unet" / "config.json").read_text())
    second = second_tower(_read(folder / "text_encoder_2"))
    parts = (
        (UNET, original_unet(_read(folder / "unet"), layers=unet["layers_per_block"])),
        (VAE, original_vae(_read(folder / "vae"))),
        (FIRST, first_tower(_read(folder / "text_encoder"))),
        (SECOND, second | {"logit_scale": torch.tensor(4.6052).to(second["text_projection"])}),
    )
    whole = {prefix + name: weight.contiguous() for prefix, part in parts for name, weight in part.items()}
    safetensors.save_file(whole, file, metadata={"format": "pt"})


def original_unet(weights: Weights, *, layers: int) -> dict[str, torch.Tensor]:
    """Blocks in one row: each of `layers` resnets with its attention is one, and so is what makes smaller.

    What makes larger again stands last in the block of the last resnet.
    """
    with_attention = {match[0] for name in weights if (match := re.match(r"up_blocks\.\d+(?=\.attentions)", name))}

    def place(match: re.Match[str]) -> str:
        side, block, kind, layer = match[1], int(match[2]), match[3], int(match[4])
        if side == "down":
            number = 1 + block * (layers + 1) + (layers if kind == "downsamplers" else layer)
            inside = {"resnets": "0.", "attentions": "1.", "downsamplers": "0.op."}[kind]
            return f"input_blocks.{number}.{inside}"
        number = block * (layers + 1) + (layers if kind == "upsamplers" else layer)
        after = 2 if f"up_blocks.{block}" in with_attention else 1
        inside = {"resnets": "0.", "attentions": "1.", "upsamplers": f"{after}.conv."}[kind]
        return f"output_blocks.{number}.{inside}"

    def rename(name: str) -> str:
        renamed = _renamed(name, _RESNET) if ".resnets." in name else name
        renamed = re.sub(r"^(down|up)_blocks\.(\d+)\.(\w+)\.(\d+)\.(?:conv\.(?=\w+$))?", place, renamed)
        return _renamed(renamed, _UNET_ENDS)

    return {rename(name): weight for name, weight in weights.items()}


def original_vae(weights: Weights) -> dict[str, torch.Tensor]:
    """The decoder's blocks are counted from the picture's side, and attention is a convolution of one pixel."""
    count = 1 + max(int(match[1]) for name in weights if (match := re.match(r"decoder\.up_blocks\.(\d+)\.", name)))

    def up(match: re.Match[str]) -> str:
        kind = "upsample." if match[2].startswith("upsamplers") else f"block.{match[3]}."
        return f"decoder.up.{count - 1 - int(match[1])}.{kind}"

    renamed: dict[str, torch.Tensor] = {}
    for name, weight in weights.items():
        place = re.sub(r"^decoder\.up_blocks\.(\d+)\.((?:resnets|upsamplers)\.(\d+))\.", up, name)
        as_convolution = ".attentions." in name and weight.ndim == 2
        renamed[_renamed(place, _VAE_RULES)] = weight[:, :, None, None] if as_convolution else weight
    return renamed


def first_tower(weights: Weights) -> dict[str, torch.Tensor]:
    """As transformers writes it, after `text_model.`."""
    named = {name.removeprefix("text_model."): weight for name, weight in weights.items()}
    positions = torch.arange(len(named["embeddings.position_embedding.weight"]))
    return named | {"embeddings.position_ids": positions[None]}


def second_tower(weights: Weights) -> dict[str, torch.Tensor]:
    """In OpenCLIP's names: an attention's three projections are one, and the last one multiplies from the right."""
    named = {name.removeprefix("text_model."): weight for name, weight in weights.items()}
    given = {"text_projection": named.pop("text_projection.weight").T}
    for name, weight in named.items():
        if ".q_proj." in name:
            three = [named[name.replace(".q_proj.", f".{which}_proj.")] for which in "qkv"]
            given[_renamed(name, _OPEN_CLIP).replace(".q_proj.", ".in_proj_")] = torch.cat(three)
        elif ".k_proj." not in name and ".v_proj." not in name:
            given[_renamed(name, _OPEN_CLIP)] = weight
    return given


def _renamed(name: str, rules: Rules) -> str:
    for pattern, instead in rules:
        name = re.sub(pattern, instead, name)
    return name


def _read(folder: Path) -> dict[str, torch.Tensor]:
    [file] = folder.glob("*.safetensors")
    return safetensors.load_file(file)
