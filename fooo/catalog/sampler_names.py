"""The samplers and noise schedules that exist: k-diffusion's names inside, the webui's labels outside.

Names of other programs are read, too: `read_sampler_name` and `read_schedule_name`.
"""

import re
from enum import StrEnum
from typing import NamedTuple

from fooo.errors import UnknownName


class Sampler(StrEnum):
    EULER = "euler"
    EULER_ANCESTRAL = "euler_ancestral"
    HEUN = "heun"
    LMS = "lms"
    DPM_2 = "dpm_2"
    DPM_2_ANCESTRAL = "dpm_2_ancestral"
    DPMPP_2S_ANCESTRAL = "dpmpp_2s_ancestral"
    DPMPP_2M = "dpmpp_2m"
    DPMPP_SDE = "dpmpp_sde"
    DPMPP_2M_SDE = "dpmpp_2m_sde"
    DPMPP_3M_SDE = "dpmpp_3m_sde"
    DPM_ADAPTIVE = "dpm_adaptive"
    DDIM = "ddim"
    DDPM = "ddpm"
    UNI_PC = "uni_pc"
    LCM = "lcm"
    TCD = "tcd"
    RESTART = "restart"

    @property
    def label(self) -> str:
        return _SAMPLERS[self].label

    @property
    def calls(self) -> int:
        """Network calls a step, the last step aside. Of `DPM_ADAPTIVE`, which chooses its steps: a guess."""
        return _SAMPLERS[self].calls

    @property
    def usual_schedule(self) -> "Schedule":
        """What the webui's schedule "Automatic" stands for; for samplers of distilled models, what they learnt."""
        return _SAMPLERS[self].schedule


class Schedule(StrEnum):
    NORMAL = "normal"
    """Evenly over the training steps, both ends included; diffusers calls it linspace."""
    KARRAS = "karras"
    EXPONENTIAL = "exponential"
    SGM_UNIFORM = "sgm_uniform"
    """Evenly over the training steps, the last one before 0 left out."""
    SIMPLE = "simple"
    """Every (1000 / steps)-th training step, from the last down; diffusers calls it trailing."""
    DDIM_UNIFORM = "ddim_uniform"
    """Every (1000 / steps)-th training step, from 1 up; diffusers calls it leading."""
    BETA = "beta"
    ALIGN_YOUR_STEPS = "align_your_steps"
    TURBO = "turbo"
    """Of models distilled as SDXL Turbo was."""
    LCM = "lcm"
    """Of latent consistency models."""
    TCD = "tcd"
    """Of models distilled by trajectory consistency."""
    EDM = "edm"

    @property
    def label(self) -> str:
        return _SCHEDULE_LABELS[self]


class SamplerName(NamedTuple):
    """What a name means here.

    Attributes:
        schedule: Where the name holds one, as "DPM++ 2M Karras" does.
        instead_of: The name itself, where the sampler is only the nearest to what it names.
    """

    sampler: Sampler
    schedule: Schedule | None = None
    instead_of: str | None = None

    @property
    def notice(self) -> str | None:
        """That it is only the nearest, a sentence in English."""
        return _notice(self.instead_of, self.sampler.label) if self.instead_of else None


class ScheduleName(NamedTuple):
    """What a name means here; no schedule where it leaves the choice to the sampler, as "Automatic" does."""

    schedule: Schedule | None
    instead_of: str | None = None

    @property
    def notice(self) -> str | None:
        """As of `SamplerName`."""
        return _notice(self.instead_of, self.schedule.label) if self.instead_of and self.schedule else None


