"""Samplers, one function each; `SAMPLERS` is the table of them."""

from collections.abc import Mapping

from fooo.catalog import Sampler
from fooo.pipeline.samplers.ddim import ddim, ddpm
from fooo.pipeline.samplers.distilled import lcm, tcd
from fooo.pipeline.samplers.dpm_2 import dpm_2, dpm_2_ancestral
from fooo.pipeline.samplers.dpm_adaptive import dpm_adaptive
from fooo.pipeline.samplers.dpmpp import dpmpp_2m, dpmpp_2s_ancestral
from fooo.pipeline.samplers.dpmpp_sde import dpmpp_2m_sde, dpmpp_3m_sde, dpmpp_sde
from fooo.pipeline.samplers.euler import euler, euler_ancestral, heun
from fooo.pipeline.samplers.lms import lms
from fooo.pipeline.samplers.noise import BrownianNoise, MixedNoise, Noise
from fooo.pipeline.samplers.restart import restart
from fooo.pipeline.samplers.sampler import Ask, SampleFunction, Sampling, Walk, count_asks, counted, separately
from fooo.pipeline.samplers.uni_pc import uni_pc

SAMPLERS: Mapping[Sampler, SampleFunction] = {
    Sampler.EULER: euler,
    Sampler.EULER_ANCESTRAL: euler_ancestral,
    Sampler.HEUN: heun,
    Sampler.LMS: lms,
    Sampler.DPM_2: dpm_2,
    Sampler.DPM_2_ANCESTRAL: dpm_2_ancestral,
    Sampler.DPMPP_2S_ANCESTRAL: dpmpp_2s_ancestral,
    Sampler.DPMPP_2M: dpmpp_2m,
    Sampler.DPMPP_SDE: dpmpp_sde,
    Sampler.DPMPP_2M_SDE: dpmpp_2m_sde,
    Sampler.DPMPP_3M_SDE: dpmpp_3m_sde,
    Sampler.DPM_ADAPTIVE: dpm_adaptive,
    Sampler.DDIM: ddim,
    Sampler.DDPM: ddpm,
    Sampler.UNI_PC: uni_pc,
    Sampler.LCM: lcm,
    Sampler.TCD: tcd,
    Sampler.RESTART: restart,
}

__all__ = [
    "SAMPLERS",
    "Ask",
    "BrownianNoise",
    "MixedNoise",
    "Noise",
    "SampleFunction",
    "Sampling",
    "Walk",
    "count_asks",
    "counted",
    "separately",
]
