"""Small upscalers: stand-ins that enlarge exactly, and random networks in the layouts of real files."""

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from fooo.vision.enlarge import EnlargePolicy, LoadedUpscaler
from fooo.vision.enlarge.networks import RRDBNet, SRVGGNetCompact
from fooo.weights import DeviceKind, Precision
from tests.model_files import Weights, random_from, write

CPU = EnlargePolicy(device=DeviceKind.CPU, precision=Precision.FLOAT32, tile=1024)


class Repeating(nn.Module):
    """Repeats each pixel, and notes what it was shown and what it was to compute in."""

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale = scale
        self.weight = nn.Parameter(torch.ones(1), requires_grad=False)
        self.seen: list[tuple[int, int]] = []
        self.dtypes: list[torch.dtype] = []

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        self.seen.append((picture.shape[3], picture.shape[2]))
        self.dtypes.append(self.weight.dtype)
        return functional.interpolate(picture, scale_factor=self.scale) * self.weight.float()


class Blurring(Repeating):
    """Looks three pixels far, beyond the picture's edges too, as convolutions do; most of it is the pixel itself."""

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        kernel = torch.full((3, 1, 7, 7), 0.25 / 49)
        kernel[..., 3, 3] += 0.75
        return super().forward(functional.conv2d(picture, kernel, padding=3, groups=3))


class Failing(Repeating):
    """Gives no numbers in 16 bits, or none at all."""

    def __init__(self, scale: int, *, always: bool = False) -> None:
        super().__init__(scale)
        self._always = always

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        larger = super().forward(picture)
        return larger if self.weight.dtype is torch.float32 and not self._always else larger * torch.nan


def stand_in(network: Repeating, *, context: int = 8, multiple: int = 1) -> LoadedUpscaler:
    return LoadedUpscaler(name="stand-in", network=network, scale=network.scale, context=context, multiple=multiple)


def dense(*, blocks: int = 2, width: int = 8, growth: int = 4, doublings: int = 2, folded: int = 1) -> RRDBNet:
    """Random, loud enough that every layer has a say."""
    with random_from(0):
        network = RRDBNet(blocks=blocks, width=width, growth=growth, doublings=doublings, folded=folded)
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(2)
    return network.eval().requires_grad_(requires_grad=False)


def compact(*, layers: int = 3, width: int = 8, scale: int = 4) -> SRVGGNetCompact:
    with random_from(0):
        return SRVGGNetCompact(layers=layers, width=width, scale=scale).eval().requires_grad_(requires_grad=False)


def saved(network: nn.Module, file: Path) -> Path:
    return write(file, {name: tensor.half() for name, tensor in network.state_dict().items()})


def in_old_spelling(weights: Weights, *, doublings: int) -> Weights:
    """As ESRGAN's authors first numbered them."""
    blocks = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("body."))
    ups = {f"conv_up{number}": f"model.{3 * number}" for number in range(1, doublings + 1)}
    last = 3 * doublings + 2
    ends = {"conv_first": "model.0", "conv_body": f"model.1.sub.{blocks}", **ups, "conv_hr": f"model.{last}"}
    ends["conv_last"] = f"model.{last + 2}"
    spelt: Weights = {}
    for name, tensor in weights.items():
        part, _, kind = name.rpartition(".")
        if part.startswith("body."):
            _, block, dense_block, conv = part.split(".")
            part = f"model.1.sub.{block}.{dense_block.upper()}.{conv}.0"
        spelt[f"{ends.get(part, part)}.{kind}"] = tensor
    return spelt


def in_named_spelling(weights: Weights) -> Weights:
    """As ESRGAN's authors named them later."""
    spelt: Weights = {}
    for name, tensor in weights.items():
        new = name.replace("body.", "RRDB_trunk.", 1) if name.startswith("body.") else name
        new = new.replace(".rdb", ".RDB").replace("conv_body", "trunk_conv").replace("conv_up", "upconv")
        spelt[new.replace("conv_hr", "HRconv")] = tensor
    return spelt
