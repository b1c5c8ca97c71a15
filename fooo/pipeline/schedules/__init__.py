"""Noise schedules: which noise levels the sampler visits."""

from fooo.pipeline.schedules.by_noise import (
    ALIGNED,
    align_your_steps_sigmas,
    edm_sigmas,
    exponential_sigmas,
    karras_sigmas,
)
from fooo.pipeline.schedules.by_time import (
    beta_sigmas,
    ddim_uniform_sigmas,
    distilled_sigmas,
    normal_sigmas,
    sgm_uniform_sigmas,
    simple_sigmas,
    turbo_sigmas,
)
from fooo.pipeline.schedules.schedule import make_sigmas
from fooo.pipeline.schedules.sigmas import Sigmas

__all__ = [
    "ALIGNED",
    "Sigmas",
    "align_your_steps_sigmas",
    "beta_sigmas",
    "ddim_uniform_sigmas",
    "distilled_sigmas",
    "edm_sigmas",
    "exponential_sigmas",
    "karras_sigmas",
    "make_sigmas",
    "normal_sigmas",
    "sgm_uniform_sigmas",
    "simple_sigmas",
    "turbo_sigmas",
]