def read_sampler_name(name: str, field: str = "sampling.sampler") -> SamplerName:
    """The sampler of a name by k-diffusion, ComfyUI, Fooocus, the webui or diffusers, its schedule included.

    Raises:
        UnknownName: None of them has such a sampler; the hint offers the nearest of ours.
    """
    folded = _fold(re.sub(r"^(sample|k)_|_gpu$|scheduler$", "", name.strip(), flags=re.IGNORECASE))
    readings: list[tuple[str, Schedule | None]] = [(folded, None)]
    readings += [(folded.removesuffix(end), of) for end, of in _FUSED.items() if folded.endswith(end)]
    if folded.startswith("edm"):
        readings.append((folded.removeprefix("edm"), Schedule.EDM))
    for reading, schedule in readings:
        if reading in _SAMPLER_NAMES:
            return SamplerName(_SAMPLER_NAMES[reading], schedule)
        if reading in _NEAREST_SAMPLERS:
            return SamplerName(_NEAREST_SAMPLERS[reading], schedule, name)
    raise UnknownName(field, name, list(Sampler))


def read_schedule_name(name: str, field: str = "sampling.schedule") -> ScheduleName:
    """The schedule of a name by k-diffusion, ComfyUI, Fooocus, the webui or diffusers.

    Raises:
        UnknownName: None of them has such a schedule; the hint offers the nearest of ours.
    """
    folded = _fold(name)
    if folded == "automatic":
        return ScheduleName(None)
    if folded in _SCHEDULE_NAMES:
        return ScheduleName(_SCHEDULE_NAMES[folded])
    if folded in _NEAREST_SCHEDULES:
        return ScheduleName(_NEAREST_SCHEDULES[folded], name)
    raise UnknownName(field, name, list(Schedule))


def _fold(name: str) -> str:
    """Small letters and digits alone, "++" as "pp": "DPM++ 2M" and "dpmpp_2m" are one."""
    return re.sub(r"[^a-z0-9]", "", name.casefold().replace("++", "pp"))


def _notice(name: str, label: str) -> str:
    return f"{name} is not in Fooo; {label}, the nearest to it, is used."


class _Row(NamedTuple):
    label: str
    calls: int
    schedule: Schedule


_SAMPLERS = {
    Sampler.EULER: _Row("Euler", 1, Schedule.NORMAL),
    Sampler.EULER_ANCESTRAL: _Row("Euler a", 1, Schedule.NORMAL),
    Sampler.HEUN: _Row("Heun", 2, Schedule.NORMAL),
    Sampler.LMS: _Row("LMS", 1, Schedule.NORMAL),
    Sampler.DPM_2: _Row("DPM2", 2, Schedule.KARRAS),
    Sampler.DPM_2_ANCESTRAL: _Row("DPM2 a", 2, Schedule.KARRAS),
    Sampler.DPMPP_2S_ANCESTRAL: _Row("DPM++ 2S a", 2, Schedule.KARRAS),
    Sampler.DPMPP_2M: _Row("DPM++ 2M", 1, Schedule.KARRAS),
    Sampler.DPMPP_SDE: _Row("DPM++ SDE", 2, Schedule.KARRAS),
    Sampler.DPMPP_2M_SDE: _Row("DPM++ 2M SDE", 1, Schedule.EXPONENTIAL),
    Sampler.DPMPP_3M_SDE: _Row("DPM++ 3M SDE", 1, Schedule.EXPONENTIAL),
    Sampler.DPM_ADAPTIVE: _Row("DPM adaptive", 3, Schedule.NORMAL),
    Sampler.DDIM: _Row("DDIM", 1, Schedule.DDIM_UNIFORM),
    Sampler.DDPM: _Row("DDPM", 1, Schedule.NORMAL),
    Sampler.UNI_PC: _Row("UniPC", 1, Schedule.NORMAL),
    Sampler.LCM: _Row("LCM", 1, Schedule.LCM),
    Sampler.TCD: _Row("TCD", 1, Schedule.TCD),
    Sampler.RESTART: _Row("Restart", 2, Schedule.KARRAS),
}

_SCHEDULE_LABELS = {
    Schedule.NORMAL: "Normal",
    Schedule.KARRAS: "Karras",
    Schedule.EXPONENTIAL: "Exponential",
    Schedule.SGM_UNIFORM: "SGM Uniform",
    Schedule.SIMPLE: "Simple",
    Schedule.DDIM_UNIFORM: "DDIM",
    Schedule.BETA: "Beta",
    Schedule.ALIGN_YOUR_STEPS: "Align Your Steps",
    Schedule.TURBO: "Turbo",
    Schedule.LCM: "LCM",
    Schedule.TCD: "TCD",
    Schedule.EDM: "EDM",
}

