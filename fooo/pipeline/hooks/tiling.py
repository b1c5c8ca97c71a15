"""Seamless tiling: copies of the picture, put side by side, meet without a seam."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, cast

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import nn
from torch.nn import functional

from fooo.pipeline.hooks.hook import Hook
from fooo.request import Tiling


class SeamlessTiling(Hook):
    """Lets the UNet see each edge of the picture beside the opposite one. The decoder needs the same: `around`."""

    def __init__(self, tiling: Tiling) -> None:
        self._tiling = tiling

    def patch(self, unet: UNet2DConditionModel) -> AbstractContextManager[None]:
        return around(unet, self._tiling)


@contextmanager
def around(network: nn.Module, tiling: Tiling) -> Generator[None]:
    """Within it, each convolution goes on at the opposite edge, where it saw nothing beyond its own.

    What else such a network is made of, normalization and attention, knows no edges. So a picture that is shifted
    around, by as much as the network's smallest features are wide, is guessed as the shifted guess.

    Args:
        network: A UNet or a decoder.
        tiling: Along which axes.
    """
    along_x, along_y = tiling in {Tiling.X, Tiling.BOTH}, tiling in {Tiling.Y, Tiling.BOTH}
    with ExitStack() as undo:
        for module in network.modules() if along_x or along_y else ():
            if isinstance(module, nn.Conv2d) and any(module.padding):
                own = cast(tuple[int, int], module.padding)
                wrapped = own[0] * along_y, own[1] * along_x
                undo.callback(setattr, module, "padding", own)
                module.padding = own[0] - wrapped[0], own[1] - wrapped[1]
                undo.callback(module.register_forward_pre_hook(_wrap(*wrapped)).remove)
        yield


def _wrap(y: int, x: int) -> Callable[[nn.Module, tuple[Any, ...]], tuple[Any, ...]]:
    """Puts that many rows and columns of the opposite edge around the first input."""

    def change(_convolution: nn.Module, inputs: tuple[Any, ...]) -> tuple[torch.Tensor, ...]:
        features, *others = inputs
        return functional.pad(features, (x, x, y, y), mode="circular"), *others

    return change
