"""Upscaler files into networks: the header tells which, the shapes tell how large, and every tensor has its place."""

import importlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn

from fooo.catalog.model_files.contents import UpscalerArchitecture
from fooo.catalog.model_files.header import read_header
from fooo.catalog.model_files.upscalers import identify_upscaler
from fooo.errors import ModelError
from fooo.vision.enlarge.networks import RRDBNet, SRVGGNetCompact
from fooo.vision.enlarge.spellings import Tensors, todays_names
from fooo.weights.tensor_file import open_tensors

_DENSE_CONTEXT = 56
"""Pixels on each side that have a say in a pixel. In truth more have, but together by less than 1 level of 255."""
_COMPACT_CONTEXT = 20
"""The same of the compact network; beyond its 18 convolutions there is nothing."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class LoadedUpscaler:
    """A network that enlarges.

    Attributes:
        name: Of its file.
        network: float32 of shape (1, 3, height, width) in 0..1 into the same, `scale` times as large. Its weights are
            as the file has them, on the processor.
        scale: How many times larger.
        context: Pixels around a tile that have a say in it.
        multiple: By how many pixels a side must be divisible.
        only_float32: Whether it may not compute in 16 bits.
    """

    name: str
    network: nn.Module
    scale: int
    context: int
    multiple: int = 1
    only_float32: bool = False


def load_upscaler(path: Path) -> LoadedUpscaler:
    """The upscaler in a safetensors file.

    Raises:
        ModelError: It is missing, damaged, no upscaler, or of an architecture that cannot be computed here.
    """
    upscaler = identify_upscaler(path, read_header(path))
    if upscaler is None:
        raise ModelError(path, "is no upscaler that is known here", "choose another one")
    with open_tensors(path) as opened:
        tensors = todays_names({name: opened.read(name) for name in opened.names}, upscaler.architecture)
    match upscaler.architecture:
        case UpscalerArchitecture.REAL_ESRGAN | UpscalerArchitecture.ESRGAN | UpscalerArchitecture.ESRGAN_NAMED:
            return _dense(path, tensors)
        case UpscalerArchitecture.COMPACT:
            return _compact(path, tensors)
        case _:
            return _by_spandrel(path, tensors, upscaler.architecture)


def _dense(path: Path, tensors: Tensors) -> LoadedUpscaler:
    width, channels, *_ = _shape(path, tensors, "conv_first.weight")
    doublings, folded = _count(tensors, r"conv_up(\d+)\.weight"), max(1, round((channels / 3) ** 0.5))
    with torch.device("meta"):
        network = RRDBNet(
            blocks=_count(tensors, r"body\.(\d+)\."),
            width=width,
            growth=_shape(path, tensors, "body.0.rdb1.conv1.weight")[0],
            doublings=doublings,
            folded=folded,
        )
    return LoadedUpscaler(
        name=path.name,
        network=_filled(path, network, tensors),
        scale=2**doublings // folded,
        context=_DENSE_CONTEXT,
        multiple=folded,
    )


def _compact(path: Path, tensors: Tensors) -> LoadedUpscaler:
    parts = _count(tensors, r"body\.(\d+)\.")
    width = _shape(path, tensors, "body.0.weight")[0]
    scale = max(1, round((_shape(path, tensors, f"body.{parts - 1}.weight")[0] / 3) ** 0.5))
    with torch.device("meta"):
        network = SRVGGNetCompact(layers=(parts - 3) // 2, width=width, scale=scale)
    network = _filled(path, network, tensors)
    return LoadedUpscaler(name=path.name, network=network, scale=scale, context=_COMPACT_CONTEXT)


def _filled(path: Path, network: nn.Module, tensors: Tensors) -> nn.Module:
    """Raises: ModelError: A tensor is missing, one too many, or of another shape."""
    try:
        network.load_state_dict(dict(tensors), strict=True, assign=True)
    except RuntimeError:
        problem = "is an upscaler with parts that are not known here"
        raise ModelError(path, problem, "choose another one") from None
    return _ready(network)


def _ready(network: nn.Module) -> nn.Module:
    # convolutions are up to a quarter quicker with the channels last, on processors and on cards
    cast(Any, network).to(memory_format=torch.channels_last)
    return network.eval().requires_grad_(requires_grad=False)


def _by_spandrel(path: Path, tensors: Tensors, architecture: UpscalerArchitecture) -> LoadedUpscaler:
    """Of any architecture that spandrel knows, where it is installed: it needs torchvision, and Fooo does without.

    Raises:
        ModelError: It is not installed, or does not know this one.
    """
    try:
        spandrel: Any = importlib.import_module("spandrel")
    except ImportError:
        problem = f"is an upscaler of the kind {architecture.value}, which Fooo does not compute by itself"
        raise ModelError(path, problem, "install torchvision and spandrel, or choose an ESRGAN one") from None
    try:
        described = spandrel.ModelLoader("cpu").load_from_state_dict(dict(tensors))
    except (spandrel.UnsupportedModelError, RuntimeError, KeyError, ValueError):
        raise ModelError(path, "is an upscaler that spandrel does not know", "choose another one") from None
    if described.input_channels != 3 or described.output_channels != 3:
        raise ModelError(path, "does not enlarge colour pictures", "choose another one")
    return LoadedUpscaler(
        name=path.name,
        network=_ready(_Described(described)),
        scale=described.scale,
        context=_DENSE_CONTEXT,
        only_float32=True,
    )


class _Described(nn.Module):
    """spandrel's model with what it does before and behind it, such as making the sides divisible."""

    def __init__(self, described: Any) -> None:
        super().__init__()
        self.model: nn.Module = described.model
        self._described = described

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        return self._described(picture)


def _shape(path: Path, tensors: Tensors, name: str) -> tuple[int, ...]:
    tensor = tensors.get(name)
    if tensor is None or tensor.ndim != 4:
        raise ModelError(path, f"is an upscaler without its {name}", "download or copy it again")
    return tuple(tensor.shape)


def _count(tensors: Tensors, numbered: str) -> int:
    """How many different numbers there are among the names."""
    return len({match[1] for name in tensors if (match := re.match(numbered, name))})
