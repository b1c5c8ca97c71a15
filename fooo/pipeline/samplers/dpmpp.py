"""DPM-Solver++, which steps in the logarithm of the noise level."""

import math
from itertools import pairwise

from fooo.pipeline.latents import Latents
from fooo.pipeline.samplers.noise import ancestral_levels
from fooo.pipeline.samplers.sampler import Ask, Sampling, Walk, approach


def dpmpp_2m(walk: Walk) -> Sampling:
    """Two-step DPM-Solver++: each guess is extended along the line through the one before it.

    Source: Lu et al. 2022, "DPM-Solver++: Fast Solver for Guided Sampling of Diffusion Probabilistic Models",
    algorithm 2, with lambda = -log(sigma). The first and the last step have no line to follow and are of first order.
    """
    latents = walk.latents
    clean_before: Latents | None = None
    h_before = 0.0
    for sigma, next_sigma in pairwise(walk.sigmas):
        clean = yield Ask(latents, sigma)
        if next_sigma == 0:
            return clean
        h = math.log(sigma / next_sigma)
        extended = clean
        if clean_before is not None:
            extended = clean + (clean - clean_before) * (h / h_before / 2)
        latents = approach(latents, extended, next_sigma / sigma)
        clean_before, h_before = clean, h
    return latents


def dpmpp_2s_ancestral(walk: Walk) -> Sampling:
    """Single-step DPM-Solver++ to below the next noise level, by a guess in the middle; and fresh noise up to it.

    Source: Lu et al. 2022, "DPM-Solver++", algorithm 1 with r = 1/2; the noise as in Song et al. 2021, eq. 16.
    """
    latents, eta = walk.latents, walk.options.eta_or(1.0)
    for sigma, next_sigma in pairwise(walk.sigmas):
        clean = yield Ask(latents, sigma)
        down, up = ancestral_levels(sigma, next_sigma, eta)
        if down > 0:
            middle = math.sqrt(sigma * down)
            clean = yield Ask(approach(latents, clean, middle / sigma), middle)
        latents = approach(latents, clean, down / sigma)
        if up:
            latents = latents + walk.noise.between(sigma, next_sigma) * (up * walk.options.s_noise)
    return latents
