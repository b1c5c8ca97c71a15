"""Noise schedules: which noise levels the sampler visits."""

from typing import assert_never

import numpy as np

from fooo.catalog import Schedule
from fooo.pipeline.noise_levels import NoiseLevels

Sigmas = list[float]
"""Noise levels, in standard deviations of the latents; strictly falling, the last one 0."""


def make_sigmas(schedule: Schedule, steps: int, levels: NoiseLevels) -> Sigmas:
    """The `steps + 1` noise levels of a schedule for a model that knows `levels`."""
    match schedule:
        case Schedule.KARRAS:
            return karras_sigmas(steps, low=levels.lowest, high=levels.highest)
        case Schedule.DDIM_UNIFORM:
            return ddim_uniform_sigmas(steps, levels)
        case Schedule.SIMPLE:
            return simple_sigmas(steps, levels)
        case _:
            assert_never(schedule)


def karras_sigmas(steps: int, *, low: float, high: float, rho: float = 7.0) -> Sigmas:
    """Noise levels from `high` down to `low`, then 0; dense where the picture is nearly done.

    Args:
        steps: Number of denoising steps, at least 1.
        low: Smallest noise level above 0 (SDXL: 0.029).
        high: Largest noise level (SDXL: 14.6).
        rho: 1 spaces evenly; larger puts more steps at low noise.

    Returns:
        steps + 1 values, strictly falling, the last 0.

    Source: Karras et al. 2022, "Elucidating the Design Space of Diffusion-Based Generative Models", eq. 5.
    """
    share = np.linspace(0, 1, steps)
    sigmas = (high ** (1 / rho) + share * (low ** (1 / rho) - high ** (1 / rho))) ** rho
    return [*map(float, sigmas), 0.0]


def ddim_uniform_sigmas(steps: int, levels: NoiseLevels) -> Sigmas:
    """Noise levels at every (1000 / steps)-th training step, counted from step 1; then 0.

    It begins below the full noise, the more so the less the steps divide the training steps (20 steps: 11.0, 60: 10.7,
    1: 0.04); diffusers calls it leading. Its use is to match pictures made with SDXL's own configuration.

    Source: Song et al. 2021, "Denoising Diffusion Implicit Models", appendix D.2 (linear); with the offset of 1 that
    SDXL's own scheduler configuration names.
    """
    stride = levels.count // steps
    times = [min(number * stride + 1, levels.count - 1) for number in reversed(range(steps))]
    return [*(levels.sigma(time) for time in times), 0.0]


def simple_sigmas(steps: int, levels: NoiseLevels) -> Sigmas:
    """Noise levels at every (1000 / steps)-th training step, counted down from the last; then 0.

    It begins at the full noise, as a model that was trained to pure noise needs.

    Source: Lin et al. 2024, "Common Diffusion Noise Schedules and Sample Steps are Flawed", table 2, "trailing".
    """
    stride = levels.count / steps
    times = [levels.count - 1 - int(number * stride) for number in range(steps)]
    return [*(levels.sigma(time) for time in times), 0.0]
