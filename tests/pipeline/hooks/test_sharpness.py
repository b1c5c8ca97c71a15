import math

import pytest
import torch

from fooo.pipeline.hooks import Sharpness
from fooo.pipeline.hooks.sharpness import blur
from fooo.pipeline.moment import CallName
from tests.pipeline.hooks.parts import drawn, moment_at
from tests.pipeline.walking import LEVELS


def blurred_at(values: torch.Tensor, guide: torch.Tensor, channel: int, y: int, x: int) -> float:
    """One value of the bilateral filter, place by place, with edges mirrored: the formula as it is written."""
    colours = (guide - guide.mean()) / (guide.std() + 1e-5)
    _, channels, height, width = values.shape

    def mirrored(place: int, length: int) -> int:
        return abs(place) if place < length else 2 * (length - 1) - place

    total = weights = 0.0
    for down in range(-6, 7):
        for right in range(-6, 7):
            row, column = mirrored(y + down, height), mirrored(x + right, width)
            apart = sum(abs(float(colours[0, c, row, column] - colours[0, c, y, x])) for c in range(channels))
            weight = math.exp(-(apart**2) / (2 * 3.0**2)) * math.exp(-(down**2 + right**2) / (2 * 3.0**2))
            total += weight * float(values[0, channel, row, column])
            weights += weight
    return total / weights


def test_the_blur_is_the_bilateral_filter_guided_by_the_other_picture():
    values, guide = drawn(1, 4, 9, 12), drawn(1, 4, 9, 12, seed=1)
    found = blur(values, guide)
    for channel, y, x in [(0, 0, 0), (1, 4, 6), (2, 8, 11), (3, 2, 10)]:
        # float32 against float64: sums of 169 terms of size 1
        assert float(found[0, channel, y, x]) == pytest.approx(blurred_at(values, guide, channel, y, x), abs=1e-4)


def test_what_is_flat_stays_as_it_is():
    assert torch.allclose(blur(torch.full((1, 4, 8, 8), 3.0), drawn(1, 4, 8, 8)), torch.tensor(3.0), atol=1e-5)


@pytest.mark.parametrize(("sigma", "progress"), [(LEVELS.highest, 0.0), (2.0, None), (LEVELS.lowest, 1.0)])
def test_the_positive_guess_gets_back_a_share_of_the_noise_that_grows_to_the_end(sigma: float, progress: float | None):
    latents, clean, negative = drawn(1, 4, 12, 16), drawn(1, 4, 12, 16, seed=1), drawn(1, 4, 12, 16, seed=2)
    guesses: dict[str, torch.Tensor] = {CallName.POSITIVE: clean, CallName.NEGATIVE: negative}
    sharper = Sharpness(10, LEVELS).guide(guesses, moment_at(sigma, latents))
    if progress is None:
        progress = 1 - LEVELS.time(sigma) / 999
    noise = latents - clean
    share = 0.001 * 10 * progress
    noise = share * blur(noise, clean) + (1 - share) * noise
    assert torch.allclose(sharper[CallName.POSITIVE], latents - noise, atol=1e-5)
    assert sharper[CallName.NEGATIVE] is negative


def test_without_a_negative_guess_nothing_is_sharpened():
    guesses: dict[str, torch.Tensor] = {CallName.POSITIVE: drawn(1, 4, 8, 8)}
    assert Sharpness(30, LEVELS).guide(guesses, moment_at(1.0, drawn(1, 4, 8, 8))) is guesses
