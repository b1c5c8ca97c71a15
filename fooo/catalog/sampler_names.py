"""The samplers and noise schedules that exist: k-diffusion's names inside, the webui's labels outside."""

from enum import StrEnum


class Sampler(StrEnum):
    EULER = "euler"
    DPMPP_2M = "dpmpp_2m"

    @property
    def label(self) -> str:
        return _SAMPLER_LABELS[self]


class Schedule(StrEnum):
    KARRAS = "karras"
    DDIM_UNIFORM = "ddim_uniform"
    """Every (1000 / steps)-th training step, from 1 up; diffusers calls it leading."""
    SIMPLE = "simple"
    """Every (1000 / steps)-th training step, from the last down; diffusers calls it trailing."""

    @property
    def label(self) -> str:
        return _SCHEDULE_LABELS[self]


_SAMPLER_LABELS = {Sampler.EULER: "Euler", Sampler.DPMPP_2M: "DPM++ 2M"}
_SCHEDULE_LABELS = {Schedule.KARRAS: "Karras", Schedule.DDIM_UNIFORM: "DDIM uniform", Schedule.SIMPLE: "Simple"}
