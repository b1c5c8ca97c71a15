"""Samplers of models that were distilled to jump far."""

import math
from itertools import pairwise

from fooo.pipeline.samplers.sampler import Ask, Sampling, Walk, approach

_TCD_ETA = 0.3


def lcm(walk: Walk) -> Sampling:
    """Each guess is taken for the clean picture, and fresh noise leads to the next level.

    The paper's c_skip and c_out, by which a guess at the very lowest noise level is the latents themselves, differ from
    0 and 1 by less than 1e-5 wherever a step begins.

    Source: Song et al. 2023, "Consistency Models", algorithm 1; Luo et al. 2023, "Latent Consistency Models:
    Synthesizing High-Resolution Images with Few-Step Inference", algorithm 3.
    """
    latents = walk.latents
    for sigma, next_sigma in pairwise(walk.sigmas):
        latents = yield Ask(latents, sigma)
        if next_sigma > 0:
            latents = latents + walk.noise.between(sigma, next_sigma) * (next_sigma * walk.options.s_noise)
    return latents


def tcd(walk: Walk) -> Sampling:
    """Straight steps to an earlier training step than the next one, and fresh noise up to it.

    `eta` is the paper's gamma: the share of the next training step by which the walk goes too far. With 0 there is no
    noise; with 1 it goes down to the lowest level each time, nearly as LCM.

    Source: Zheng et al. 2024, "Trajectory Consistency Distillation: Improved Latent Consistency Distillation by
    Semi-Linear Consistency Function with Trajectory Mapping", algorithm 4 (strategic stochastic sampling).
    """
    latents, levels, eta = walk.latents, walk.levels, walk.options.eta_or(_TCD_ETA)
    for sigma, next_sigma in pairwise(walk.sigmas):
        clean = yield Ask(latents, sigma)
        if next_sigma == 0:
            return clean
        # the model was taught to arrive at whole training steps
        down = levels.sigma(math.floor((1 - eta) * round(levels.time(next_sigma)))) if eta else next_sigma
        latents = approach(latents, clean, down / sigma)
        if down < next_sigma:
            up = math.sqrt(next_sigma**2 - down**2)
            latents = latents + walk.noise.between(sigma, next_sigma) * (up * walk.options.s_noise)
    return latents
