"""What every sampler does on every schedule, whatever its method is."""

import itertools
import math

import pytest
import torch

from fooo.catalog import Sampler, Schedule
from fooo.events import LegName
from fooo.pipeline.latents import Latents
from fooo.pipeline.noise_levels import NoiseLevels
from fooo.pipeline.samplers import SAMPLERS, count_asks, counted, separately
from fooo.pipeline.schedules import karras_sigmas, make_sigmas
from fooo.request import SamplerOptions
from tests.pipeline.walking import LEVELS, TO_PURE_NOISE, Gaussians, carry, noise_of, sample, walk_of

STEPS = 21
"""Enough for Restart to restart."""
CURVED = Gaussians(low=-1.0, high=1.0, spread=0.3)
SIGMAS = karras_sigmas(12, low=LEVELS.lowest, high=LEVELS.highest)
SURE = {
    Sampler.EULER, Sampler.HEUN, Sampler.LMS, Sampler.DPM_2, Sampler.DPMPP_2M, Sampler.DPM_ADAPTIVE, Sampler.DDIM,
    Sampler.UNI_PC,
}  # fmt: skip
"""Those that add no noise unless the options ask for it; Restart is one of them on few steps only."""
WITH_ETA = {
    Sampler.EULER_ANCESTRAL, Sampler.DPM_2_ANCESTRAL, Sampler.DPMPP_2S_ANCESTRAL, Sampler.DPMPP_SDE, Sampler.TCD,
    Sampler.DPMPP_2M_SDE, Sampler.DPMPP_3M_SDE, Sampler.DPM_ADAPTIVE, Sampler.DDIM,
}  # fmt: skip


class NoNoise:
    """Stands where no noise may be asked for."""

    def between(self, sigma: float, next_sigma: float) -> Latents:
        raise AssertionError("noise was asked for")

    def fresh(self, number: int) -> Latents:
        raise AssertionError("noise was asked for")


def test_every_sampler_has_its_row():
    assert set(SAMPLERS) == set(Sampler)


@pytest.mark.parametrize("levels", [LEVELS, TO_PURE_NOISE], ids=["to 14.6", "to 4096"])
@pytest.mark.parametrize("schedule", Schedule)
@pytest.mark.parametrize("sampler", Sampler)
def test_a_sampler_ends_in_the_guess_without_any_noise_left(sampler: Sampler, schedule: Schedule, levels: NoiseLevels):
    sigmas = make_sigmas(schedule, STEPS, levels)
    latents = noise_of(1) * math.sqrt(sigmas[0] ** 2 + 1)
    clean = noise_of(2)
    end, asks = carry(SAMPLERS[sampler](walk_of(latents, sigmas, levels=levels)), lambda _latents, _sigma: clean)
    # float32 goes in steps of 5e-4 at 4096, and Lms carries what it once rounded to the end: 21 roundings
    assert torch.allclose(end, clean, atol=5e-4 * len(sigmas) if levels is TO_PURE_NOISE else 1e-4)
    assert end.shape == latents.shape
    assert end.dtype == torch.float32
    assert all(torch.isfinite(ask.latents).all() for ask in asks)
    assert all(0 < ask.sigma <= levels.highest * (1 + 1e-9) for ask in asks)


@pytest.mark.parametrize("levels", [LEVELS, TO_PURE_NOISE], ids=["to 14.6", "to 4096"])
@pytest.mark.parametrize("sampler", Sampler)
def test_a_seed_means_one_picture_and_no_number_is_broken(sampler: Sampler, levels: NoiseLevels):
    for schedule in Schedule:
        sigmas = make_sigmas(schedule, STEPS, levels)
        walk = walk_of(noise_of(1) * math.sqrt(sigmas[0] ** 2 + 1), sigmas, seed=5, levels=levels)
        one, again = (sample(sampler, walk, CURVED.guess) for _ in range(2))
        assert torch.isfinite(one).all()
        assert torch.equal(one, again)


