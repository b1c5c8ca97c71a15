"""The two networks of R-ESRGAN. Their parts have the names of the published weights.

Both take and give float32 of shape (1, 3, height, width) in 0..1 and compute in whatever their weights are; what the
blocks add up stays float32, which a third of the error of bfloat16 depends on and next to no time.

Sources: Wang et al. 2018, "ESRGAN: Enhanced Super-Resolution Generative Adversarial Networks", section 3.1 (dense
blocks in dense blocks, without normalisation); Wang et al. 2021, "Real-ESRGAN", section 3.3 and the project's compact
network.
"""

from collections.abc import Callable
from itertools import product

import torch
from torch import nn
from torch.nn import functional

_SCALE = 0.2
"""What a block adds is made smaller by this: ESRGAN's residual scaling."""
_SLOPE = 0.2
_PIECE, _AROUND = 128, 4
"""Features along a side that are made larger together; how many around them have a say in it (at least 2)."""


class DenseBlock(nn.Module):
    """Five convolutions, each of which sees what all before it found."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.conv1 = _convolution(width, growth)
        self.conv2 = _convolution(width + growth, growth)
        self.conv3 = _convolution(width + 2 * growth, growth)
        self.conv4 = _convolution(width + 3 * growth, growth)
        self.conv5 = _convolution(width + 4 * growth, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found = x.to(self.conv1.weight.dtype)
        for conv in (self.conv1, self.conv2, self.conv3, self.conv4):
            found = torch.cat((found, _leaky(conv(found))), dim=1)
        return torch.add(x, self.conv5(found), alpha=_SCALE)


class ResidualDenseBlock(nn.Module):
    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.rdb1 = DenseBlock(width, growth)
        self.rdb2 = DenseBlock(width, growth)
        self.rdb3 = DenseBlock(width, growth)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.add(x, self.rdb3(self.rdb2(self.rdb1(x))), alpha=_SCALE)


class RRDBNet(nn.Module):
    """R-ESRGAN's large network; with 23 blocks it is 4x+, with 6 blocks 4x+ Anime6B.

    Args:
        blocks: How many residual blocks follow each other.
        width, growth: Channels between the blocks, and those that each convolution in a block adds.
        doublings: How often the features are made twice as large.
        folded: Pixels along each side that are folded into channels before anything else (R-ESRGAN 2x+: 2).
    """

    def __init__(self, *, blocks: int, width: int, growth: int, doublings: int, folded: int) -> None:
        super().__init__()
        self.folded = folded
        self.conv_first = _convolution(3 * folded**2, width)
        self.body = nn.Sequential(*(ResidualDenseBlock(width, growth) for _ in range(blocks)))
        self.conv_body = _convolution(width, width)
        self._doublings = [f"conv_up{number}" for number in range(1, doublings + 1)]
        for name in self._doublings:
            self.add_module(name, _convolution(width, width))
        self.conv_hr = _convolution(width, width)
        self.conv_last = _convolution(width, 3)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        dtype = self.conv_first.weight.dtype
        first = self.conv_first(functional.pixel_unshuffle(picture, self.folded).to(dtype)).float()
        features = (first + self.conv_body(self.body(first).to(dtype))).to(dtype)
        return _in_pieces(self._enlarge, features, 2 ** len(self._doublings))

    def _enlarge(self, features: torch.Tensor) -> torch.Tensor:
        for name in self._doublings:
            features = _leaky(self.get_submodule(name)(functional.interpolate(features, scale_factor=2)))
        return self.conv_last(_leaky(self.conv_hr(features)))


class SRVGGNetCompact(nn.Module):
    """R-ESRGAN's small network: a row of convolutions that says how the pixels differ from the enlarged ones.

    Args:
        layers: Convolutions between the first and the last.
        width: Their channels.
        scale: How many times larger the picture becomes.
    """

    def __init__(self, *, layers: int, width: int, scale: int) -> None:
        super().__init__()
        parts: list[nn.Module] = [_convolution(3, width), nn.PReLU(width)]
        for _ in range(layers):
            parts += [_convolution(width, width), nn.PReLU(width)]
        self.body = nn.Sequential(*parts, _convolution(width, 3 * scale**2))
        self._scale = scale

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        difference = self.body(picture.to(next(self.parameters()).dtype)).float()
        return functional.pixel_shuffle(difference, self._scale) + functional.interpolate(
            picture, scale_factor=self._scale
        )


def _convolution(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=1)


def _leaky(x: torch.Tensor) -> torch.Tensor:
    return functional.leaky_relu(x, _SLOPE, inplace=True)


def _in_pieces(enlarge: Callable[[torch.Tensor], torch.Tensor], features: torch.Tensor, scale: int) -> torch.Tensor:
    """What `enlarge` gives of all features, in the memory of a piece: the last layers are sixteen times as large.

    Returns:
        float32, shape (1, 3, scale * height, scale * width).
    """
    height, width = features.shape[-2:]
    whole = torch.empty((1, 3, height * scale, width * scale), device=features.device)
    for top, left in product(range(0, height, _PIECE), range(0, width, _PIECE)):
        above, before = min(top, _AROUND), min(left, _AROUND)
        seen = features[..., top - above : top + _PIECE + _AROUND, left - before : left + _PIECE + _AROUND]
        place = whole[..., top * scale : (top + _PIECE) * scale, left * scale : (left + _PIECE) * scale]
        rows, columns = place.shape[-2:]
        enlarged = enlarge(seen)[..., above * scale :, before * scale :]
        place.copy_(enlarged[..., :rows, :columns])
    return whole
