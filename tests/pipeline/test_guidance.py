import math

import pytest
import torch

from fooo.pipeline.guidance import ClassifierFreeGuidance, Scale, adaptive, constant, rescaled, within
from fooo.pipeline.moment import CallName
from tests.pipeline.hooks.parts import drawn, moment_at, words
from tests.pipeline.walking import LEVELS

LATENTS, POSITIVE, NEGATIVE = (drawn(1, 4, 8, 8, seed=seed) for seed in range(3))
WORDS = {CallName.POSITIVE: words(), CallName.NEGATIVE: words(1)}
BOTH: dict[str, torch.Tensor] = {CallName.POSITIVE: POSITIVE, CallName.NEGATIVE: NEGATIVE}


def calls_at(scale: Scale, sigma: float) -> list[str]:
    return [call.name for call in ClassifierFreeGuidance(scale).calls(WORDS, moment_at(sigma, LATENTS))]


def test_a_scale_of_1_asks_for_the_positive_guess_alone_and_leaves_it():
    guidance = ClassifierFreeGuidance(constant(1))
    assert calls_at(constant(1), 2.0) == [CallName.POSITIVE]
    assert guidance.combine({CallName.POSITIVE: POSITIVE}, moment_at(2.0, LATENTS)) is POSITIVE


def test_adaptive_guidance_is_the_mean_of_both_scales_by_the_time_that_is_left():
    """By the formula: real x p + mimicked x (1 - p) with p = 1 - t / 999."""
    for time in (999, 700, 123, 0):
        sigma = LEVELS.sigma(time)
        share = 1 - time / 999
        real, mimicked = (NEGATIVE + scale * (POSITIVE - NEGATIVE) for scale in (12.0, 7.0))
        guided = ClassifierFreeGuidance(adaptive(12, 7, LEVELS)).combine(BOTH, moment_at(sigma, LATENTS))
        # rounding is multiplied by the scale
        assert torch.allclose(guided, share * real + (1 - share) * mimicked, atol=1e-5)


@pytest.mark.parametrize("scale", [3.0, 7.0])
def test_a_scale_that_is_not_above_the_mimicked_one_is_left_bit_for_bit(scale: float):
    for sigma in (14.0, 1.0, 0.03):
        moment = moment_at(sigma, LATENTS)
        plain, same = (ClassifierFreeGuidance(each) for each in (constant(scale), adaptive(scale, 7, LEVELS)))
        assert torch.equal(plain.combine(BOTH, moment), same.combine(BOTH, moment))


@pytest.mark.parametrize(("sigma", "guided"), [(5.1, False), (5.0, True), (0.3, True), (0.2, False), (0.1, False)])
def test_outside_of_its_interval_there_is_no_guidance_and_no_call_for_it(sigma: float, guided: bool):
    names = calls_at(within(constant(4), 0.2, 5.0), sigma)
    assert names == ([CallName.NEGATIVE, CallName.POSITIVE] if guided else [CallName.POSITIVE])


def test_an_interval_without_ends_is_none():
    scale = within(constant(4), 0, math.inf)
    assert {scale(sigma) for sigma in (1e-9, 14.6, 4096)} == {4}


@pytest.mark.parametrize("share", [0.7, 1.0])
def test_the_contrast_of_v_is_brought_back_to_that_of_the_positive_guess(share: float):
    """By the formula: v = (x / s^2 - clean) s / sigma with s^2 = sigma^2 + 1, each v by its own spread."""
    sigma = 3.0
    spread = math.sqrt(sigma**2 + 1)

    def v(clean: torch.Tensor) -> torch.Tensor:
        return (LATENTS / spread**2 - clean) * (spread / sigma)

    guided = NEGATIVE + 9 * (POSITIVE - NEGATIVE)
    wanted = v(guided) * v(POSITIVE).std() / v(guided).std()
    wanted = share * wanted + (1 - share) * v(guided)
    guidance = ClassifierFreeGuidance(constant(9), rescale=share)
    found = guidance.combine(BOTH, moment_at(sigma, LATENTS))
    assert torch.allclose(v(found), wanted, atol=1e-4)
    if share == 1:
        assert float(v(found).std()) == pytest.approx(float(v(POSITIVE).std()), rel=1e-4)


def test_a_guess_that_is_not_guided_is_not_rescaled():
    found = rescaled(POSITIVE, POSITIVE, moment_at(3.0, LATENTS), 1.0)
    assert torch.allclose(found, POSITIVE, atol=1e-5)
    alone = ClassifierFreeGuidance(constant(1), rescale=1).combine({CallName.POSITIVE: POSITIVE}, moment_at(3, LATENTS))
    assert alone is POSITIVE
