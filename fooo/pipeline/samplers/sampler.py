"""What a sampler is: a generator that yields what it wants guessed and is sent the guess."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from fooo.pipeline.latents import Latents
from fooo.pipeline.schedules import Sigmas


@dataclass(frozen=True, slots=True)
class Ask:
    """A sampler's question: what are the clean latents behind these, at this noise level?"""

    latents: Latents
    sigma: float


Sampling: TypeAlias = Generator[Ask, Latents, Latents]
"""One picture being sampled: yields asks, is sent clean guesses, returns the clean latents."""


class SampleFunction(Protocol):
    def __call__(self, latents: Latents, sigmas: Sigmas) -> Sampling:
        """Start from `latents` at noise level `sigmas[0]`; end at `sigmas[-1] == 0`. Shape (1, 4, h, w)."""
        ...
