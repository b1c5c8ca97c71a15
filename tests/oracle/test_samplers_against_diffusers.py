"""Samplers and schedules against diffusers' schedulers, call by call, with a formula as the model.

They work in float32 on latents scaled to a spread of 1, we on latents as large as the noise: a rounding a step, 1e-6.
"""

import importlib
import math
from typing import Any

import numpy as np
import pytest
import torch

from fooo.catalog import Sampler, Schedule
from fooo.catalog.model_files.contents import Base
from fooo.pipeline.latents import Latents
from fooo.pipeline.noise_levels import NoiseLevels, Prediction
from fooo.pipeline.samplers import SAMPLERS, Ask
from fooo.pipeline.schedules import make_sigmas
from fooo.request import SamplerOptions
from tests.pipeline.walking import LEVELS, PLAIN, TO_PURE_NOISE, Gaussians, carry, noise_of, walk_of

# Their types say less than is true, so the library is taken as untyped here.
diffusers: Any = importlib.import_module("diffusers")

TOLERANCE = 1e-4
TRAINED = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 1000}
DATA = Gaussians(low=-1.0, high=1.0, spread=0.3)
SEED = 11


class InTurn:
    """Noise in the order in which it is asked for, as their generators give it."""

    def __init__(self) -> None:
        self._generator = torch.Generator().manual_seed(SEED)

    def between(self, sigma: float, next_sigma: float) -> Latents:
        return torch.randn((1, 4, 8, 8), generator=self._generator)

    def fresh(self, number: int) -> Latents:
        return self.between(0, 0)


def told(clean: Latents, latents: Latents, sigma: float, prediction: Prediction) -> Latents:
    """What a network would put out: the noise, or noise and picture mixed."""
    noise = (latents - clean) / sigma
    return noise if prediction is Prediction.EPSILON else (noise - sigma * clean) / math.sqrt(1 + sigma**2)


def walk_theirs(scheduler: Any, start: Latents, prediction: Prediction, **more: Any) -> tuple[Latents, list[Ask]]:
    """Where their scheduler ends, and what it asks, in units of sigma."""
    draws = not isinstance(scheduler, diffusers.UniPCMultistepScheduler)
    told_more = {**more, "generator": torch.Generator().manual_seed(SEED)} if draws else more
    sample, asks = start, list[Ask]()
    for time in scheduler.timesteps:
        share = float(scheduler.alphas_cumprod[int(time)])
        sigma = math.sqrt((1 - share) / share)
        latents = sample * math.sqrt(1 + sigma**2)
        asks.append(Ask(latents, sigma))
        output = told(DATA.guess(latents, sigma), latents, sigma, prediction)
        sample = scheduler.step(output, time, sample, **told_more).prev_sample
    return sample, asks


def compare(
    sampler: Sampler, scheduler: Any, prediction: Prediction, levels: NoiseLevels, options: SamplerOptions, **more: Any
) -> tuple[float, float]:
    """How far apart the asks are, and the ends."""
    start = noise_of(4)
    theirs, their_asks = walk_theirs(scheduler, start, prediction, **more)
    sigmas = [levels.sigma(int(time)) for time in scheduler.timesteps] + [0.0]
    latents = start * math.sqrt(sigmas[0] ** 2 + 1)
    walk = walk_of(latents, sigmas, noise=InTurn(), options=options, levels=levels)
    ours, asks = carry(SAMPLERS[sampler](walk), DATA.guess)
    assert [ask.sigma for ask in asks] == pytest.approx([ask.sigma for ask in their_asks], rel=1e-4)
    # above 1 their latents, scaled down, are as large as 1
    apart = [
        float((one.latents - other.latents).abs().max()) / max(1.0, one.sigma)
        for one, other in zip(asks, their_asks, strict=True)
    ]
    return max(apart), float((ours - theirs).abs().max())


PREDICTIONS = pytest.mark.parametrize("prediction", list(Prediction))


@PREDICTIONS
@pytest.mark.parametrize("spacing", ["linspace", "leading", "trailing"])
@pytest.mark.parametrize("steps", [1, 2, 3, 10, 25])
def test_uni_pc_walks_as_theirs_does(prediction: Prediction, spacing: str, steps: int):
    scheduler = diffusers.UniPCMultistepScheduler(
        **TRAINED, prediction_type=prediction, timestep_spacing=spacing, final_sigmas_type="zero"
    )
    scheduler.set_timesteps(steps)
    asks, end = compare(Sampler.UNI_PC, scheduler, prediction, LEVELS, PLAIN)
    assert asks <= TOLERANCE
    assert end <= TOLERANCE


def test_uni_pc_walks_from_pure_noise_as_theirs_does():
    scheduler = diffusers.UniPCMultistepScheduler(
        **TRAINED, prediction_type="v_prediction", timestep_spacing="trailing", rescale_betas_zero_snr=True
    )
    scheduler.set_timesteps(20)
    asks, end = compare(Sampler.UNI_PC, scheduler, Prediction.V, TO_PURE_NOISE, PLAIN)
    assert asks <= TOLERANCE
    assert end <= TOLERANCE