@pytest.mark.parametrize("sampler", Sampler)
def test_the_noise_on_the_way_is_of_the_seed_or_there_is_none(sampler: Sampler):
    steps = karras_sigmas(STEPS, low=LEVELS.lowest, high=LEVELS.highest)
    start = noise_of(1) * steps[0]
    if sampler in SURE:
        assert torch.isfinite(sample(sampler, walk_of(start, steps, noise=NoNoise()), CURVED.guess)).all()
        return
    one, other = (sample(sampler, walk_of(start, steps, seed=seed), CURVED.guess) for seed in (1, 2))
    assert float((one - other).abs().mean()) > 0.01


@pytest.mark.parametrize("sampler", Sampler)
def test_one_step_is_the_first_guess(sampler: Sampler):
    start = noise_of(1) * 14.6
    end = sample(sampler, walk_of(start, [14.6, 0.0]), CURVED.guess)
    assert torch.allclose(end, CURVED.guess(start, 14.6), atol=1e-5)


@pytest.mark.parametrize("sampler", sorted(WITH_ETA))
def test_eta_of_0_draws_no_noise(sampler: Sampler):
    walk = walk_of(noise_of(1) * SIGMAS[0], SIGMAS, noise=NoNoise(), options=SamplerOptions(eta=0.0))
    assert torch.isfinite(sample(sampler, walk, CURVED.guess)).all()


@pytest.mark.parametrize("sampler", sorted(WITH_ETA))
def test_eta_and_s_noise_change_the_walk_where_there_is_noise(sampler: Sampler):
    start = noise_of(1) * SIGMAS[0]
    ends = [
        sample(sampler, walk_of(start, SIGMAS, options=options), CURVED.guess)
        for options in (SamplerOptions(eta=0.6), SamplerOptions(eta=0.3), SamplerOptions(eta=0.6, s_noise=0.5))
    ]
    for one, other in itertools.combinations(ends, 2):
        assert not torch.allclose(one, other, atol=1e-3)


@pytest.mark.parametrize("sampler", [Sampler.EULER, Sampler.HEUN, Sampler.DPM_2])
def test_churn_raises_the_noise_level_of_steps_in_its_window_alone(sampler: Sampler):
    options = SamplerOptions(s_churn=2.4, s_tmin=0.5, s_tmax=5.0)
    walk = walk_of(noise_of(1) * SIGMAS[0], SIGMAS, options=options)
    _, asks = carry(SAMPLERS[sampler](walk), CURVED.guess)
    raised = [sigma * 1.2 if 0.5 <= sigma <= 5.0 else sigma for sigma in SIGMAS[:-1]]
    first_asks = asks if sampler is Sampler.EULER else asks[::2]
    assert [ask.sigma for ask in first_asks] == pytest.approx(raised)
    assert any(sigma != level for sigma, level in zip(raised, SIGMAS, strict=False))


def test_churn_is_at_most_the_square_root_of_2():
    walk = walk_of(noise_of(1) * SIGMAS[0], SIGMAS, options=SamplerOptions(s_churn=1000))
    _, asks = carry(SAMPLERS[Sampler.EULER](walk), CURVED.guess)
    assert [ask.sigma for ask in asks] == pytest.approx([sigma * math.sqrt(2) for sigma in SIGMAS[:-1]])


def test_s_noise_scales_churned_and_restarted_noise():
    steps = karras_sigmas(STEPS, low=LEVELS.lowest, high=LEVELS.highest)
    for sampler, options in [
        (Sampler.EULER, SamplerOptions(s_churn=4)),
        (Sampler.RESTART, SamplerOptions()),
        (Sampler.LCM, SamplerOptions()),
    ]:
        start = noise_of(1) * steps[0]
        plain, more = (
            sample(sampler, walk_of(start, steps, options=each), CURVED.guess)
            for each in (options, options.model_copy(update={"s_noise": 1.05}))
        )
        assert not torch.allclose(plain, more, atol=1e-3)


def test_a_sampler_asks_as_often_as_it_says():
    for sampler in set(Sampler) - {Sampler.DPM_ADAPTIVE}:
        sigmas = karras_sigmas(30, low=LEVELS.lowest, high=LEVELS.highest)
        _, asks = carry(SAMPLERS[sampler](walk_of(noise_of(1) * sigmas[0], sigmas)), CURVED.guess)
        # the step to 0 takes one call by every method
        assert len(asks) == 29 * sampler.calls + 1, sampler


