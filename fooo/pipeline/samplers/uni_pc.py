"""UniPC: a predictor and a corrector out of one formula."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from fooo.pipeline.latents import Latents
from fooo.pipeline.samplers.sampler import Ask, Sampling, Walk, approach

_ORDER = 2
"""What its authors advise where there is guidance."""

Known = tuple[float, Latents]
"""A noise level, and what was guessed there."""


def uni_pc(walk: Walk) -> Sampling:
    """A step by the guesses so far; the guess at its end first mends that step, then serves the next: one call each.

    Source: Zhao et al. 2023, "UniPC: A Unified Predictor-Corrector Framework for Fast Sampling of Diffusion Models",
    algorithms 1 and 2 in data prediction (eq. 8 and 9) with B2(h) = e^h - 1; lower orders at both ends of the walk.
    """
    latents = before = walk.latents
    known: list[Known] = []
    steps = len(walk.sigmas) - 1
    for step, (sigma, next_sigma) in enumerate(pairwise(walk.sigmas)):
        clean = yield Ask(latents, sigma)
        if next_sigma == 0:
            return clean
        if known:
            start = known[0][0]
            latents = approach(before, _extended([*known, (sigma, clean)], start, sigma), sigma / start)
        known = [(sigma, clean), *known][: min(_ORDER, steps - step)]
        before = latents
        latents = approach(before, _extended(known, sigma, next_sigma), next_sigma / sigma)
    return latents


def _extended(known: Sequence[Known], sigma: float, next_sigma: float) -> Latents:
    """The guess that stands for the whole step: the first known one, and shares of how the others differ from it."""
    (_, clean), *others = known
    h = math.log(sigma / next_sigma)
    ratios = [math.log(sigma / level) / h for level, _ in others]
    extended = clean
    for (_, other), ratio, weight in zip(others, ratios, _weights(ratios, h), strict=True):
        extended = extended + (other - clean) * (weight / ratio)
    return extended


def _weights(ratios: Sequence[float], h: float) -> Sequence[float]:
    """How much each difference counts, so that the step is right for polynomials.

    Source: Zhao et al. 2023, eq. 5: R(h) a B(h) = phi(h); for a single one 1/2, to which it degenerates (appendix F).
    """
    if len(ratios) == 1:
        return [0.5]
    wanted: list[float] = []
    phi, factorial = math.expm1(-h), 1
    for order in range(1, len(ratios) + 1):
        phi = phi / -h - 1 / factorial
        wanted.append(phi * factorial / math.expm1(-h))
        factorial *= order + 1
    return np.linalg.solve(np.vander(ratios, increasing=True).T, wanted).tolist()
