"""UNets, told from their tensors' names and shapes."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from fooo.catalog.model_files.contents import Base, UnetShape
from fooo.catalog.model_files.header import Header
from fooo.catalog.model_files.pieces import both, gaps, lacking, read_pieces, require

_PLACE = re.compile(
    r"((?:(?:in|out)put_blocks\.\d{1,3}\.\d|middle_block\.\d)\.(?:transformer_blocks\.\d{1,3}\.)?)([a-z].*)"
)
_RESNET = both("in_layers.0", "in_layers.2", "emb_layers.1", "out_layers.0", "out_layers.3")
_ATTENTION = both("norm", "proj_in", "proj_out")
_BLOCK = both("norm1", "norm2", "norm3", "attn1.to_out.0", "attn2.to_out.0", "ff.net.0.proj", "ff.net.2") | {
    f"{attention}.to_{which}.weight" for attention in ("attn1", "attn2") for which in "qkv"
}
_SMALLER, _LARGER, _FIRST = both("op"), both("conv"), frozenset(("weight", "bias"))
_KINDS = (_RESNET, _ATTENTION, _BLOCK, _SMALLER, _LARGER, _FIRST)
_ENDS = both("input_blocks.0.0", "time_embed.0", "time_embed.2", "out.0", "out.2")
_VECTOR = both("label_emb.0.0", "label_emb.0.2")

_MIDDLE_RESNETS = ("middle_block.0.", "middle_block.2.")

_TRUE_WIDTHS = {Base.SD1: (768, 0), Base.SD2: (1024, 0), Base.SDXL: (2048, 2816), Base.SDXL_REFINER: (1280, 2560)}
"""Of the words and of what is told beside them."""


def read_unet(path: Path, header: Header, prefix: str) -> UnetShape | None:
    """The UNet in the original layout behind a prefix; None where it is built otherwise than SD's and SDXL's.

    Raises:
        ModelError: It lacks tensors.
    """
    names = set(header.below(prefix))
    pieces = read_pieces(names, _PLACE)
    told = header.has_any(prefix + "label_emb.0.")
    ends = (_ENDS | _VECTOR if told else _ENDS) - names
    rows = gaps(f"{side}.{number}" for side in ("input_blocks", "output_blocks") for number in _numbers(pieces, side))
    blocks = gaps(piece for piece in pieces if "transformer_blocks" in piece)
    require(path, "UNet", {*ends, *lacking(pieces, _KINDS), *rows, *blocks})

    depths = _depths(pieces)
    if depths is None:
        return None
    resnets = [
        piece
        for piece, leaves in sorted(pieces.items(), key=_by_number)
        if piece.startswith("input") and leaves & _RESNET
    ]
    words = next((piece for piece in pieces if "transformer_blocks" in piece), "")
    attention = words.partition("transformer_blocks")[0]
    layers = len(resnets) // len(depths)
    return UnetShape(
        in_channels=header.width(prefix + "input_blocks.0.0.weight", 1),
        channels=tuple(header.width(f"{prefix}{piece}out_layers.3.weight", 0) for piece in resnets[::layers]),
        layers=layers,
        depths=depths,
        middle_depth=_depth_by_block(pieces)["middle_block.1."],
        text_width=header.width(f"{prefix}{words}attn2.to_k.weight", 1),
        vector_width=header.width(prefix + "label_emb.0.0.weight", 1),
        linear=len(header.shape(f"{prefix}{attention}proj_in.weight")) == 2,
    )


def _by_number(piece: tuple[str, object]) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", piece[0]))


def _numbers(pieces: Iterable[str], side: str) -> set[int]:
    return {int(piece.split(".")[1]) for piece in pieces if piece.startswith(side)}


def _depth_by_block(pieces: Iterable[str]) -> Counter[str]:
    """How many transformer blocks there are in a block with attention."""
    return Counter(block for block, word, _ in (piece.partition("transformer_blocks.") for piece in pieces) if word)


def _depths(pieces: Mapping[str, set[str]]) -> tuple[int, ...] | None:
    """Transformer blocks behind each resnet, by level; None where they differ within one, or on the way up."""
    if not all(piece in pieces for piece in _MIDDLE_RESNETS):
        return None
    depth = _depth_by_block(pieces)
    down: list[list[int]] = [[]]
    for number in sorted(_numbers(pieces, "input_blocks") - {0}):
        if pieces.get(f"input_blocks.{number}.0.", set()) & _SMALLER:
            down.append([])
        else:
            down[-1].append(depth[f"input_blocks.{number}.1."])
    layers = len(down[0])
    depths = tuple(level[0] for level in down if level)
    up = [depth[f"output_blocks.{number}.1."] for number in sorted(_numbers(pieces, "output_blocks"))]
    regular_down = down == [[depth] * layers for depth in depths]
    regular_up = up == [depth for depth in reversed(depths) for _ in range(layers + 1)]
    return depths if regular_down and regular_up else None


def base_of_unet(unet: UnetShape) -> Base | None:
    """The family by the build; small ones with the same build count too, others of full size do not.

    Source: Rombach et al. 2022, table 15; Podell et al. 2023, table 1 and section 2.5.
    """
    match len(unet.channels), unet.vector_width > 0, unet.depths[0] > 0:
        case 3, True, False:
            base = Base.SDXL
        case 4, True, False:
            base = Base.SDXL_REFINER
        case 4, False, True:
            base = Base.SD2 if unet.linear else Base.SD1
        case _:
            return None
    is_full_size = unet.channels[0] >= 256
    return base if not is_full_size or (unet.text_width, unet.vector_width) == _TRUE_WIDTHS[base] else None


def read_diffusers_unet(header: Header) -> UnetShape | None:
    """The same of a UNet in diffusers' layout; None where it is none of that build."""
    levels = range(_count(header, r"down_blocks\.(\d+)\."))
    depths = tuple(
        _count(header, rf"down_blocks\.{level}\.attentions\.0\.transformer_blocks\.(\d+)\.") for level in levels
    )
    deep = next((level for level in levels if depths[level]), None)
    if deep is None:
        return None
    attention = f"down_blocks.{deep}.attentions.0."
    return UnetShape(
        in_channels=header.width("conv_in.weight", 1),
        channels=tuple(header.width(f"down_blocks.{level}.resnets.0.conv1.weight", 0) for level in levels),
        layers=_count(header, r"down_blocks\.0\.resnets\.(\d+)\."),
        depths=depths,
        middle_depth=_count(header, r"mid_block\.attentions\.0\.transformer_blocks\.(\d+)\."),
        text_width=header.width(attention + "transformer_blocks.0.attn2.to_k.weight", 1),
        vector_width=header.width("add_embedding.linear_1.weight", 1),
        linear=len(header.shape(attention + "proj_in.weight")) == 2,
    )


def _count(header: Header, numbered: str) -> int:
    pattern = re.compile(numbered)
    return len({match[1] for name in header.tensors if (match := pattern.match(name))})
