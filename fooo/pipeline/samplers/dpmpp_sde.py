"""DPM-Solver++ for the stochastic equation, along one Brownian path."""

import math
from itertools import pairwise

from fooo.pipeline.latents import Latents
from fooo.pipeline.samplers.noise import ancestral_levels
from fooo.pipeline.samplers.sampler import Ask, Sampling, Walk, approach


def dpmpp_sde(walk: Walk) -> Sampling:
    """A look at the middle of the step, noise included, then the whole step by what was guessed there.

    Source: Lu et al. 2022, "DPM-Solver++: Fast Solver for Guided Sampling of Diffusion Probabilistic Models",
    algorithm 1 with r = 1/2, made stochastic as section 5 makes the multistep solver.
    """
    latents, options = walk.latents, walk.options
    eta = options.eta_or(1.0)

    def step(clean: Latents, sigma: float, next_sigma: float) -> Latents:
        down, up = ancestral_levels(sigma, next_sigma, eta)
        lower = approach(latents, clean, down / sigma)
        return lower + walk.noise.between(sigma, next_sigma) * (up * options.s_noise) if up else lower

    for sigma, next_sigma in pairwise(walk.sigmas):
        clean = yield Ask(latents, sigma)
        if next_sigma == 0:
            return clean
        middle = math.sqrt(sigma * next_sigma)
        clean_halfway = yield Ask(step(clean, sigma, middle), middle)
        latents = step(clean_halfway, sigma, next_sigma)
    return latents


def dpmpp_2m_sde(walk: Walk) -> Sampling:
    """Two-step DPM-Solver++ for the stochastic equation: as DPM++ 2M, with noise in place of some of the old.

    Source: Lu et al. 2022, "DPM-Solver++", section 5, SDE-DPM-Solver++(2M); `eta` between 0 (the ordinary equation)
    and 1 (that section's) is k-diffusion's.
    """
    latents, eta = walk.latents, walk.options.eta_or(1.0)
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
        latents = approach(latents, extended, math.exp(-(1 + eta) * h))
        latents = latents + _noise(walk, sigma, next_sigma, eta)
        clean_before, h_before = clean, h
    return latents


def dpmpp_3m_sde(walk: Walk) -> Sampling:
    """Three-step DPM-Solver++ for the stochastic equation: guesses are extended along the parabola through two before.

    Source: the third-order Taylor expansion of Lu et al. 2022, "DPM-Solver++", eq. 4.1, with its derivatives by
    differences of the guesses, made stochastic as in section 5; by k-diffusion.
    """
    latents, eta = walk.latents, walk.options.eta_or(1.0)
    guesses: list[Latents] = []
    hs: list[float] = []
    for sigma, next_sigma in pairwise(walk.sigmas):
        clean = yield Ask(latents, sigma)
        if next_sigma == 0:
            return clean
        h = math.log(sigma / next_sigma)
        guesses, hs = [clean, *guesses][:3], [h, *hs][:3]
        h_eta = h * (1 + eta)
        latents = approach(latents, clean, math.exp(-h_eta)) + _bend(guesses, hs, h_eta)
        latents = latents + _noise(walk, sigma, next_sigma, eta)
    return latents


def _bend(guesses: list[Latents], hs: list[float], h_eta: float) -> Latents | float:
    """What the first and second derivative of the guess add to a step, as far as there are guesses before this one.

    Args:
        guesses: The latest first, up to three.
        hs: The step to come, then those between the guesses, in log(sigma).
        h_eta: The step to come with the noise's share.
    """
    if len(guesses) == 1:
        return 0.0
    phi_2 = math.expm1(-h_eta) / h_eta + 1
    ratio = hs[1] / hs[0]
    slope = (guesses[0] - guesses[1]) / ratio
    if len(guesses) == 2:
        return slope * phi_2
    ratio_before = hs[2] / hs[0]
    slope_before = (guesses[1] - guesses[2]) / ratio_before
    curve = (slope - slope_before) / (ratio + ratio_before)
    phi_3 = phi_2 / h_eta - 0.5
    return (slope + curve * ratio) * phi_2 - curve * phi_3


def _noise(walk: Walk, sigma: float, next_sigma: float, eta: float) -> Latents | float:
    if eta == 0:
        return 0.0
    spread = next_sigma * math.sqrt(1 - (next_sigma / sigma) ** (2 * eta))
    return walk.noise.between(sigma, next_sigma) * (spread * walk.options.s_noise)
