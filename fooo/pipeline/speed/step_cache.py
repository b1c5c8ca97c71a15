"""Step caching: at some steps the deep layers of a UNet rest, and what they would say is told from what they said."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from typing import Any, cast

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import nn

from fooo.pipeline.conditioning import Conditioning
from fooo.pipeline.denoiser import Denoiser, Row
from fooo.pipeline.latents import Latents

_FIRST = 5
"""Steps at which nothing rests."""


@contextmanager
def step_cached(
    unet: UNet2DConditionModel, interval: int, make: Callable[[UNet2DConditionModel], Denoiser]
) -> Generator[Denoiser]:
    """A denoiser that asks the whole network at every `interval`-th step and its outermost layers at the others.

    Deep features change slowly and steadily from step to step, and nearly all the work is in them: in SDXL the
    outermost layers are 7 % of it. The first steps, which lay out the picture, are the whole network's.

    Args:
        unet: Which stays as it is.
        interval: 2 or more.
        make: Makes a denoiser of a UNet.

    Source: Ma et al. 2023, "DeepCache: Accelerating Diffusion Models for Free", section 3.3, with its uniform
    intervals; the line instead of the last features themselves: Liu et al. 2025, "From Reusing to Forecasting:
    Accelerating Diffusion Models with TaylorSeers", eq. 4, first order.
    """
    memory = _Memory()
    outermost = cast(nn.Module, cast(Any, unet).up_blocks[-1])
    handle = outermost.register_forward_pre_hook(memory.listen, with_kwargs=True)
    try:
        yield StepCache(make(unet), make(_outermost_layers(unet, memory)), memory, interval)
    finally:
        handle.remove()


class StepCache:
    """Args: whole, shallow: Denoisers by the network and by its outermost layers. memory: Of the latter."""

    def __init__(self, whole: Denoiser, shallow: Denoiser, memory: "_Memory", interval: int) -> None:
        self._whole, self._shallow, self._memory, self._interval = whole, shallow, memory, interval
        self._steps: dict[int, int] = {}
        """Of each picture, for those of other sizes or longer words are guessed in calls of their own."""
        self._known: dict[Row, tuple[_Point, ...]] = {}
        """Of each row, the last two times that the whole network was asked."""

    def guess(
        self,
        latents: Latents,
        sigmas: Sequence[float],
        conditionings: Sequence[Conditioning],
        of: Sequence[Row],
    ) -> Latents:
        """As `Denoiser.guess`."""
        for picture in {row.picture for row in of}:
            self._steps[picture] = self._steps.get(picture, 0) + 1
        if all(self._is_fresh(row) for row in of):
            self._memory.recall([_told(self._known[row], self._steps[row.picture]) for row in of])
            return self._shallow.guess(latents, sigmas, conditionings, of)
        self._memory.heard.clear()
        guessed = self._whole.guess(latents, sigmas, conditionings, of)
        features = torch.cat(self._memory.heard).chunk(len(of))
        for row, feature in zip(of, features, strict=True):
            self._known[row] = (*self._known.get(row, ())[-1:], _Point(self._steps[row.picture], feature))
        return guessed

    def _is_fresh(self, row: Row) -> bool:
        known, step = self._known.get(row, ()), self._steps[row.picture]
        return step > _FIRST and len(known) == 2 and step - known[1].step < self._interval


@dataclass(frozen=True, eq=False, slots=True)
class _Point:
    """What the deep layers said of a row at a step."""

    step: int
    features: torch.Tensor


def _told(points: tuple[_Point, ...], step: int) -> torch.Tensor:
    """The features at a later step, on the line through two points."""
    before, last = points
    return torch.lerp(before.features, last.features, (step - before.step) / (last.step - before.step))


class _Memory(nn.Module):
    """Stands where the deep layers were, and says what they said.

    Attributes:
        heard: What the deep layers said in each call, in order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[torch.Tensor] = []
        self._recalled = torch.empty(0)

    def listen(self, _block: nn.Module, _inputs: tuple[Any, ...], told: dict[str, Any]) -> None:
        self.heard.append(told["hidden_states"])

    def recall(self, features: Sequence[torch.Tensor]) -> None:
        """The next calls say these, one a row, in order."""
        self._recalled = torch.cat(list(features))

    def forward(self, hidden: torch.Tensor, *_told: object, **_kwargs: object) -> torch.Tensor:
        """As many rows of what is recalled as there are in the call."""
        said, self._recalled = self._recalled.tensor_split([len(hidden)])
        return said


def _outermost_layers(unet: UNet2DConditionModel, memory: _Memory) -> UNet2DConditionModel:
    """A UNet of the first one's own outermost layers, with a memory in place of all between them.

    Nothing is copied but the lists of modules, so that patches of the first one are patches of this one too.
    """
    network, shallow = cast(Any, unet), cast(Any, _twin(unet))
    first = cast(Any, _twin(network.down_blocks[0]))
    first.downsamplers = None  # what lies below is remembered
    shallow.down_blocks = nn.ModuleList([first])
    shallow.mid_block = memory
    shallow.up_blocks = nn.ModuleList([network.up_blocks[-1]])
    return shallow


def _twin(module: nn.Module) -> nn.Module:
    """A module with the same layers, in which some can be exchanged."""
    twin = copy(module)
    twin.__dict__["_modules"] = dict(twin.__dict__["_modules"])
    return twin
