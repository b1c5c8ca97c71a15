"""Samplers carried from noise to clean by a function in place of a network."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from fooo.catalog import Sampler
from fooo.pipeline.latents import Latents
from fooo.pipeline.noise_levels import NoiseLevels
from fooo.pipeline.samplers import SAMPLERS, Ask, BrownianNoise, Noise, Sampling, Walk
from fooo.pipeline.schedules import Sigmas
from fooo.request import SamplerOptions

Guess = Callable[[Latents, float], Latents]

SDXL = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "num_train_timesteps": 1000}
LEVELS = NoiseLevels.from_config(SDXL, Path("x"))
TO_PURE_NOISE = NoiseLevels.from_config({**SDXL, "rescale_betas_zero_snr": True}, Path("x"))
PLAIN = SamplerOptions()


@dataclass(frozen=True)
class Gaussians:
    """Latents whose values are drawn, each alone, from a mixture of two bells of equal weight."""

    low: float
    high: float
    spread: float

    def guess(self, latents: Latents, sigma: float) -> Latents:
        """The mean of the clean values behind noisy ones: each bell's own, by how likely the bell is."""
        variance = self.spread**2 + sigma**2
        logit = (latents - (self.low + self.high) / 2) * ((self.high - self.low) / variance)
        mean = self.low + (self.high - self.low) * torch.sigmoid(logit)
        return mean + (latents - mean) * (self.spread**2 / variance)

    def draw(self, like: Latents, seed: int) -> Latents:
        generator = torch.Generator().manual_seed(seed)
        bells = torch.rand(like.shape, generator=generator, dtype=like.dtype) < 0.5
        means = torch.where(bells, self.low, self.high)
        return means + self.spread * torch.randn(like.shape, generator=generator, dtype=like.dtype)


def noise_of(seed: int, side: int = 8) -> Latents:
    return torch.randn((1, 4, side, side), generator=torch.Generator().manual_seed(seed))


def walk_of(
    latents: Latents,
    sigmas: Sigmas,
    *,
    seed: int = 0,
    noise: Noise | None = None,
    options: SamplerOptions = PLAIN,
    levels: NoiseLevels = LEVELS,
) -> Walk:
    own = noise or BrownianNoise(seed, latents.shape, latents.device)
    return Walk(latents=latents, sigmas=sigmas, noise=own, options=options, levels=levels)


def carry(sampling: Sampling, guess: Guess) -> tuple[Latents, list[Ask]]:
    """Where the sampler ends, and what it asked on the way."""
    asks = [next(sampling)]
    while True:
        try:
            asks.append(sampling.send(guess(asks[-1].latents, asks[-1].sigma)))
        except StopIteration as done:
            return done.value, asks


def sample(sampler: Sampler, walk: Walk, guess: Guess) -> Latents:
    return carry(SAMPLERS[sampler](walk), guess)[0]
