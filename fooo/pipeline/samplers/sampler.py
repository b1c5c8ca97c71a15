"""What a sampler is: a generator that yields what it wants guessed and is sent the guess."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from itertools import count
from typing import Protocol, TypeAlias

import torch

from fooo.events import LegName
from fooo.pipeline.latents import Latents
from fooo.pipeline.noise_levels import NoiseLevels
from fooo.pipeline.samplers.noise import LaterNoise, Noise, Silence
from fooo.pipeline.schedules import Sigmas
from fooo.request import SamplerOptions

PURE_NOISE = 1000.0
"""Noise levels above it hold next to nothing of the picture.

A zero-terminal-SNR model's first is 4,096, others' are 15 to 700.
"""


@dataclass(frozen=True, slots=True)
class Ask:
    """A sampler's question: what are the clean latents behind these, at this noise level?

    Attributes:
        leg: Which network is to guess; None leaves it to the noise level.
        done: Share of the asks that are behind the picture once this one is answered; None where nobody counts.
    """

    latents: Latents
    sigma: float
    leg: LegName | None = None
    done: float | None = None


Sampling: TypeAlias = Generator[Ask, Latents, Latents]
"""One picture being sampled: yields asks, is sent clean guesses, returns the clean latents."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Walk:
    """A picture's way from noise to clean latents.

    Attributes:
        latents: Where it starts, at noise level `sigmas[0]`; shape (1, 4, h, w).
        sigmas: The noise levels on the way.
        noise: The picture's own, for samplers that add any.
        levels: What the model was trained at.
    """

    latents: Latents
    sigmas: Sigmas
    noise: Noise
    options: SamplerOptions
    levels: NoiseLevels


class SampleFunction(Protocol):
    def __call__(self, walk: Walk) -> Sampling:
        """Go from the first of `walk.sigmas` to the last, which is 0 but for the first of several stretches."""
        ...


def approach(latents: Latents, clean: Latents, left: float) -> Latents:
    """Straight towards the clean guess until the share `left` of the noise is left.

    With left = next_sigma / sigma it is Euler's step in sigma, DDIM's step and the first-order step of DPM-Solver++ all
    at once. Written so, it is exact at left = 0, however large the noise was.
    """
    return torch.lerp(clean, latents, left)


def goes_straight(sigma: float, next_sigma: float) -> bool:
    """Whether a step by two guesses is to be Euler's by one: to 0, where there is no slope, and from pure noise.

    There the guess hardly depends on the latents, and the step is some hundred times as long as the level is high where
    it ends, so that an error of the guess at that end would cover the picture.
    """
    return next_sigma == 0 or sigma > PURE_NOISE


def separately(sample: SampleFunction, walk: Walk, step: int) -> Sampling:
    """The walk by two samplers, the refiner's from `step` on, which knows nothing of what the base guessed."""
    start = replace(walk, sigmas=walk.sigmas[: step + 1])
    latents = yield from _with_asks(sample(start), lambda ask: replace(ask, leg=LegName.BASE))
    end = replace(walk, latents=latents, sigmas=walk.sigmas[step:], noise=LaterNoise(walk.noise, step))
    return (yield from _with_asks(sample(end), lambda ask: replace(ask, leg=LegName.REFINER)))


def counted(sample: SampleFunction, walk: Walk) -> Sampling:
    """The walk, with each ask saying how much of all asks is done by it.

    How many there will be is found by a walk over latents of one number. A sampler that chooses its own steps may take
    more or fewer of them.
    """
    asks = count_asks(sample, walk)
    numbers = count(1)
    return _with_asks(sample(walk), lambda ask: replace(ask, done=min(1.0, next(numbers) / asks)))


def count_asks(sample: SampleFunction, walk: Walk) -> int:
    """How many asks a walk takes where the clean values are standard normal."""
    sampling = sample(replace(walk, latents=torch.full((1, 1, 1, 1), walk.sigmas[0]), noise=Silence()))
    asks, ask = 1, next(sampling)
    while True:
        try:
            ask = sampling.send(ask.latents / (1 + ask.sigma**2))
        except StopIteration:
            return asks
        asks += 1


def _with_asks(sampling: Sampling, change: Callable[[Ask], Ask]) -> Sampling:
    """The same sampling, each of its asks changed."""
    ask = next(sampling)
    while True:
        clean = yield change(ask)
        try:
            ask = sampling.send(clean)
        except StopIteration as end:
            return end.value
