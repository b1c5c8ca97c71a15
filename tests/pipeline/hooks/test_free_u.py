from typing import Any, cast

import pytest
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.utils.torch_utils import fourier_filter

from fooo.pipeline.hooks import FreeU
from fooo.pipeline.hooks.free_u import amplified, filtered
from tests.pipeline.hooks.parts import drawn, guess, small_unet, words

LATENTS = drawn(1, 4, 12, 16)


@pytest.fixture(scope="module")
def unet() -> UNet2DConditionModel:
    return small_unet()


@pytest.mark.parametrize("shape", [(12, 16), (8, 8), (5, 7), (1, 2)])
def test_the_lowest_frequencies_are_scaled_as_by_diffusers(shape: tuple[int, int]):
    features = drawn(2, 6, *shape)
    assert torch.allclose(filtered(features, 0.3), cast(Any, fourier_filter)(features, 1, 0.3), atol=1e-5)


def test_half_of_the_features_are_louder_by_how_much_there_is_in_all():
    features = drawn(2, 6, 3, 4)
    louder = amplified(features, 1.4)
    for row in range(2):
        mean = features[row].mean(0)
        share = (mean - mean.min()) / (mean.max() - mean.min())
        assert torch.allclose(louder[row, :3], features[row, :3] * (1 + 0.4 * share), atol=1e-6)
        assert torch.equal(louder[row, 3:], features[row, 3:])


def test_features_that_are_the_same_everywhere_are_no_broken_numbers():
    assert torch.equal(amplified(torch.ones(1, 4, 3, 3), 1.4), torch.ones(1, 4, 3, 3))


def test_of_two_stages_the_filter_alone_is_that_of_diffusers():
    """Where diffusers, which counts stages, and the authors, who look at widths, mean the same blocks."""
    unet = small_unet(16, 32)
    with FreeU(b1=1, b2=1, s1=0.3, s2=0.3).patch(unet):
        ours = guess(unet, LATENTS, words())
    unet.enable_freeu(s1=0.3, s2=0.3, b1=1, b2=1)
    theirs = guess(unet, LATENTS, words())
    unet.disable_freeu()
    assert torch.allclose(ours, theirs, atol=1e-4)
    assert not torch.allclose(ours, guess(unet, LATENTS, words()), atol=1e-2)


@pytest.mark.parametrize("number", range(6))
def test_a_block_whose_features_are_of_the_two_largest_widths_is_given_them_louder(
    unet: UNet2DConditionModel, number: int
):
    """The blocks on the way up, of 64, 32 and 16 features; what skips past them is behind."""
    block = [resnet for each in cast(Any, unet).up_blocks for resnet in each.resnets][number]
    width = (64, 64, 64, 32, 32, 16)[number]
    louder, coarse = {64: (1.3, 0.9), 32: (1.4, 0.2), 16: (1.0, 1.0)}[width]
    inputs, time = drawn(1, block.in_channels, 6, 8), drawn(1, 64, seed=1)
    with FreeU(b1=1.3, b2=1.4, s1=0.9, s2=0.2).patch(unet):
        found = block(inputs, time)
    wanted = torch.cat([amplified(inputs[:, :width], louder), filtered(inputs[:, width:], coarse)], dim=1)
    assert torch.allclose(found, block(wanted, time), atol=1e-5)
    assert torch.allclose(found, block(inputs, time), atol=1e-3) is (width == 16)


def test_afterwards_the_network_is_as_it_was_bit_for_bit(unet: UNet2DConditionModel):
    before, hook = guess(unet, LATENTS, words()), FreeU(b1=1.3, b2=1.4, s1=0.9, s2=0.2)
    with pytest.raises(KeyboardInterrupt), hook.patch(unet):
        raise KeyboardInterrupt
    assert torch.equal(guess(unet, LATENTS, words()), before)
