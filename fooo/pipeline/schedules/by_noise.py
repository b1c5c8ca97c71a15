"""Schedules that spread the steps over the noise levels, whatever the training steps were."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from fooo.catalog.model_files.contents import Base
from fooo.pipeline.noise_levels import NoiseLevels
from fooo.pipeline.schedules.sigmas import Sigmas

_EDM_LOW, _EDM_HIGH = 0.002, 80.0

# fmt: off
_ALIGNED_SDXL = (
    14.6146412293, 6.3184485287, 3.7681790315, 2.1811480769, 1.3405244945, 0.8620721141, 0.5550693289, 0.3798540708,
    0.2332364134, 0.1114188177, 0.0291671582,
)
_ALIGNED_SD1 = (
    14.6146412293, 6.4745760956, 3.8636745985, 2.6946151520, 1.8841921177, 1.3943805092, 0.9642583904, 0.6523686016,
    0.3977456272, 0.1515232662, 0.0291671582,
)
# fmt: on
ALIGNED: Mapping[Base, Sequence[float]] = {
    Base.SD1: _ALIGNED_SD1,
    Base.SD2: _ALIGNED_SD1,
    Base.SDXL: _ALIGNED_SDXL,
    Base.SDXL_REFINER: _ALIGNED_SDXL,
}
"""Noise levels of ten steps, found for SD 1.5 and SDXL; the others are of the same kin."""


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


def exponential_sigmas(steps: int, *, low: float, high: float) -> Sigmas:
    """Noise levels from `high` down to `low`, each the same share of the one before; then 0.

    It is the limit of `karras_sigmas` for a large rho. Steps are even in log(sigma), in which DPM-Solver thinks.

    Source: Lu et al. 2022, "DPM-Solver: A Fast ODE Solver for Diffusion Probabilistic Model Sampling in Around 10
    Steps", section 3.4 (uniform logSNR).
    """
    return [*map(float, np.geomspace(high, low, steps)), 0.0]


def edm_sigmas(steps: int, levels: NoiseLevels) -> Sigmas:
    """Karras' noise levels between EDM's own ends, 80 and 0.002, as far as the model knows them; then 0.

    Source: Karras et al. 2022, table 1, column "Ours", with rho 7.
    """
    return karras_sigmas(steps, low=max(_EDM_LOW, levels.lowest), high=min(_EDM_HIGH, levels.highest))


def align_your_steps_sigmas(steps: int, levels: NoiseLevels, table: Sequence[float]) -> Sigmas:
    """Noise levels at which few steps were found to err least, between them by the logarithm; then 0.

    The first is the model's own highest, so that a model to pure noise begins there.

    Args:
        steps: Best are 10, for which the table was made.
        levels: What the model was trained at.
        table: Of ten steps, one of `ALIGNED`.

    Source: Sabour et al. 2024, "Align Your Steps: Optimizing Sampling Schedules in Diffusion Models"; the tables and
    the way in between are NVIDIA's, published with it.
    """
    logs = np.interp(np.linspace(0, 1, steps + 1), np.linspace(0, 1, len(table)), np.log(table))
    return [levels.highest, *(math.exp(each) for each in logs[1:-1]), 0.0]
