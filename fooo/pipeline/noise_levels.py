"""The noise levels that a model was trained at, and what its network guesses there."""

import math
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, Field, ValidationError

from fooo.errors import ModelError

Floats = npt.NDArray[np.floating[Any]]

_TERMINAL_SHARE = 2.0**-24
"""Of the picture in a zero-terminal-SNR model's last step: diffusers' own, not 0, so that the noise level is finite."""


class Prediction(StrEnum):
    """What the network's output means (Salimans and Ho 2022, "Progressive Distillation", section 4)."""

    EPSILON = "epsilon"
    """The noise."""
    V = "v_prediction"
    """Noise and picture mixed so that both ends of the schedule are learnt equally well."""


class _SchedulerConfig(BaseModel):
    """What of a diffusers scheduler configuration says how the model was trained."""

    beta_schedule: Literal["scaled_linear"]
    beta_start: Annotated[float, Field(gt=0)]
    beta_end: Annotated[float, Field(lt=1)]
    num_train_timesteps: Annotated[int, Field(ge=200)]
    """At least as many as a picture may have steps."""
    prediction_type: Prediction = Prediction.EPSILON
    rescale_betas_zero_snr: bool = False


class NoiseLevels:
    """The training schedule of a variance-preserving model, seen as standard deviations.

    Args:
        alphas_cumprod: Share of the picture's variance at each training step, falling, in (0, 1).
        prediction: What the network guesses.
    """

    def __init__(self, alphas_cumprod: Floats, prediction: Prediction) -> None:
        self.prediction = prediction
        self._sigmas = np.sqrt((1 - alphas_cumprod) / alphas_cumprod)
        self._log_sigmas = np.log(self._sigmas)
        self._times = np.arange(len(self._sigmas))

    @classmethod
    def from_config(cls, config: Mapping[str, Any], path: Path) -> "NoiseLevels":
        """From a diffusers scheduler configuration.

        Raises:
            ModelError: It names a schedule or a prediction that SDXL models do not have.
        """
        try:
            known = _SchedulerConfig.model_validate(config)
        except ValidationError as error:
            field = next(iter(error.errors()[0]["loc"]), "file")
            problem = f"holds a noise schedule that Fooo does not know ({field})"
            raise ModelError(path, problem, "update Fooo, or choose another model") from None
        ends = math.sqrt(known.beta_start), math.sqrt(known.beta_end)
        roots = np.linspace(*ends, known.num_train_timesteps)
        alphas_cumprod: Floats = np.cumprod(1 - roots**2)
        if known.rescale_betas_zero_snr:
            alphas_cumprod = _zero_terminal_snr(alphas_cumprod)
        return cls(alphas_cumprod, known.prediction_type)

    @property
    def count(self) -> int:
        """Training steps."""
        return len(self._sigmas)

    @property
    def lowest(self) -> float:
        return float(self._sigmas[0])

    @property
    def highest(self) -> float:
        return float(self._sigmas[-1])

    def sigma(self, time: float) -> float:
        """The noise level of a training step, 0..count - 1; in between by the logarithm of the level."""
        return math.exp(np.interp(time, self._times, self._log_sigmas))

    def time(self, sigma: float) -> float:
        """The training step of a noise level, in between by the logarithm of the level; what the network is told."""
        return float(np.interp(math.log(sigma), self._log_sigmas, self._times))

    def progress(self, sigma: float) -> float:
        """How much of the training steps lies behind at a noise level: 0 at the highest, 1 at the lowest."""
        return 1 - self.time(sigma) / (self.count - 1)


def _zero_terminal_snr(alphas_cumprod: Floats) -> Floats:
    """The schedule stretched so that the last step is nothing but noise.

    Source: Lin et al. 2024, "Common Diffusion Noise Schedules and Sample Steps are Flawed", algorithm 1.
    """
    roots = np.sqrt(alphas_cumprod)
    first, last = roots[0], roots[-1]
    stretched = ((roots - last) * first / (first - last)) ** 2
    stretched[-1] = _TERMINAL_SHARE
    return stretched
