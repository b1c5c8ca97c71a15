"""Samplers, one function each; `SAMPLERS` is the table of them."""

from fooo.catalog import Sampler
from fooo.pipeline.samplers.dpmpp import dpmpp_2m
from fooo.pipeline.samplers.euler import euler
from fooo.pipeline.samplers.sampler import Ask, SampleFunction, Sampling

SAMPLERS: dict[Sampler, SampleFunction] = {
    Sampler.EULER: euler,
    Sampler.DPMPP_2M: dpmpp_2m,
}

__all__ = ["SAMPLERS", "Ask", "SampleFunction", "Sampling", "dpmpp_2m", "euler"]
