"""Samplers and schedules against k-diffusion's functions, with small random networks as the model.

Tolerance: 1e-4. k-diffusion keeps its noise levels in float32, Fooo in float64: 1e-7 of each level, through 12 steps.
"""

from collections.abc import Callable
from types import ModuleType

import pytest
import torch

from fooo.catalog import LocalModel, Sampler, Schedule
from fooo.monitor import Answer
from fooo.pipeline import denoise, prepare_run
from fooo.pipeline.conditioning import Conditioning, base_numbers, refiner_numbers
from fooo.pipeline.generate import LendUnet, noise_levels
from fooo.pipeline.latents import Latents, draw_noise
from fooo.pipeline.samplers import SAMPLERS
from fooo.pipeline.schedules import karras_sigmas
from fooo.plan import Generate, Shot, Texts, plain
from fooo.request import Size
from tests.oracle.conftest import Oracles

TOLERANCE = 1e-4
SIZE = Size(width=64, height=64)
STEPS = 12
WORDS = "a red apple"
Model = Callable[[Latents, float], Latents]


@pytest.fixture
def models(oracles: Oracles):
    """The base and the refiner as functions of latents and noise level."""
    words, _ = oracles.networks.encoders.encode(oracles.networks.base, [plain(WORDS), plain("")])
    assert oracles.networks.refiner
    told = {
        oracles.networks.base: Conditioning(context=words.both, pooled=words.pooled, numbers=base_numbers(SIZE)),
        oracles.networks.refiner: Conditioning(
            context=words.second, pooled=words.pooled, numbers=refiner_numbers(SIZE, 6)
        ),
    }

    def model_of(model: LocalModel, conditioning: Conditioning) -> Model:
        lend = LendUnet(oracles.networks.residency, model)

        def guess(latents: Latents, sigma: float) -> Latents:
            with torch.inference_mode(), lend(()) as denoiser:
                return denoiser.guess(latents, [float(sigma)], [conditioning])

        return guess

    return [model_of(model, conditioning) for model, conditioning in told.items()]


def sample(sampler: Sampler, latents: Latents, sigmas: list[float], model: Model) -> Latents:
    sampling = SAMPLERS[sampler](latents, sigmas)
    ask = next(sampling)
    while True:
        try:
            ask = sampling.send(model(ask.latents, ask.sigma))
        except StopIteration as done:
            return done.value


def test_karras_noise_levels_are_those_of_k_diffusion(k_diffusion: ModuleType):
    ours = torch.tensor(karras_sigmas(30, low=0.0292, high=14.6146))
    theirs = k_diffusion.get_sigmas_karras(30, 0.0292, 14.6146)
    # float32 there, at a largest level of 14.6 and to the 7th power
    assert torch.allclose(ours, theirs, rtol=2e-6, atol=1e-7)
    assert not torch.allclose(ours, k_diffusion.get_sigmas_karras(30, 0.0292, 14.6146, rho=6.99), rtol=2e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("sampler", "function"), [(Sampler.EULER, "sample_euler"), (Sampler.DPMPP_2M, "sample_dpmpp_2m")]
)
def test_a_sampler_walks_as_k_diffusion_does(
    oracles: Oracles, k_diffusion: ModuleType, models: list[Model], sampler: Sampler, function: str
):
    levels = noise_levels(oracles.networks.base)
    # above SDXL's own highest level, where a model to pure noise begins, nothing depends on the level's exact value
    sigmas = karras_sigmas(STEPS, low=levels.lowest, high=min(levels.highest, 14.6146))
    start = draw_noise(3, SIZE) * sigmas[0]
    base = models[0]

    def asked(latents: Latents, sigma: torch.Tensor) -> Latents:
        return base(latents, float(sigma))

    theirs = getattr(k_diffusion, function)(asked, start, torch.tensor(sigmas), disable=True)
    assert float((sample(sampler, start, sigmas, base) - theirs).abs().max()) <= TOLERANCE
    # the test can see: the other sampler, and one noise level moved by a hundredth, are far outside the tolerance
    other = Sampler.DPMPP_2M if sampler is Sampler.EULER else Sampler.EULER
    moved = [*sigmas[:5], sigmas[5] * 1.01, *sigmas[6:]]
    for wrong in (sample(other, start, sigmas, base), sample(sampler, start, moved, base)):
        assert float((wrong - theirs).abs().max()) >= 100 * TOLERANCE


def test_the_loop_keeps_the_history_of_dpmpp_2m_over_the_switch_to_the_refiner(
    oracles: Oracles, k_diffusion: ModuleType, models: list[Model]
):
    generate = Generate(
        size=SIZE, steps=STEPS, guidance=1.0, sampler=Sampler.DPMPP_2M, schedule=Schedule.KARRAS, base="base",
        refiner="refiner", refiner_step=8,
    )  # fmt: skip
    shot = Shot(number=0, seed=3, texts=Texts(positive=WORDS, negative=""), passes=(generate,))
    run = prepare_run(shot, generate, oracles.networks, watch=lambda clean, moment: Answer.GO)
    sigmas, switch = run.sigmas, run.sigmas[8]
    start = draw_noise(3, SIZE) * (sigmas[0] ** 2 + 1) ** 0.5
    base, refiner = models

    def both(latents: Latents, sigma: float | torch.Tensor) -> Latents:
        return (base if float(sigma) > switch + 1e-6 else refiner)(latents, float(sigma))

    theirs = k_diffusion.sample_dpmpp_2m(both, start, torch.tensor(sigmas), disable=True)
    ended = denoise(run)
    assert float((ended.latents - theirs).abs().max()) <= TOLERANCE
    # forgetting the history at the switch, as two separate runs would, is seen
    half = sample_until(Sampler.DPMPP_2M, start, sigmas, both, 8)
    forgotten = sample(Sampler.DPMPP_2M, half, sigmas[8:], both)
    assert float((forgotten - theirs).abs().max()) >= 100 * TOLERANCE


def sample_until(sampler: Sampler, latents: Latents, sigmas: list[float], model: Model, steps: int) -> Latents:
    sampling = SAMPLERS[sampler](latents, sigmas)
    ask = next(sampling)
    for _ in range(steps):
        ask = sampling.send(model(ask.latents, ask.sigma))
    return ask.latents
