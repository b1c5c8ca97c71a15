"""DPM-Solver-2: the slope in the middle of the step, by the logarithm of the noise level."""

import math
from itertools import pairwise

from fooo.pipeline.latents import Latents
from fooo.pipeline.samplers.euler import churn
from fooo.pipeline.samplers.noise import ancestral_levels
from fooo.pipeline.samplers.sampler import Ask, Sampling, Walk, approach, goes_straight


def dpm_2(walk: Walk) -> Sampling:
    """Steps along the slope in their middle, which takes two calls.

    Source: Lu et al. 2022, "DPM-Solver: A Fast ODE Solver for Diffusion Probabilistic Model Sampling in Around 10
    Steps", algorithm 1; with the churn of Karras et al. 2022, algorithm 2.
    """
    latents = walk.latents
    for step, (level, next_sigma) in enumerate(pairwise(walk.sigmas)):
        latents, sigma = churn(latents, level, step, walk)
        latents = yield from _midpoint_step(latents, sigma, next_sigma)
    return latents


def dpm_2_ancestral(walk: Walk) -> Sampling:
    """DPM-Solver-2 to below the next noise level, and fresh noise up to it.

    Source: Lu et al. 2022, algorithm 1; the noise as in Song et al. 2021, eq. 16.
    """
    latents, eta = walk.latents, walk.options.eta_or(1.0)
    for sigma, next_sigma in pairwise(walk.sigmas):
        down, up = ancestral_levels(sigma, next_sigma, eta)
        latents = yield from _midpoint_step(latents, sigma, down)
        if up:
            latents = latents + walk.noise.between(sigma, next_sigma) * (up * walk.options.s_noise)
    return latents


def _midpoint_step(latents: Latents, sigma: float, next_sigma: float) -> Sampling:
    """One step along the slope in its middle, or one of Euler's."""
    clean = yield Ask(latents, sigma)
    if goes_straight(sigma, next_sigma):
        return approach(latents, clean, next_sigma / sigma)
    middle = math.sqrt(sigma * next_sigma)
    halfway = approach(latents, clean, middle / sigma)
    clean_halfway = yield Ask(halfway, middle)
    return latents + (halfway - clean_halfway) / middle * (next_sigma - sigma)
