"""DPM-Solver++, which steps in the logarithm of the noise level."""

import math
from itertools import pairwise

from fooo.pipeline.latents import Latents
from fooo.pipeline.samplers.sampler import Ask, Sampling
from fooo.pipeline.schedules import Sigmas


def dpmpp_2m(latents: Latents, sigmas: Sigmas) -> Sampling:
    """Two-step DPM-Solver++: each guess is extended along the line through the one before it.

    Source: Lu et al. 2022, "DPM-Solver++: Fast Solver for Guided Sampling of Diffusion Probabilistic Models",
    algorithm 2, with lambda = -log(sigma). The first and the last step have no line to follow and are of first order.
    """
    clean_before: Latents | None = None
    h_before = 0.0
    for sigma, next_sigma in pairwise(sigmas):
        clean = yield Ask(latents, sigma)
        if next_sigma == 0:
            return clean
        h = math.log(sigma / next_sigma)
        extended = clean
        if clean_before is not None:
            ratio = h_before / h
            extended = clean + (clean - clean_before) / (2 * ratio)
        latents = latents * (next_sigma / sigma) - extended * math.expm1(-h)
        clean_before, h_before = clean, h
    return latents
