"""Guessing in windows: exact for a network that looks nowhere else, and never asked for more than a window."""

from collections.abc import Sequence

import pytest
import torch

from fooo.pipeline.conditioning import Conditioning
from fooo.pipeline.denoiser import Row
from fooo.pipeline.large import WindowedDenoiser
from fooo.request import Size

WINDOW = Size(width=128, height=96)
OF = [Row(0, "positive"), Row(0, "negative")]


class Watched:
    """A denoiser whose guess of a latent depends on that latent alone, or on the mean of all that it sees."""

    def __init__(self, *, everywhere: bool = False) -> None:
        self.seen: list[tuple[int, ...]] = []
        self._everywhere = everywhere

    def guess(
        self,
        latents: torch.Tensor,
        sigmas: Sequence[float],
        conditionings: Sequence[Conditioning],
        of: Sequence[Row],
    ) -> torch.Tensor:
        self.seen.append(tuple(latents.shape))
        mean = latents.mean(dim=(-2, -1), keepdim=True).expand_as(latents)
        return mean if self._everywhere else torch.tanh(latents)


def guessed(denoiser: Watched, latents: torch.Tensor) -> torch.Tensor:
    return WindowedDenoiser(denoiser, WINDOW).guess(latents, [1.0, 1.0], [], OF)


@pytest.mark.parametrize("size", [(12, 16), (5, 7), (13, 16), (40, 90), (24, 31)])
def test_what_each_latent_says_for_itself_stays_as_it_is(size: tuple[int, int]):
    latents = torch.rand((2, 4, *size), generator=torch.Generator().manual_seed(3))
    # float32, divided by the sum of the weights
    assert torch.allclose(guessed(Watched(), latents), torch.tanh(latents), atol=1e-6)


def test_the_network_never_sees_more_than_a_window():
    denoiser = Watched()
    guessed(denoiser, torch.zeros(2, 4, 100, 200))
    assert {shape[:2] for shape in denoiser.seen} == {(2, 4)}
    assert all(rows <= 12 and columns <= 16 for *_, rows, columns in denoiser.seen)


def test_windows_that_disagree_fade_into_each_other():
    latents = torch.linspace(0, 1, 64).expand(2, 4, 12, 64)
    mixed = guessed(Watched(everywhere=True), latents)
    steps = mixed.diff(dim=-1).abs()
    windows = latents[..., 48:].mean() - latents[..., 36:52].mean()
    # a window's guess differs from its neighbour's by 0.19; over the 4 latents that they share it goes over in parts
    assert steps.max() < 0.45 * windows