@PREDICTIONS
@pytest.mark.parametrize("steps", [1, 4, 8])
def test_lcm_walks_as_theirs_does(prediction: Prediction, steps: int):
    scheduler = diffusers.LCMScheduler(**TRAINED, prediction_type=prediction)
    scheduler.set_timesteps(steps)
    asks, end = compare(Sampler.LCM, scheduler, prediction, LEVELS, PLAIN)
    # their c_skip and c_out, which we leave out, are a part of this
    assert asks <= TOLERANCE
    assert end <= TOLERANCE


@PREDICTIONS
@pytest.mark.parametrize("eta", [None, 0.0, 0.5, 1.0])
@pytest.mark.parametrize("steps", [1, 4, 8])
def test_tcd_walks_as_theirs_does(prediction: Prediction, steps: int, eta: float | None):
    scheduler = diffusers.TCDScheduler(**TRAINED, prediction_type=prediction)
    scheduler.set_timesteps(steps)
    theirs = {} if eta is None else {"eta": eta}
    asks, _ = compare(Sampler.TCD, scheduler, prediction, LEVELS, SamplerOptions(eta=eta), **theirs)
    # where it ends is not compared: theirs keeps the noise of training step 0, 0.03
    assert asks <= TOLERANCE


@pytest.mark.parametrize("eta", [0.0, 0.3, 1.0])
def test_ddim_walks_as_theirs_does(eta: float):
    scheduler = diffusers.DDIMScheduler(**TRAINED, clip_sample=False, timestep_spacing="trailing")
    scheduler.set_timesteps(20)
    asks, end = compare(Sampler.DDIM, scheduler, Prediction.EPSILON, LEVELS, SamplerOptions(eta=eta), eta=eta)
    assert asks <= TOLERANCE
    assert end <= TOLERANCE


def test_ddpm_walks_as_theirs_does():
    scheduler = diffusers.DDPMScheduler(**TRAINED, clip_sample=False, timestep_spacing="trailing")
    scheduler.set_timesteps(20)
    asks, end = compare(Sampler.DDPM, scheduler, Prediction.EPSILON, LEVELS, PLAIN)
    assert asks <= TOLERANCE
    assert end <= TOLERANCE


def test_the_oracle_sees_another_sampler_and_another_eta():
    scheduler = diffusers.TCDScheduler(**TRAINED)
    scheduler.set_timesteps(4)
    for sampler, options in [(Sampler.LCM, PLAIN), (Sampler.TCD, SamplerOptions(eta=0.35)), (Sampler.EULER, PLAIN)]:
        asks, _ = compare(sampler, scheduler, Prediction.EPSILON, LEVELS, options)
        assert asks >= 100 * TOLERANCE
    scheduler = diffusers.UniPCMultistepScheduler(**TRAINED, final_sigmas_type="zero")
    scheduler.set_timesteps(10)
    asks, _ = compare(Sampler.DPMPP_2M, scheduler, Prediction.EPSILON, LEVELS, PLAIN)
    assert asks >= 100 * TOLERANCE


@pytest.mark.parametrize(("schedule", "name"), [(Schedule.LCM, "LCMScheduler"), (Schedule.TCD, "TCDScheduler")])
@pytest.mark.parametrize("steps", [1, 2, 4, 7, 8, 13, 50])
def test_distilled_noise_levels_are_at_their_training_steps(schedule: Schedule, name: str, steps: int):
    scheduler = getattr(diffusers, name)(**TRAINED)
    scheduler.set_timesteps(steps)
    times = [LEVELS.time(sigma) for sigma in make_sigmas(schedule, steps, LEVELS)[:-1]]
    assert times == pytest.approx(scheduler.timesteps.tolist(), abs=1e-6)


@pytest.mark.parametrize(
    ("schedule", "spacing", "offset"),
    [(Schedule.NORMAL, "linspace", 0), (Schedule.SIMPLE, "trailing", 0), (Schedule.DDIM_UNIFORM, "leading", 1)],
)
@pytest.mark.parametrize("steps", [1, 4, 20, 30])
def test_noise_levels_over_the_training_steps_are_theirs(schedule: Schedule, spacing: str, offset: int, steps: int):
    scheduler = diffusers.EulerDiscreteScheduler(**TRAINED, timestep_spacing=spacing, steps_offset=offset)
    scheduler.set_timesteps(steps)
    times = [LEVELS.time(sigma) for sigma in make_sigmas(schedule, steps, LEVELS)[:-1]]
    # of one step from both ends they take the lower one, which would leave the noise in
    theirs = [999.0] if (schedule, steps) == (Schedule.NORMAL, 1) else scheduler.timesteps.tolist()
    # trailing: theirs rounds a training step to the nearest, ours down
    assert np.allclose(times, theirs, atol=1.0 if schedule is Schedule.SIMPLE else 1e-3)


@pytest.mark.parametrize(("base", "name"), [(Base.SDXL, "StableDiffusionXL"), (Base.SD1, "StableDiffusion")])
def test_aligned_noise_levels_are_at_the_training_steps_that_they_publish(base: Base, name: str):
    published = importlib.import_module("diffusers.schedulers").AysSchedules
    times = [LEVELS.time(sigma) for sigma in make_sigmas(Schedule.ALIGN_YOUR_STEPS, 10, LEVELS, base)[:-1]]
    assert times == pytest.approx(published[f"{name}Timesteps"], abs=1e-3)
