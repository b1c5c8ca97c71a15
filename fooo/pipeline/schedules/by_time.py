"""Schedules that spread the steps over the model's training steps."""

import numpy as np

from fooo.pipeline.noise_levels import Floats, NoiseLevels
from fooo.pipeline.schedules.sigmas import Sigmas

_BETA_SHAPE = 0.6
_TAUGHT = 50
"""Steps of the teacher that LCM and TCD distil."""
_TURBO = 10
"""Steps between which SDXL Turbo's training chose."""


def normal_sigmas(steps: int, levels: NoiseLevels) -> Sigmas:
    """Noise levels evenly over the training steps, the first and the last of them included; then 0.

    Source: Lin et al. 2024, "Common Diffusion Noise Schedules and Sample Steps are Flawed", table 2, "linspace", with
    training steps in between not rounded.
    """
    return _at(np.linspace(levels.count - 1, 0, steps), levels)


def sgm_uniform_sigmas(steps: int, levels: NoiseLevels) -> Sigmas:
    """Noise levels evenly over the training steps from the last, the step to 0 as long as the others; then 0.

    Stability AI's generative models are sampled so; SDXL Lightning was made for it. As `simple`, with training steps in
    between not rounded.
    """
    return _at(np.linspace(levels.count - 1, 0, steps + 1)[:-1], levels)


def simple_sigmas(steps: int, levels: NoiseLevels) -> Sigmas:
    """Noise levels at every (1000 / steps)-th training step, counted down from the last; then 0.

    It begins at the full noise, as a model that was trained to pure noise needs.

    Source: Lin et al. 2024, table 2, "trailing".
    """
    return _every(levels.count / steps, steps, levels)


def ddim_uniform_sigmas(steps: int, levels: NoiseLevels) -> Sigmas:
    """Noise levels at every (1000 / steps)-th training step, counted from step 1; then 0.

    It begins below the full noise, the more so the less the steps divide the training steps (20 steps: 11.0, 60: 10.7,
    1: 0.04); diffusers calls it leading. Its use is to match pictures made with SDXL's own configuration.

    Source: Song et al. 2021, "Denoising Diffusion Implicit Models", appendix D.2 (linear); with the offset of 1 that
    SDXL's own scheduler configuration names.
    """
    stride = levels.count // steps
    times = [min(number * stride + 1, levels.count - 1) for number in reversed(range(steps))]
    return _at(times, levels)


def beta_sigmas(steps: int, levels: NoiseLevels) -> Sigmas:
    """Noise levels dense at both ends of the training steps, as a Beta(0.6, 0.6) distribution is; then 0.

    Early steps lay out the picture and late ones its details; those in between matter least.

    Source: Lee et al. 2024, "Beta Sampling is All You Need: Efficient Image Generation Strategy for Diffusion Models
    using Stepwise Spectral Analysis", section 4.
    """
    shares = 1 - np.arange(steps) / steps
    return _at(symmetric_beta_quantiles(shares, _BETA_SHAPE) * (levels.count - 1), levels)


def turbo_sigmas(steps: int, levels: NoiseLevels) -> Sigmas:
    """Noise levels at training steps 999, 899, 799 and so on, as many as there are steps; then 0.

    A model distilled so jumps to the clean picture from any of them. More than ten steps lie closer together, as
    `simple` places them.

    Source: Sauer et al. 2023, "Adversarial Diffusion Distillation", as Stability AI's own sampling of SDXL Turbo does.
    """
    return _every(levels.count / max(steps, _TURBO), steps, levels)


def distilled_sigmas(steps: int, levels: NoiseLevels) -> Sigmas:
    """Noise levels picked evenly from the 50 that the distilled model's teacher walked; then 0.

    More than 50 steps were never taught; they lie as `simple` places them.

    Source: Luo et al. 2023, "Latent Consistency Models: Synthesizing High-Resolution Images with Few-Step Inference",
    section 4.3 (skipping steps); Zheng et al. 2024, "Trajectory Consistency Distillation", takes the same.
    """
    if steps > _TAUGHT:
        return simple_sigmas(steps, levels)
    stride = levels.count // _TAUGHT
    picked = [number * _TAUGHT // steps for number in range(steps)]
    return _at([(_TAUGHT - each) * stride - 1 for each in picked], levels)


def symmetric_beta_quantiles(shares: Floats, shape: float) -> Floats:
    """The points below which the given shares of a Beta(shape, shape) distribution lie.

    Args:
        shares: In [0, 1].
        shape: Above 0; below 1 the distribution is dense at both ends.

    Source: the series of the incomplete beta function at 0 (DLMF 8.17.7), which converges fast up to 1/2; the other
    half by symmetry; inverted by halving.
    """
    terms = np.arange(60)
    # (1 - shape)(2 - shape)...(n - shape) / n! / (shape + n), of order n
    factors = np.cumprod(np.concatenate([[1.0], (terms[1:] - shape) / terms[1:]])) / (shape + terms)

    def below(points: Floats) -> Floats:
        return points**shape * (points[:, None] ** terms @ factors)

    wanted = np.minimum(shares, 1 - shares) * 2 * below(np.array([0.5]))
    low, high = np.zeros_like(wanted), np.full_like(wanted, 0.5)
    for _ in range(60):
        middle = (low + high) / 2
        under = below(middle) < wanted
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    return np.where(shares > 0.5, 1 - high, high)


def _every(stride: float, steps: int, levels: NoiseLevels) -> Sigmas:
    return _at([levels.count - 1 - int(number * stride) for number in range(steps)], levels)


def _at(times: Floats | list[int], levels: NoiseLevels) -> Sigmas:
    """The noise levels of falling training steps, then 0."""
    return [*(levels.sigma(float(time)) for time in times), 0.0]
