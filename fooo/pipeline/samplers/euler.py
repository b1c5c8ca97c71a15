"""Karras' samplers: Euler's and Heun's methods, with churn; and Euler's with ancestral noise."""

import math
from itertools import pairwise

from fooo.pipeline.latents import Latents
from fooo.pipeline.samplers.noise import ancestral_levels
from fooo.pipeline.samplers.sampler import Ask, Sampling, Walk, approach, goes_straight


def euler(walk: Walk) -> Sampling:
    """Straight steps along the slope.

    Source: Karras et al. 2022, "Elucidating the Design Space of Diffusion-Based Generative Models", algorithm 2
    without its second-order correction.
    """
    latents = walk.latents
    for step, (level, next_sigma) in enumerate(pairwise(walk.sigmas)):
        latents, sigma = churn(latents, level, step, walk)
        clean = yield Ask(latents, sigma)
        latents = approach(latents, clean, next_sigma / sigma)
    return latents


def euler_ancestral(walk: Walk) -> Sampling:
    """Straight steps to below the next noise level, and fresh noise up to it.

    Source: Song et al. 2021, "Denoising Diffusion Implicit Models", eq. 12, in units of sigma; named by k-diffusion.
    """
    latents, eta = walk.latents, walk.options.eta_or(1.0)
    for sigma, next_sigma in pairwise(walk.sigmas):
        clean = yield Ask(latents, sigma)
        down, up = ancestral_levels(sigma, next_sigma, eta)
        latents = approach(latents, clean, down / sigma)
        if up:
            latents = latents + walk.noise.between(sigma, next_sigma) * (up * walk.options.s_noise)
    return latents


def heun(walk: Walk) -> Sampling:
    """Steps along the mean of the slopes at both ends, which takes two calls.

    Source: Karras et al. 2022, algorithm 2.
    """
    latents = walk.latents
    for step, (level, next_sigma) in enumerate(pairwise(walk.sigmas)):
        latents, sigma = churn(latents, level, step, walk)
        latents = yield from heun_step(latents, sigma, next_sigma)
    return latents


def heun_step(latents: Latents, sigma: float, next_sigma: float) -> Sampling:
    """One of Heun's steps, or one of Euler's.

    Source: Karras et al. 2022, algorithm 2, lines 7 to 11, with d = (x - D(x)) / sigma.
    """
    clean = yield Ask(latents, sigma)
    ahead = approach(latents, clean, next_sigma / sigma)
    if goes_straight(sigma, next_sigma):
        return ahead
    clean_ahead = yield Ask(ahead, next_sigma)
    slope = ((latents - clean) / sigma + (ahead - clean_ahead) / next_sigma) / 2
    return latents + slope * (next_sigma - sigma)


def churn(latents: Latents, sigma: float, step: int, walk: Walk) -> tuple[Latents, float]:
    """A little noise on top, and the noise level that this makes; nothing where the options ask for none.

    Source: Karras et al. 2022, algorithm 2, lines 4 to 6.
    """
    options, steps = walk.options, len(walk.sigmas) - 1
    if options.s_churn <= 0 or not options.s_tmin <= sigma <= options.s_tmax:
        return latents, sigma
    raised = sigma * (1 + min(options.s_churn / steps, math.sqrt(2) - 1))
    noise = walk.noise.fresh(step) * options.s_noise
    return latents + noise * math.sqrt(raised**2 - sigma**2), raised