_SAMPLER_NAMES = {
    **{_fold(sampler): sampler for sampler in Sampler},
    **{_fold(sampler.label): sampler for sampler in Sampler},
    "eulerdiscrete": Sampler.EULER,
    "eulerancestraldiscrete": Sampler.EULER_ANCESTRAL,
    "heundiscrete": Sampler.HEUN,
    "lmsdiscrete": Sampler.LMS,
    "kdpm2discrete": Sampler.DPM_2,
    "kdpm2ancestraldiscrete": Sampler.DPM_2_ANCESTRAL,
    "dpmsolvermultistep": Sampler.DPMPP_2M,
    "dpmsolversde": Sampler.DPMPP_SDE,
    "dpmad": Sampler.DPM_ADAPTIVE,
    "unipcbh2": Sampler.UNI_PC,
    "unipcmultistep": Sampler.UNI_PC,
}
"""Folded names under which others have the same sampler."""

_NEAREST_SAMPLERS = {
    "plms": Sampler.LMS,
    "pndm": Sampler.LMS,
    "ipndm": Sampler.LMS,
    "ipndmv": Sampler.LMS,
    "deis": Sampler.LMS,
    "deismultistep": Sampler.LMS,
    "dpmfast": Sampler.DPMPP_2M,
    "dpmpp2s": Sampler.DPMPP_2S_ANCESTRAL,
    "dpmsolversinglestep": Sampler.DPMPP_2S_ANCESTRAL,
    "heunpp2": Sampler.HEUN,
    "dpmpp2msdeheun": Sampler.DPMPP_2M_SDE,
    "resmultistep": Sampler.DPMPP_2M,
    "eulercfgpp": Sampler.EULER,
    "eulerancestralcfgpp": Sampler.EULER_ANCESTRAL,
    "dpmpp2sancestralcfgpp": Sampler.DPMPP_2S_ANCESTRAL,
    "dpmpp2mcfgpp": Sampler.DPMPP_2M,
    "ddimcfgpp": Sampler.DDIM,
}
"""Folded names of samplers that Fooo has not, and what comes nearest.

PLMS and its kin extrapolate the slope over steps behind, as LMS does. DPM fast is DPM-Solver of fixed steps, for few of
them; DPM++ 2M is its successor for the same use."""

_SCHEDULE_NAMES = {
    **{_fold(schedule): schedule for schedule in Schedule},
    **{_fold(label): schedule for schedule, label in _SCHEDULE_LABELS.items()},
    "uniform": Schedule.NORMAL,
    "linspace": Schedule.NORMAL,
    "polyexponential": Schedule.EXPONENTIAL,
    "trailing": Schedule.SIMPLE,
    "leading": Schedule.DDIM_UNIFORM,
    "edmplaygroundv25": Schedule.EDM,
}
"""Folded names under which others have the same schedule; polyexponential is exponential at its own setting, 1."""

_NEAREST_SCHEDULES = {
    "kloptimal": Schedule.ALIGN_YOUR_STEPS,
    "alignyourstepsgits": Schedule.ALIGN_YOUR_STEPS,
    "alignyoursteps11": Schedule.ALIGN_YOUR_STEPS,
    "alignyoursteps32": Schedule.ALIGN_YOUR_STEPS,
    "linearquadratic": Schedule.SIMPLE,
}

_FUSED = {
    "polyexponential": Schedule.EXPONENTIAL,
    "exponential": Schedule.EXPONENTIAL,
    "karras": Schedule.KARRAS,
    "ka": Schedule.KARRAS,
    "sgmuniform": Schedule.SGM_UNIFORM,
    "uniform": Schedule.NORMAL,
    "alignyoursteps": Schedule.ALIGN_YOUR_STEPS,
    "simple": Schedule.SIMPLE,
    "normal": Schedule.NORMAL,
    "beta": Schedule.BETA,
    "turbo": Schedule.TURBO,
}
"""How a sampler's name ends where it names a schedule too, folded."""
