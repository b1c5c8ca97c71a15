"""Euler's method."""

from itertools import pairwise

from fooo.pipeline.latents import Latents
from fooo.pipeline.samplers.sampler import Ask, Sampling
from fooo.pipeline.schedules import Sigmas


def euler(latents: Latents, sigmas: Sigmas) -> Sampling:
    """Straight steps along the slope.

    Source: Karras et al. 2022, "Elucidating the Design Space of Diffusion-Based Generative Models", algorithm 2
    without churn, first order.
    """
    for sigma, next_sigma in pairwise(sigmas):
        clean = yield Ask(latents, sigma)
        latents = latents + (latents - clean) / sigma * (next_sigma - sigma)
    return latents
