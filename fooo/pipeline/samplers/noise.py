"""The noise that a sampler adds on its way: the picture's own, by its seed."""

import hashlib
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import torch

from fooo.pipeline.latents import Latents, mix


class Noise(Protocol):
    """Standard normal noise in the shape of a picture's latents."""

    def between(self, sigma: float, next_sigma: float) -> Latents:
        """The noise that belongs to the stretch between two noise levels.

        Of stretches that lie apart it is independent; of stretches that overlap it agrees, so that a sampler which
        looks at a half step before it takes the whole one, or takes more and smaller steps, walks the same random path.
        """
        ...

    def fresh(self, number: int) -> Latents:
        """Independent of all other noise; the same for the same number, from 0."""
        ...


_DEEPEST = -16
"""The smallest noise level told apart, as a power of 2."""
_OCTAVES = 32
_OCTAVE = 1024
"""Places in each; neighbours are 0.07 % apart, the closest two of SDXL's training steps 0.33 %."""
_PLACES = _OCTAVES * _OCTAVE


class BrownianNoise:
    """Noise along one Brownian path over the logarithm of the noise level, found by halving.

    Every place of a fixed grid has a random number of its own, made from seed and place, which says how far the path
    is there from the middle between its neighbours of the level above. So the path depends on the seed alone: not on
    which stretches are asked for, in which order, nor on the other pictures of a batch.

    Args:
        seed: The picture's.
        shape: Of its latents.
        device: Where the noise is wanted; it is drawn on the processor, so that a seed means the same everywhere.

    Source: Levy 1948, the midpoint construction of Brownian motion; Li et al. 2020, "Scalable Gradients for Stochastic
    Differential Equations", section 4 (virtual Brownian tree).
    """

    def __init__(self, seed: int, shape: Sequence[int], device: torch.device) -> None:
        self._seed, self._shape, self._device = seed, tuple(shape), device
        # The halvings above a place are two chains of 15; they are shared with the next place that is asked for.
        self._path = lru_cache(maxsize=64)(self._halve)

    def between(self, sigma: float, next_sigma: float) -> Latents:
        low, high = sorted((_place(sigma), _place(next_sigma)))
        if low == high:
            low, high = (low, high + 1) if high < _PLACES else (low - 1, high)
        return ((self._path(high) - self._path(low)) / math.sqrt(high - low)).to(self._device)

    def fresh(self, number: int) -> Latents:
        return self._draw(f"fresh {number}").to(self._device)

    def _halve(self, place: int) -> Latents:
        """The path at a place of the grid, in units of the square root of a place."""
        if place == 0:
            return torch.zeros(self._shape)
        if place == _PLACES:
            return self._draw("end") * math.sqrt(_PLACES)
        half = place & -place  # how far the neighbours of the level above are: the lowest bit that is set
        middle = (self._path(place - half) + self._path(place + half)) / 2
        return middle + self._draw(f"place {place}") * math.sqrt(half / 2)

    def _draw(self, name: str) -> Latents:
        digest = hashlib.blake2b(f"{self._seed} {name}".encode(), digest_size=8).digest()
        generator = torch.Generator("cpu").manual_seed(int.from_bytes(digest, "big"))
        return torch.randn(self._shape, generator=generator, dtype=torch.float32)


class MixedNoise:
    """Several noises, each times its weight; standard normal where the squares of the weights add up to 1."""

    def __init__(self, weighted: Sequence[tuple[Noise, float]]) -> None:
        self._weighted = weighted

    def between(self, sigma: float, next_sigma: float) -> Latents:
        return mix([(noise.between(sigma, next_sigma), weight) for noise, weight in self._weighted])

    def fresh(self, number: int) -> Latents:
        return mix([(noise.fresh(number), weight) for noise, weight in self._weighted])


class LaterNoise:
    """A noise whose first `after` numbers are used up."""

    def __init__(self, noise: Noise, after: int) -> None:
        self._noise, self._after = noise, after

    def between(self, sigma: float, next_sigma: float) -> Latents:
        return self._noise.between(sigma, next_sigma)

    def fresh(self, number: int) -> Latents:
        return self._noise.fresh(number + self._after)


class Silence:
    """No noise, of a single number: for walks of which only the asks count."""

    def between(self, sigma: float, next_sigma: float) -> Latents:
        del sigma, next_sigma
        return torch.zeros(1, 1, 1, 1)

    def fresh(self, number: int) -> Latents:
        del number
        return torch.zeros(1, 1, 1, 1)


def _place(sigma: float) -> int:
    """Where a noise level lies on the grid, 0.._PLACES; levels beyond its ends lie at the ends."""
    if sigma <= 0:
        return 0
    return min(max(0, round((math.log2(sigma) - _DEEPEST) * _OCTAVE)), _PLACES)


def ancestral_levels(sigma: float, next_sigma: float, eta: float) -> tuple[float, float]:
    """How far down to denoise, and how much noise then takes the latents up to `next_sigma`.

    Args:
        sigma: Where the step begins.
        next_sigma: Where it ends, at least 0.
        eta: 1 draws as much noise as the posterior of the diffusion holds, 0 none.

    Returns:
        (down, up) with down^2 + up^2 = next_sigma^2.

    Source: Song et al. 2021, "Denoising Diffusion Implicit Models", eq. 16, over sqrt(alpha-bar) to be in units of
    sigma.
    """
    up = min(next_sigma, eta * next_sigma * math.sqrt(1 - (next_sigma / sigma) ** 2))
    return math.sqrt(next_sigma**2 - up**2), up
