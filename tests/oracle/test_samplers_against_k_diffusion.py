"""Samplers and schedules against k-diffusion's functions, call by call, with a formula and small networks as the model.

Tolerance: 1e-4. k-diffusion keeps its noise levels in float32, Fooo in float64: 1e-7 of each level, through 12 steps.
"""

from collections.abc import Callable
from itertools import count
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch

from fooo.catalog import LocalModel, Sampler, Schedule
from fooo.monitor import Answer
from fooo.pipeline import denoise, prepare_run
from fooo.pipeline.conditioning import Conditioning, base_numbers, refiner_numbers
from fooo.pipeline.denoiser import Row
from fooo.pipeline.generate import LendUnet, noise_levels
from fooo.pipeline.latents import Latents, draw_noise
from fooo.pipeline.samplers import SAMPLERS, Ask, BrownianNoise
from fooo.pipeline.schedules import exponential_sigmas, karras_sigmas, normal_sigmas
from fooo.plan import Generate, Shot, Texts, plain
from fooo.request import SamplerOptions, Size
from tests.oracle.conftest import Oracles
from tests.pipeline.walking import LEVELS, PLAIN, Gaussians, carry, noise_of, sample, walk_of

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
                return denoiser.guess(latents, [float(sigma)], [conditioning], [Row(0, "")])

        return guess

    return [model_of(model, conditioning) for model, conditioning in told.items()]


def test_karras_noise_levels_are_those_of_k_diffusion(k_diffusion: ModuleType):
    ours = torch.tensor(karras_sigmas(30, low=0.0292, high=14.6146))
    theirs = k_diffusion.get_sigmas_karras(30, 0.0292, 14.6146)
    # float32 there, at a largest level of 14.6 and to the 7th power
    assert torch.allclose(ours, theirs, rtol=2e-6, atol=1e-7)
    assert not torch.allclose(ours, k_diffusion.get_sigmas_karras(30, 0.0292, 14.6146, rho=6.99), rtol=2e-6, atol=1e-7)


def test_exponential_noise_levels_are_those_of_k_diffusion(k_diffusion: ModuleType):
    ours = torch.tensor(exponential_sigmas(30, low=0.0292, high=14.6146))
    # logarithms and powers in float32 there
    assert torch.allclose(ours, k_diffusion.get_sigmas_exponential(30, 0.0292, 14.6146), rtol=2e-6, atol=1e-7)


FUNCTIONS: list[tuple[Sampler, str, SamplerOptions]] = [
    (Sampler.EULER, "sample_euler", PLAIN),
    (Sampler.EULER, "sample_euler", SamplerOptions(s_churn=3, s_tmin=0.1, s_tmax=10, s_noise=1.003)),
    (Sampler.HEUN, "sample_heun", PLAIN),
    (Sampler.HEUN, "sample_heun", SamplerOptions(s_churn=9, s_noise=1.003)),
    (Sampler.DPM_2, "sample_dpm_2", PLAIN),
    (Sampler.DPM_2, "sample_dpm_2", SamplerOptions(s_churn=3, s_tmax=5)),
    (Sampler.LMS, "sample_lms", PLAIN),
    (Sampler.EULER_ANCESTRAL, "sample_euler_ancestral", PLAIN),
    (Sampler.EULER_ANCESTRAL, "sample_euler_ancestral", SamplerOptions(eta=0.4, s_noise=1.1)),
    (Sampler.DPM_2_ANCESTRAL, "sample_dpm_2_ancestral", SamplerOptions(eta=0.4, s_noise=1.1)),
    (Sampler.DPMPP_2S_ANCESTRAL, "sample_dpmpp_2s_ancestral", PLAIN),
    (Sampler.DPMPP_2S_ANCESTRAL, "sample_dpmpp_2s_ancestral", SamplerOptions(eta=0.4, s_noise=1.1)),
    (Sampler.DPMPP_2M, "sample_dpmpp_2m", PLAIN),
    (Sampler.DPMPP_SDE, "sample_dpmpp_sde", PLAIN),
    (Sampler.DPMPP_SDE, "sample_dpmpp_sde", SamplerOptions(eta=0.4, s_noise=1.1)),
    (Sampler.DPMPP_2M_SDE, "sample_dpmpp_2m_sde", PLAIN),
    (Sampler.DPMPP_2M_SDE, "sample_dpmpp_2m_sde", SamplerOptions(eta=0.4, s_noise=1.1)),
    (Sampler.DPMPP_3M_SDE, "sample_dpmpp_3m_sde", PLAIN),
    (Sampler.DPMPP_3M_SDE, "sample_dpmpp_3m_sde", SamplerOptions(eta=0.4, s_noise=1.1)),
]
ANCESTRAL = ("ancestral", "sde", "adaptive")
SDXL_SIGMAS = karras_sigmas(STEPS, low=LEVELS.lowest, high=LEVELS.highest)
DATA = Gaussians(low=-1.0, high=1.0, spread=0.3)


