"""What a folder or a file of weights holds, told from its small files or its header: no network is loaded."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from fooo.catalog.model_files.checkpoints import identify_checkpoint
from fooo.catalog.model_files.contents import Contents, FileIdentity, ModelKind, NumberFormat, Unknown
from fooo.catalog.model_files.guides import identify_guide
from fooo.catalog.model_files.header import Header, read_header
from fooo.catalog.model_files.loras import identify_lora
from fooo.catalog.model_files.notes import title_of, trigger_words_of
from fooo.catalog.model_files.upscalers import identify_upscaler
from fooo.catalog.model_files.words import identify_embedding, identify_text_encoder, identify_vae
from fooo.request import Size


@dataclass(frozen=True, slots=True)
class Identity:
    kind: ModelKind
    native_size: Size


def identify_folder(folder: Path) -> Identity | None:
    """What a folder in diffusers' layout holds, or None where it is none that Fooo can draw with."""
    try:
        config = cast(dict[str, Any], json.loads((folder / "unet" / "config.json").read_text(encoding="utf-8")))
        kind = _kind_by_config(config)
        side = int(config["sample_size"]) * 8
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
        return None
    return Identity(kind, Size(width=side, height=side)) if kind else None


def _kind_by_config(config: dict[str, Any]) -> ModelKind | None:
    """By how the UNet is built.

    Both of SDXL's networks are told how large the picture is (`text_time`); the base has three levels of resolution,
    the refiner a fourth (Podell et al. 2023, table 1 and section 2.5). SD's have four, and attention on the first.
    """
    told = config.get("addition_embed_type")
    attends = str(config["down_block_types"][0]).startswith("CrossAttn")
    match told, len(config["block_out_channels"]), attends:
        case _ if config["in_channels"] != 4 or config.get("class_embed_type"):
            return None
        case "text_time", 3, _:
            return ModelKind.SDXL_BASE
        case "text_time", 4, _:
            return ModelKind.SDXL_REFINER
        case None, 4, True:
            return ModelKind.SD2 if config.get("use_linear_projection") else ModelKind.SD1
        case _:
            return None


def identify_file(path: Path, *, thorough: bool = True) -> FileIdentity:
    """What a safetensors file holds, told from its header.

    Args:
        path: The file.
        thorough: Look at every tensor. Else some of a long LoRA's are enough, which is ten times as fast: damage
            between them stays unseen, but not that a file was cut short.

    Raises:
        ModelError: It cannot be read, is damaged, or lacks tensors of what it holds.
    """
    header = read_header(path, glance=not thorough)
    contents = identify_lora(path, header) if not header.is_whole else None
    if contents is None:
        header = header if header.is_whole else read_header(path)
        contents = _contents(path, header)
    return FileIdentity(
        contents=contents,
        number_format=_number_format(header),
        title=title_of(header.metadata),
        trigger_words=trigger_words_of(header.metadata),
    )


def _contents(path: Path, header: Header) -> Contents:
    """By the first that knows it: a checkpoint also holds a VAE and text encoders, a ControlNet blocks of a UNet."""
    for identify in (
        identify_guide,
        identify_checkpoint,
        identify_lora,
        identify_embedding,
        identify_vae,
        identify_text_encoder,
        identify_upscaler,
    ):
        if contents := identify(path, header):
            return contents
    return Unknown(_why_unknown(header))


_OTHER_FAMILIES = (
    ("double_blocks.0.", "a Flux model"),
    ("joint_blocks.0.", "a Stable Diffusion 3 model"),
    ("clip_txt_mapper.", "a Stable Cascade model"),
    ("motion_modules.", "an AnimateDiff network"),
    ("mapper.", "a hypernetwork"),
)


def _why_unknown(header: Header) -> str:
    if not header.tensors:
        return "holds no tensors"
    named = (name for mark, name in _OTHER_FAMILIES if any(mark in tensor for tensor in header.tensors))
    return (
        f"is {family}, which Fooo does not draw with" if (family := next(named, None)) else "is of no kind known here"
    )


_FORMATS = {
    "F32": NumberFormat.FP32,
    "F16": NumberFormat.FP16,
    "BF16": NumberFormat.BF16,
    "F8_E4M3": NumberFormat.FP8,
    "F8_E5M2": NumberFormat.FP8,
}


def _number_format(header: Header) -> NumberFormat:
    """Of most of its matrices: what is smaller is often stored more exactly. Of a file without any, of its tensors."""
    tensors = header.tensors.values()
    matrices = Counter(tensor["dtype"] for tensor in tensors if len(tensor["shape"]) > 1)
    counts = matrices or Counter(tensor["dtype"] for tensor in tensors)
    return _FORMATS.get(counts.most_common(1)[0][0], NumberFormat.OTHER) if counts else NumberFormat.OTHER