@pytest.mark.parametrize("sampler", Sampler)
def test_a_stretch_that_ends_above_0_leaves_as_much_noise_as_it_ends_at(sampler: Sampler):
    """With one clean guess all the way, what is left is noise alone. 4096 values tell their spread to 1.1 %."""
    sigmas = karras_sigmas(40, low=LEVELS.lowest, high=LEVELS.highest)[:25]
    clean = noise_of(2, side=32)
    start = clean + noise_of(1, side=32) * sigmas[0]
    end = sample(sampler, walk_of(start, sigmas, seed=5), lambda _latents, _sigma: clean)
    assert float(((end - clean) / sigmas[-1]).std()) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("levels", [LEVELS, TO_PURE_NOISE], ids=["to 14.6", "to 4096"])
@pytest.mark.parametrize("sampler", [each for each in Sampler if each is not Sampler.DPM_ADAPTIVE])
def test_counting_finds_as_many_asks_as_there_are(sampler: Sampler, levels: NoiseLevels):
    for steps in (1, 2, 7, 40):
        sigmas = karras_sigmas(steps, low=levels.lowest, high=levels.highest)
        walk = walk_of(noise_of(1) * sigmas[0], sigmas, levels=levels)
        _, asks = carry(counted(SAMPLERS[sampler], walk), CURVED.guess)
        assert count_asks(SAMPLERS[sampler], walk) == len(asks)
        assert [ask.done for ask in asks] == [number / len(asks) for number in range(1, len(asks) + 1)]


def test_a_sampler_that_chooses_its_steps_is_counted_as_well_as_can_be():
    sigmas = karras_sigmas(10, low=LEVELS.lowest, high=LEVELS.highest)
    walk = walk_of(noise_of(1) * sigmas[0], sigmas)
    _, asks = carry(counted(SAMPLERS[Sampler.DPM_ADAPTIVE], walk), CURVED.guess)
    shares = [ask.done or 0 for ask in asks]
    assert shares == sorted(shares)
    # data with two bells take more steps than the one bell that is counted by
    assert 0.3 < shares[len(shares) // 2] <= shares[-1] == 1


@pytest.mark.parametrize("sampler", Sampler)
def test_counting_changes_nothing(sampler: Sampler):
    walk = walk_of(noise_of(1) * SIGMAS[0], SIGMAS, seed=3)
    plain, _ = carry(SAMPLERS[sampler](walk), CURVED.guess)
    with_counts, _ = carry(counted(SAMPLERS[sampler], walk), CURVED.guess)
    assert torch.equal(plain, with_counts)


@pytest.mark.parametrize("sampler", Sampler)
def test_two_samplers_one_after_the_other_end_in_the_guess_each_with_its_network(sampler: Sampler):
    sigmas = karras_sigmas(44, low=LEVELS.lowest, high=LEVELS.highest)
    clean = noise_of(2)
    walk = walk_of(clean + noise_of(1) * sigmas[0], sigmas, seed=3)
    end, asks = carry(separately(SAMPLERS[sampler], walk, 22), lambda _latents, _sigma: clean)
    assert torch.allclose(end, clean, atol=1e-4)
    legs = [ask.leg for ask in asks]
    switch = legs.index(LegName.REFINER)
    assert set(legs[:switch]) == {LegName.BASE}
    assert set(legs[switch:]) == {LegName.REFINER}
    assert asks[switch].sigma == sigmas[22]


def test_the_second_of_two_samplers_is_given_fresh_noise_of_its_own():
    sigmas = karras_sigmas(8, low=LEVELS.lowest, high=LEVELS.highest)
    numbers: list[int] = []

    class Noted(NoNoise):
        def fresh(self, number: int) -> Latents:
            numbers.append(number)
            return noise_of(number)

    walk = walk_of(noise_of(1) * sigmas[0], sigmas, noise=Noted(), options=SamplerOptions(s_churn=2))
    carry(separately(SAMPLERS[Sampler.EULER], walk, 5), CURVED.guess)
    assert numbers == list(range(8))
