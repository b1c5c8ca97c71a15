"""Restart sampling: part of the walk is walked again, from noise put back."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from fooo.pipeline.latents import Latents
from fooo.pipeline.samplers.euler import heun_step
from fooo.pipeline.samplers.sampler import Sampling, Walk
from fooo.pipeline.schedules import Sigmas, karras_sigmas

_LOW, _HIGH = 0.1, 2.0
"""Between which noise levels it goes back and forth."""
_RHO = 7.0


def restart(walk: Walk) -> Sampling:
    """Heun's steps; near the end much noise is put back, once or twice, and taken away again.

    Fresh noise contracts what errors the steps before have left, which steps without noise carry to the end. As many
    steps as the schedule has are taken in all, those of the restarts included; less than 20 leave no room for one.

    Source: Xu et al. 2023, "Restart Sampling for Improving Generative Processes", algorithm 1, with the noise levels of
    its text-to-image experiments; how the steps are shared is the webui's.
    """
    first, *again = restart_stretches(walk.sigmas)
    latents = yield from _down(walk.latents, first)
    for number, stretch in enumerate(again):
        spread = math.sqrt(stretch[0] ** 2 - first[-1] ** 2)
        latents = latents + walk.noise.fresh(number) * (spread * walk.options.s_noise)
        latents = yield from _down(latents, stretch)
    return latents


def _down(latents: Latents, sigmas: Sigmas) -> Sampling:
    for sigma, next_sigma in pairwise(sigmas):
        latents = yield from heun_step(latents, sigma, next_sigma)
    return latents


def restart_stretches(sigmas: Sigmas) -> list[Sigmas]:
    """The walk cut where noise is put back; all of it in one where there are too few steps, or none in the window."""
    steps = len(sigmas) - 1
    times = 0 if steps < 20 else 1 if steps < 36 else 2
    again = 9 if steps < 36 else steps // 4
    fewer = _with_steps(sigmas, steps - times * again)
    low, high = _nearest(fewer, _LOW), _nearest(fewer, _HIGH)
    if times == 0 or low <= high:
        return [sigmas]
    back = [*karras_sigmas(again + 1, low=fewer[low], high=fewer[high], rho=_RHO)[:-2], fewer[low]]
    return [fewer[: low + 1], *[back] * (times - 1), [*back, *fewer[low + 1 :]]]


def _with_steps(sigmas: Sigmas, steps: int) -> Sigmas:
    """The same walk in fewer steps; exact for Karras' noise levels, which are even in sigma^(1/7) down to the 0."""
    noisy = [sigma for sigma in sigmas if sigma > 0]
    clean = sigmas[len(noisy) :]
    roots = np.array(noisy) ** (1 / _RHO)
    at = np.linspace(0, len(roots) - 1, steps + 1 - len(clean))
    return [*map(float, np.interp(at, np.arange(len(roots)), roots) ** _RHO), *clean]


def _nearest(sigmas: Sequence[float], wanted: float) -> int:
    """The step that begins nearest to a noise level."""
    return min(range(len(sigmas) - 1), key=lambda step: abs(sigmas[step] - wanted))
