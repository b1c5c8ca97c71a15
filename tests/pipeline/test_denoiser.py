"""A UNet as a denoiser, with a small function in place of the network."""

from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import pytest
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from fooo.pipeline.conditioning import Conditioning
from fooo.pipeline.denoiser import UnetDenoiser
from fooo.pipeline.noise_levels import NoiseLevels, Prediction
from tests.pipeline.hooks.parts import rows_of


class FakeUnet(torch.nn.Module):
    """Guesses as noise what it is told; notes what it was told in each call."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1, dtype=torch.bfloat16))
        self.told: list[dict[str, Any]] = []

    def parameters(self, recurse: bool = True) -> Iterator[torch.nn.Parameter]:
        yield self.weight

    def forward(self, latents: torch.Tensor, times: torch.Tensor, **told: Any) -> tuple[torch.Tensor]:
        self.told.append({"latents": latents, "times": times, **told})
        return (told["encoder_hidden_states"].view(-1, 1, 1, 1).expand_as(latents),)


@pytest.fixture
def levels() -> NoiseLevels:
    return NoiseLevels(np.linspace(0.999, 0.005, 1000), Prediction.EPSILON)


def conditioning(value: float) -> Conditioning:
    return Conditioning(context=torch.full((1, 1, 1), value), pooled=torch.zeros(1, 2), numbers=torch.zeros(1, 6))


def denoiser_of(unet: FakeUnet, levels: NoiseLevels, most_rows: int = 8) -> UnetDenoiser:
    return UnetDenoiser(cast(UNet2DConditionModel, unet), levels, most_rows)


def test_each_row_has_its_noise_level_and_its_words(levels: NoiseLevels):
    unet, latents = FakeUnet(), torch.ones(2, 4, 2, 2)
    guess = denoiser_of(unet, levels).guess(latents, [2.0, 0.5], [conditioning(0.25), conditioning(-1.0)], rows_of(2))
    assert torch.equal(guess[:, 0, 0, 0], torch.tensor([1 - 2 * 0.25, 1 + 0.5]))
    assert guess.dtype is torch.float32
    assert unet.told[0]["latents"].dtype is torch.bfloat16


@pytest.mark.parametrize(("most_rows", "calls"), [(1, [1, 1, 1, 1, 1]), (2, [2, 2, 1]), (5, [5]), (16, [5])])
def test_one_call_has_as_many_rows_as_the_memory_allows(levels: NoiseLevels, most_rows: int, calls: list[int]):
    unet, latents = FakeUnet(), torch.arange(5.0).view(5, 1, 1, 1).expand(5, 4, 2, 2)
    words = [conditioning(number / 4) for number in range(5)]
    guess = denoiser_of(unet, levels, most_rows).guess(latents, [1.0] * 5, words, rows_of(5))
    assert [len(told["latents"]) for told in unet.told] == calls
    assert torch.equal(guess[:, 0, 0, 0], torch.arange(5.0) * 0.75)


def test_what_is_told_again_is_not_stacked_again(levels: NoiseLevels):
    unet, latents = FakeUnet(), torch.ones(2, 4, 2, 2)
    one, two = [conditioning(0.25), conditioning(0.5)], [conditioning(0.25), conditioning(0.5)]
    denoiser = denoiser_of(unet, levels)
    for words in (one, one, two, one):
        denoiser.guess(latents, [1.0, 1.0], words, rows_of(2))
    stacked = [told["encoder_hidden_states"] for told in unet.told]
    assert stacked[0] is stacked[1] is stacked[3]
    assert stacked[2] is not stacked[0]


def test_words_that_change_at_every_step_are_not_kept_for_ever(levels: NoiseLevels):
    unet, latents = FakeUnet(), torch.ones(1, 4, 2, 2)
    denoiser = denoiser_of(unet, levels)
    for number in range(100):
        denoiser.guess(latents, [1.0], [conditioning(number)], rows_of(1))
    kept = cast(dict[object, object], vars(denoiser)["_stacked"])
    assert len(kept) <= 8
