"""FreeU: more of the UNet's deep features, less of what skips past them."""

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import Any, ClassVar, cast

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import nn

from fooo.events import LegName
from fooo.pipeline.hooks.hook import Hook


class FreeU(Hook):
    """Changes what the blocks on the UNet's way up are given, where features are as wide as in its two deepest stages.

    Args:
        b1, b2: How much louder half of the deep features are made where there is much in them; 1 leaves them.
        s1, s2: Scale of the coarse part of what skips past them; 1 leaves it.

    Source: Si et al. 2023, "FreeU: Free Lunch in Diffusion U-Net", section 3.2, in its second version, in which the
    factor follows the mean of the features. Which blocks are meant is told by their width, as in the authors' code.
    """

    # its numbers are found for networks that draw a picture from its beginning; Fooocus, too, leaves the refiner alone
    legs: ClassVar[frozenset[LegName]] = frozenset({LegName.BASE})

    def __init__(self, *, b1: float, b2: float, s1: float, s2: float) -> None:
        self._scales = ((b1, s1), (b2, s2))

    @contextmanager
    def patch(self, unet: UNet2DConditionModel) -> Generator[None]:
        network = cast(Any, unet)
        widths = cast(tuple[int, ...], tuple(network.config.block_out_channels))
        scales = dict(zip(sorted(set(widths), reverse=True), self._scales, strict=False))
        deep = widths[-1]
        with ExitStack() as undo:
            for resnet in (resnet for block in network.up_blocks for resnet in block.resnets):
                if deep in scales:
                    handle = cast(nn.Module, resnet).register_forward_pre_hook(_freed(deep, *scales[deep]))
                    undo.callback(handle.remove)
                deep = cast(int, resnet.out_channels)
            yield


def _freed(deep: int, louder: float, coarse: float) -> Callable[[nn.Module, tuple[Any, ...]], tuple[Any, ...]]:
    """Changes the first input of a block: `deep` channels of features, and what skips past them behind."""

    def change(_block: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        features, *others = inputs
        freed = torch.cat([amplified(features[:, :deep], louder), filtered(features[:, deep:], coarse)], dim=1)
        return freed, *others

    return change


def amplified(features: torch.Tensor, scale: float) -> torch.Tensor:
    """Features of which the first half is louder the more there is in all of them together.

    Args:
        features: Shape (n, channels, h, w).
        scale: Of a place where there is most in them; where there is least, they stay.
    """
    mean = features.mean(1, keepdim=True)
    low, high = mean.amin((2, 3), keepdim=True), mean.amax((2, 3), keepdim=True)
    factor = (scale - 1) * (mean - low) / (high - low).clamp(min=1e-6) + 1
    half = features.shape[1] // 2
    return torch.cat([features[:, :half] * factor, features[:, half:]], dim=1)


def filtered(features: torch.Tensor, scale: float) -> torch.Tensor:
    """Features with the lowest frequencies, -1 and 0 along each axis, times `scale`; shape (n, channels, h, w)."""
    spectrum = cast(torch.Tensor, cast(Any, torch.fft).fft2(features.float()))
    lowest = torch.tensor([-1, 0], device=features.device)
    spectrum[..., lowest[:, None], lowest] *= scale
    return cast(torch.Tensor, cast(Any, torch.fft).ifft2(spectrum)).real.to(features.dtype)
