"""DPM-Solver of orders 2 and 3 together, which chooses its own steps."""

import math
from collections.abc import Generator

import torch

from fooo.pipeline.latents import Latents
from fooo.pipeline.samplers.noise import ancestral_levels
from fooo.pipeline.samplers.sampler import Ask, Sampling, Walk

_ABSOLUTE, _RELATIVE = 0.0078, 0.05
"""How far the two orders may differ."""
_FIRST = 0.05
"""Length of the first step tried, in log(sigma)."""
_ACCEPTED = 0.81
"""A step is taken when the next one should be at least this share of it."""
_SHORTEST = 0.01
"""A step so short is taken in any case, so that the walk ends whatever is guessed."""


def dpm_adaptive(walk: Walk) -> Sampling:
    """As many steps as the wanted accuracy takes, however many the schedule has: only its ends count.

    Source: Lu et al. 2022, "DPM-Solver: A Fast ODE Solver for Diffusion Probabilistic Model Sampling in Around 10
    Steps", appendix C (DPM-Solver-23); tolerances and the control of the step's length are k-diffusion's. Unlike there,
    a step that was refused is not guessed again at its beginning, and a last step goes from the lowest level to 0.
    """
    eta = walk.options.eta_or(0.0)
    order = 1.5 if eta else 3.0
    latents = latents_before = walk.latents
    end = walk.sigmas[-1]
    sigma, lowest, h = walk.sigmas[0], end or walk.sigmas[-2], _FIRST
    clean = yield Ask(latents, sigma)
    while sigma > lowest * (1 + 1e-5):
        next_sigma = max(lowest, sigma * math.exp(-h))
        down = max(lowest, ancestral_levels(sigma, next_sigma, eta)[0])
        second, third = yield from _second_and_third(latents, clean, sigma, down)
        allowed = torch.clamp(_RELATIVE * torch.maximum(second.abs(), latents_before.abs()), min=_ABSOLUTE)
        error = float(((second - third) / allowed).square().mean().sqrt())
        factor = 1 + math.atan((error + 1e-8) ** (-1 / order) - 1)
        if factor >= _ACCEPTED or h <= _SHORTEST:
            latents, latents_before = third, second
            if eta:
                up = math.sqrt(next_sigma**2 - down**2)
                latents = latents + walk.noise.between(sigma, next_sigma) * (up * walk.options.s_noise)
            sigma = next_sigma
            clean = yield Ask(latents, sigma)
        h = max(_SHORTEST, h * factor)
    return latents if end else clean


def _second_and_third(
    latents: Latents, clean: Latents, sigma: float, next_sigma: float
) -> Generator[Ask, Latents, tuple[Latents, Latents]]:
    """The same step by the solvers of order 2 and 3, which share a look at a third of it.

    Source: Lu et al. 2022, "DPM-Solver", algorithms 4 (r1 = 1/3) and 5 (r1 = 1/3, r2 = 2/3), with alpha = 1 and so
    sigma_t (e^h - 1) = sigma_s - sigma_t.
    """
    h = math.log(sigma / next_sigma)
    first_stop, second_stop = (sigma * math.exp(-h * share) for share in (1 / 3, 2 / 3))
    noise = (latents - clean) / sigma
    at_first = latents + noise * (first_stop - sigma)
    bend = (at_first - (yield Ask(at_first, first_stop))) / first_stop - noise
    ahead = 2 * ((sigma - second_stop) / (h * 2 / 3) - second_stop)
    at_second = latents + noise * (second_stop - sigma) - bend * ahead
    bend_later = (at_second - (yield Ask(at_second, second_stop))) / second_stop - noise
    straight = latents + noise * (next_sigma - sigma)
    second = straight + bend * (1.5 * (next_sigma - sigma))
    third = straight - bend_later * (1.5 * ((sigma - next_sigma) / h - next_sigma))
    return second, third