def ask_theirs(
    k_diffusion: ModuleType, monkeypatch: pytest.MonkeyPatch, function: str, start: Latents, told: tuple[Any, ...],
    options: SamplerOptions,
) -> tuple[Latents, list[Ask]]:  # fmt: skip
    """Where their function ends and what it asks, given our noise."""
    noise = BrownianNoise(0, start.shape, start.device)
    asks: list[Ask] = []

    def model(latents: Latents, sigma: torch.Tensor) -> Latents:
        asks.append(Ask(latents, float(sigma)))
        return DATA.guess(latents, float(sigma))

    def between(sigma: torch.Tensor, next_sigma: torch.Tensor) -> Latents:
        return noise.between(float(sigma), float(next_sigma))

    numbers = count()

    def churned(like: Latents) -> Latents:
        """Churn draws from torch, once a step, used or not."""
        return noise.fresh(next(numbers))

    def precise(number: float) -> torch.Tensor:
        """The adaptive sampler makes tensors of its numbers; in float32 it would choose other steps than in float64."""
        return torch.tensor(number, dtype=torch.float64)

    instead = SimpleNamespace(**{**vars(torch), "randn_like": churned, "tensor": precise})
    monkeypatch.setattr(k_diffusion, "torch", instead)
    more: dict[str, Any] = {}
    if any(part in function for part in ANCESTRAL):
        more = {"s_noise": options.s_noise, "noise_sampler": between}
        more |= {} if options.eta is None else {"eta": options.eta}
    elif options != PLAIN:
        more = {name: getattr(options, name) for name in ("s_churn", "s_tmin", "s_tmax", "s_noise")}
    return getattr(k_diffusion, function)(model, start, *told, disable=True, **more), asks


