"""SDXL's base at its full size with random weights, as one file as checkpoints are handed around."""

from itertools import cycle
from pathlib import Path
from typing import Any, cast

import torch

from fooo.catalog import ModelKind
from tests import model_files
from tests.model_files import Widths

NAME = "full.safetensors"
_SPREAD = 0.02
"""Of the weights: small enough for every number on the way to stay finite in 16 bits."""


def write_full_size(models: Path, dtype: torch.dtype) -> None:
    """A folder of models with one of them in it, 6.9 GB in 16 bits; the random numbers come round again."""
    weights = model_files.checkpoint(ModelKind.SDXL_BASE, Widths.FULL, dtype=dtype)
    file = model_files.write(models / "checkpoints" / NAME, weights)
    with model_files.random_from(0):
        numbers = cast(Any, torch).randn(2**24).mul_(_SPREAD).to(dtype)
    block = cast(bytes, numbers.view(torch.uint8).numpy().tobytes())
    with file.open("r+b") as stream:
        start = 8 + int.from_bytes(stream.read(8), "little")
        stream.seek(start)
        left = file.stat().st_size - start
        for piece in cycle([block]):
            left -= stream.write(piece[:left])
            if not left:
                return
