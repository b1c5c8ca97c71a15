"""What a folder of weights holds, told from its small files: no network is loaded."""

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from fooo.request import Size


class ModelKind(StrEnum):
    SDXL_BASE = "SDXL base"
    SDXL_REFINER = "SDXL refiner"


@dataclass(frozen=True, slots=True)
class Identity:
    kind: ModelKind
    native_size: Size


def identify_folder(folder: Path) -> Identity | None:
    """What a folder in diffusers' layout holds, or None where it is none that Fooo can draw with.

    Both of SDXL's networks are told how large the picture is (`text_time`); the base has three levels of resolution,
    the refiner a fourth (Podell et al. 2023, table 1 and section 2.5).
    """
    try:
        config = cast(dict[str, Any], json.loads((folder / "unet" / "config.json").read_text(encoding="utf-8")))
        if config.get("addition_embed_type") != "text_time" or config.get("in_channels") != 4:
            return None
        side = int(config["sample_size"]) * 8
        levels = len(config["block_out_channels"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    match levels:
        case 3:
            return Identity(ModelKind.SDXL_BASE, Size(width=side, height=side))
        case 4:
            return Identity(ModelKind.SDXL_REFINER, Size(width=side, height=side))
        case _:
            return None
