"""The linear multistep method."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from fooo.pipeline.latents import Latents
from fooo.pipeline.samplers.sampler import Ask, Sampling, Walk

_ORDER = 4


def lms(walk: Walk) -> Sampling:
    """Steps along the polynomial through the slopes here and at up to three steps behind.

    Source: Adams and Bashforth 1883, for steps of any length: the polynomial of Lagrange through the slopes
    d = (x - D(x)) / sigma (Karras et al. 2022, eq. 4), integrated over the step.
    """
    latents = walk.latents
    slopes: list[Latents] = []
    for step, (sigma, next_sigma) in enumerate(pairwise(walk.sigmas)):
        clean = yield Ask(latents, sigma)
        slopes = [(latents - clean) / sigma, *slopes][:_ORDER]
        behind = [walk.sigmas[step - back] for back in range(len(slopes))]
        weights = _weights(behind, next_sigma)
        latents = latents + sum(slope * weight for slope, weight in zip(slopes, weights, strict=True))
    return latents


def _weights(behind: Sequence[float], end: float) -> list[float]:
    """The integral over behind[0]..end of each Lagrange polynomial; Gauss' two points are exact to the third degree."""
    points, shares = np.polynomial.legendre.leggauss(2)
    middle, half = (end + behind[0]) / 2, (end - behind[0]) / 2
    at = middle + half * points
    weights: list[float] = []
    for sigma in behind:
        others = [other for other in behind if other != sigma]
        polynomial = np.prod([(at - other) / (sigma - other) for other in others], axis=0)
        weights.append(float(np.sum(shares * half * polynomial)))
    return weights
