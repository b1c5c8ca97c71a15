"""What a sampler is: a generator that yields what it wants guessed and is sent the guess."""

import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from fooo.pipeline.latents import Latents
from fooo.pipeline.noise_levels import NoiseLevels
from fooo.pipeline.samplers.noise import Noise
from fooo.pipeline.schedules import Sigmas


@dataclass(frozen=True, slots=True)
class Ask:
    """A sampler's question: what are the clean latents behind these, at this noise level?"""

    latents: Latents
    sigma: float


Sampling: TypeAlias = Generator[Ask, Latents, Latents]
"""One picture being sampled: yields asks, is sent clean guesses, returns the clean latents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplerOptions:
    """How much chance there is in a sampler that has any; the others pass over it.

    Attributes:
        eta: Share of a step's noise that is drawn anew; 0 draws none. Unset: the sampler's own.
        s_churn: How much noise Euler, Heun and DPM2 add before their steps, over the whole walk. Karras et al. 2022
            try 0 to 80.
        s_tmin, s_tmax: The noise levels between which they do.
        s_noise: Scales all noise that is added on the way; a little above 1 keeps details that guesses smooth away.
    """

    eta: float | None = None
    s_churn: float = 0.0
    s_tmin: float = 0.0
    s_tmax: float = math.inf
    s_noise: float = 1.0

    def eta_or(self, own: float) -> float:
        return own if self.eta is None else self.eta


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
        """Go from `walk.sigmas[0]` to 0."""
        ...


def approach(latents: Latents, clean: Latents, left: float) -> Latents:
    """Straight towards the clean guess until the share `left` of the noise is left.

    With left = next_sigma / sigma it is Euler's step in sigma, DDIM's step and the first-order step of DPM-Solver++ all
    at once. Written so, it is exact at left = 0, however large the noise was.
    """
    return clean + (latents - clean) * left
