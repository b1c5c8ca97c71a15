"""The table of schedules."""

from collections.abc import Callable, Mapping

from fooo.catalog import Schedule
from fooo.catalog.model_files.contents import Base
from fooo.pipeline.noise_levels import NoiseLevels
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
from fooo.pipeline.schedules.sigmas import Sigmas

_SCHEDULES: Mapping[Schedule, Callable[[int, NoiseLevels], Sigmas]] = {
    Schedule.NORMAL: normal_sigmas,
    Schedule.KARRAS: lambda steps, levels: karras_sigmas(steps, low=levels.lowest, high=levels.highest),
    Schedule.EXPONENTIAL: lambda steps, levels: exponential_sigmas(steps, low=levels.lowest, high=levels.highest),
    Schedule.SGM_UNIFORM: sgm_uniform_sigmas,
    Schedule.SIMPLE: simple_sigmas,
    Schedule.DDIM_UNIFORM: ddim_uniform_sigmas,
    Schedule.BETA: beta_sigmas,
    Schedule.TURBO: turbo_sigmas,
    Schedule.LCM: distilled_sigmas,
    Schedule.TCD: distilled_sigmas,
    Schedule.EDM: edm_sigmas,
}
"""All but align-your-steps, which needs to know the model's base too."""


def make_sigmas(schedule: Schedule, steps: int, levels: NoiseLevels, base: Base = Base.SDXL) -> Sigmas:
    """The `steps + 1` noise levels of a schedule for a model that knows `levels`; none is outside of what it knows.

    Args:
        schedule: How they are spread.
        steps: 1 to the number of training steps.
        levels: What the model was trained at.
        base: Which networks it is built of.
    """
    if schedule is Schedule.ALIGN_YOUR_STEPS:
        return align_your_steps_sigmas(steps, levels, ALIGNED[base])
    return _SCHEDULES[schedule](steps, levels)