def distance(one: list[Ask], other: list[Ask]) -> float:
    """Between the latents of two walks' asks, the largest; the walks are equally long and at the same levels."""
    assert [ask.sigma for ask in one] == pytest.approx([ask.sigma for ask in other], rel=1e-5)
    return max(float((a.latents - b.latents).abs().max()) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("sigmas", [SDXL_SIGMAS, exponential_sigmas(9, low=0.03, high=80.0), normal_sigmas(15, LEVELS)])
@pytest.mark.parametrize(("sampler", "function", "options"), FUNCTIONS)
def test_a_sampler_asks_at_every_step_what_k_diffusion_does(
    k_diffusion: ModuleType, monkeypatch: pytest.MonkeyPatch, sampler: Sampler, function: str, options: SamplerOptions,
    sigmas: list[float],
):  # fmt: skip
    start = noise_of(3) * sigmas[0]
    ours, asks = carry(SAMPLERS[sampler](walk_of(start, sigmas, options=options)), DATA.guess)
    theirs, their_asks = ask_theirs(k_diffusion, monkeypatch, function, start, (torch.tensor(sigmas),), options)
    assert distance(asks, their_asks) <= TOLERANCE
    assert float((ours - theirs).abs().max()) <= TOLERANCE
    # the test can see: another noise level in the middle
    moved = [*sigmas[:4], sigmas[4] * 1.01, *sigmas[5:]]
    _, other_asks = carry(SAMPLERS[sampler](walk_of(start, moved, options=options)), DATA.guess)
    pairs = zip(other_asks, their_asks, strict=True)
    assert max(float((one.latents - other.latents).abs().max()) for one, other in pairs) >= 100 * TOLERANCE


@pytest.mark.parametrize("options", [PLAIN, SamplerOptions(eta=0.4, s_noise=1.1)])
def test_the_adaptive_sampler_ends_where_k_diffusion_does(
    k_diffusion: ModuleType, monkeypatch: pytest.MonkeyPatch, options: SamplerOptions
):
    start = noise_of(3).double() * 14.6
    ours, asks = carry(SAMPLERS[Sampler.DPM_ADAPTIVE](walk_of(start, [14.6, 0.03, 0.0], options=options)), DATA.guess)
    theirs, their_asks = ask_theirs(k_diffusion, monkeypatch, "sample_dpm_adaptive", start, (0.03, 14.6), options)
    # they end at the lowest level, we take one step more; they guess anew at the beginning of each step tried
    assert float((asks[-1].latents - theirs).abs().max()) <= TOLERANCE
    assert torch.equal(ours, DATA.guess(asks[-1].latents, asks[-1].sigma))
    assert len(asks) <= len(their_asks) + 1


@pytest.mark.parametrize("sampler", [Sampler.EULER, Sampler.DPMPP_2M])
def test_a_sampler_walks_as_k_diffusion_does_with_networks(
    oracles: Oracles, k_diffusion: ModuleType, models: list[Model], sampler: Sampler
):
    levels = noise_levels(oracles.networks.base)
    # above SDXL's own highest level, where a model to pure noise begins, nothing depends on the level's exact value
    sigmas = karras_sigmas(STEPS, low=levels.lowest, high=min(levels.highest, 14.6146))
    start = draw_noise(3, SIZE) * sigmas[0]
    base = models[0]

    def asked(latents: Latents, sigma: torch.Tensor) -> Latents:
        return base(latents, float(sigma))

    theirs = getattr(k_diffusion, f"sample_{sampler}")(asked, start, torch.tensor(sigmas), disable=True)
    assert float((sample(sampler, walk_of(start, sigmas), base) - theirs).abs().max()) <= TOLERANCE
    # the test can see: the other sampler, and one noise level moved by a hundredth, are far outside the tolerance
    other = Sampler.DPMPP_2M if sampler is Sampler.EULER else Sampler.EULER
    moved = [*sigmas[:5], sigmas[5] * 1.01, *sigmas[6:]]
    for wrong in (sample(other, walk_of(start, sigmas), base), sample(sampler, walk_of(start, moved), base)):
        assert float((wrong - theirs).abs().max()) >= 100 * TOLERANCE


def test_the_loop_keeps_the_history_of_dpmpp_2m_over_the_switch_to_the_refiner(
    oracles: Oracles, k_diffusion: ModuleType, models: list[Model]
):
    generate = Generate(
        size=SIZE, steps=STEPS, guidance=1.0, sampler=Sampler.DPMPP_2M, schedule=Schedule.KARRAS, base="base",
        refiner="refiner", refiner_step=8,
    )  # fmt: skip
    shot = Shot(number=0, seed=3, texts=Texts.of(WORDS), passes=(generate,))
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
    _, asks = carry(SAMPLERS[Sampler.DPMPP_2M](walk_of(start, sigmas)), both)
    forgotten = sample(Sampler.DPMPP_2M, walk_of(asks[8].latents, sigmas[8:]), both)
    assert float((forgotten - theirs).abs().max()) >= 100 * TOLERANCE
