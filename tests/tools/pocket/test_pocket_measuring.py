import numpy as np
import pytest
from PIL import Image, ImageFilter

from tools.pocket import judge, measuring
from tools.pocket.scenes import Composer


def test_one_seed_measures_every_model_on_the_same_compositions(composer: Composer):
    one, again, other = (measuring.held_out(composer, 8, seed) for seed in (1, 1, 2))
    assert one.captions == again.captions
    assert np.array_equal(one.pixels, again.pixels)
    assert not np.array_equal(one.pixels, other.pixels)
    assert one.pixels.shape == (8, 128, 128, 3)


def test_a_ratio_of_paired_losses_has_a_narrower_interval_than_its_sides():
    rng = np.random.default_rng(1)
    hard = rng.uniform(0.1, 10, 400)  # what one finds hard, so does the other
    ratio = measuring.paired_ratio(0.9 * hard + rng.normal(0, 0.01, 400), hard, rng)
    assert ratio.low < 0.9 < ratio.high
    assert ratio.high - ratio.low < 0.002  # unpaired: 0.12, from the spread of `hard` alone
    assert measuring.paired_ratio(hard, hard, rng).share == 1


def test_blur_takes_gradient_energy_away_and_noise_adds_to_it():
    picture = Image.fromarray(np.kron(np.eye(8, dtype=np.uint8) * 200, np.ones((16, 16), np.uint8))).convert("RGB")
    noisy = np.asarray(picture) + np.random.default_rng(0).integers(0, 40, (128, 128, 3))
    soft = judge.gradient_energy(np.asarray(picture.filter(ImageFilter.GaussianBlur(3)))[None])
    plain = judge.gradient_energy(np.asarray(picture)[None])
    assert soft < 0.5 * plain
    assert judge.gradient_energy(noisy.clip(0, 255).astype(np.uint8)[None]) > 1.1 * plain


def test_what_a_vae_gives_back_is_measured_in_decibels_and_in_gradient_energy():
    pixels = np.random.default_rng(0).integers(60, 200, (3, 16, 16, 3), dtype=np.uint8)
    ten_off = 20 * np.log10(255 / 10)
    assert measuring.fidelity(pixels + np.uint8(10), pixels) == pytest.approx((ten_off, 1))
    flat = np.full_like(pixels, 130)
    decibels, energy = measuring.fidelity(flat, pixels)
    assert (decibels, energy) == (pytest.approx(20 * np.log10(255 / 40.4), abs=0.3), 0)  # 140 / sqrt(12) = 40.4
    assert measuring.fidelity(pixels, pixels) == (np.inf, 1)
