from typing import cast

import numpy as np
import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import nn
from torch.nn import functional

from fooo.catalog import Catalog
from fooo.pipeline.hooks import SeamlessTiling, around
from fooo.pipeline.vae import decode
from fooo.request import Tiling
from tests.oracle.conftest import networks_of
from tests.pipeline.hooks.parts import drawn, guess, small_unet, words

LATENTS = drawn(1, 4, 12, 16)
STEP = 4
"""Latents by which a picture can be shifted: its two halvings see every fourth one."""


@pytest.fixture(scope="module")
def unet() -> UNet2DConditionModel:
    return small_unet()


@pytest.mark.parametrize(
    ("tiling", "shift"), [(Tiling.X, (0, STEP)), (Tiling.Y, (STEP, 0)), (Tiling.BOTH, (STEP, 2 * STEP))]
)
def test_a_picture_that_is_shifted_around_is_guessed_as_the_shifted_guess(
    unet: UNet2DConditionModel, tiling: Tiling, shift: tuple[int, int]
):
    shifted = LATENTS.roll(shift, (2, 3))
    with SeamlessTiling(tiling).patch(unet):
        plain, moved = guess(unet, LATENTS, words()), guess(unet, shifted, words())
    assert torch.allclose(moved, plain.roll(shift, (2, 3)), atol=1e-4)
    assert not torch.allclose(
        guess(unet, shifted, words()), guess(unet, LATENTS, words()).roll(shift, (2, 3)), atol=1e-2
    )


@pytest.mark.parametrize(("tiling", "shift"), [(Tiling.X, (STEP, 0)), (Tiling.Y, (0, STEP))])
def test_along_the_other_axis_there_are_edges_as_before(
    unet: UNet2DConditionModel, tiling: Tiling, shift: tuple[int, int]
):
    with SeamlessTiling(tiling).patch(unet):
        plain, moved = guess(unet, LATENTS, words()), guess(unet, LATENTS.roll(shift, (2, 3)), words())
    assert not torch.allclose(moved, plain.roll(shift, (2, 3)), atol=1e-2)


def test_a_single_convolution_sees_the_opposite_edge():
    convolution = nn.Conv2d(1, 1, 3, padding=1, bias=False)
    picture = drawn(1, 1, 4, 5)
    with around(convolution, Tiling.X):
        found = convolution(picture)
    wrapped = torch.cat([picture[..., -1:], picture, picture[..., :1]], dim=-1)
    wanted = functional.conv2d(wrapped, convolution.weight, padding=(1, 0))
    assert torch.allclose(found, wanted, atol=1e-6)


def test_the_decoder_wraps_around_too(catalog: Catalog):
    networks, latents = networks_of(catalog.models["pocket/base"], None), drawn(1, 4, 8, 8)

    def shift_is_lost_by(tiling: Tiling) -> int:
        with networks.residency.use(networks.decoder) as network:
            vae, both = cast(AutoencoderKL, network), (latents, latents.roll(3, 3))
            plain, moved = (decode(vae, each, tiling=tiling).pixels.astype(int) for each in both)
        return int(np.abs(np.roll(moved, -3 * 8, axis=1) - plain).max())

    # a pixel may be rounded to either side
    assert shift_is_lost_by(Tiling.BOTH) <= 1
    assert shift_is_lost_by(Tiling.NONE) > 10


def test_no_tiling_and_the_network_afterwards_are_as_without_it_bit_for_bit(unet: UNet2DConditionModel):
    before = guess(unet, LATENTS, words())
    with SeamlessTiling(Tiling.NONE).patch(unet):
        assert torch.equal(guess(unet, LATENTS, words()), before)
    with pytest.raises(KeyboardInterrupt), SeamlessTiling(Tiling.BOTH).patch(unet):
        raise KeyboardInterrupt
    assert torch.equal(guess(unet, LATENTS, words()), before)
