"""The noise of a picture: a Brownian path by its seed, and draws aside of it."""

import math
from itertools import pairwise

import pytest
import torch

from fooo.pipeline.samplers import BrownianNoise
from fooo.pipeline.samplers.noise import ancestral_levels

SHAPE = (1, 4, 64, 64)
COUNT = 4 * 64 * 64
CPU = torch.device("cpu")
SURE = 4 / math.sqrt(COUNT)
"""Four standard errors of a mean of so many standard normal values."""


def noise(seed: int = 1) -> BrownianNoise:
    return BrownianNoise(seed, SHAPE, CPU)


def likeness(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one * other).mean())


@pytest.mark.parametrize(
    ("sigma", "next_sigma"), [(14.6, 10.0), (4096.0, 40.0), (0.03, 0.0292), (0.03, 1e-9), (1e9, 1e8), (1.0, 0.9999)]
)
def test_it_is_standard_normal_over_any_stretch(sigma: float, next_sigma: float):
    drawn = noise().between(sigma, next_sigma)
    assert drawn.shape == SHAPE
    assert drawn.dtype == torch.float32
    assert abs(float(drawn.mean())) < SURE
    assert float(drawn.square().mean()) == pytest.approx(1, abs=SURE * math.sqrt(2))
    # as many values beyond 2 as a bell has: 4.55 %, four standard errors 0.65 %
    assert float((drawn.abs() > 2).float().mean()) == pytest.approx(0.0455, abs=0.0066)


def test_stretches_that_lie_apart_are_independent():
    path = noise()
    drawn = [path.between(sigma, next_sigma) for sigma, next_sigma in pairwise([9.0, 4.0, 1.0, 0.5, 0.25, 0.2])]
    for number, one in enumerate(drawn):
        assert all(abs(likeness(one, other)) < SURE for other in drawn[:number])


def test_a_stretch_is_its_halves_together():
    path = noise()
    whole, upper, lower = path.between(8.0, 2.0), path.between(8.0, 4.0), path.between(4.0, 2.0)
    assert torch.allclose(whole, (upper + lower) / math.sqrt(2), atol=1e-4)


def test_it_depends_on_the_seed_alone_not_on_what_was_asked_before():
    once = noise().between(3.0, 2.0)
    path = noise()
    for number in range(100):
        path.between(14.0 * 0.9**number, 14.0 * 0.9 ** (number + 1))
    assert torch.equal(path.between(3.0, 2.0), once)
    assert torch.equal(path.between(2.0, 3.0), once)
    assert abs(likeness(noise(2).between(3.0, 2.0), once)) < SURE


def test_levels_too_close_to_tell_apart_still_get_noise():
    assert float(noise().between(1.0, 1.0 - 1e-12).std()) == pytest.approx(1, abs=SURE)


def test_fresh_noise_is_of_its_number_and_independent_of_the_path():
    path = noise()
    one = path.fresh(0)
    assert torch.equal(noise().fresh(0), one)
    for other in (path.fresh(1), path.between(8.0, 4.0), noise(2).fresh(0)):
        assert abs(likeness(one, other)) < SURE
    assert float(one.square().mean()) == pytest.approx(1, abs=SURE * math.sqrt(2))


@pytest.mark.parametrize("seed", [0, 2**63 - 1])
def test_every_seed_has_a_path(seed: int):
    assert torch.isfinite(noise(seed).between(2.0, 1.0)).all()


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0, 3.0])
@pytest.mark.parametrize(("sigma", "next_sigma"), [(14.6, 10.0), (4096.0, 3.0), (0.03, 0.0), (1.0, 0.999)])
def test_down_and_up_again_reach_the_next_level(sigma: float, next_sigma: float, eta: float):
    down, up = ancestral_levels(sigma, next_sigma, eta)
    assert math.hypot(down, up) == pytest.approx(next_sigma)
    assert 0 <= down <= next_sigma
    assert (up == 0) == (eta == 0 or next_sigma == 0)


def test_with_eta_1_the_noise_is_that_of_the_posterior():
    # of sigma^2 = 4 and 1: the posterior's variance is 1 x (4 - 1) / 4
    assert ancestral_levels(2.0, 1.0, 1.0) == (pytest.approx(0.5), pytest.approx(math.sqrt(0.75)))
