from types import SimpleNamespace

import pytest
import torch
from torch import nn

from tools.pocket import seam
from tools.pocket.diffusion import VelocityLoss, spread_times
from tools.pocket.networks import alphas_cumprod

HERE = torch.device("cpu")
COUNT = 64
TIMES = torch.linspace(0, 999, COUNT).long()


class Guesser(nn.Module):
    """Knows the clean latents; guesses `share` of the velocity."""

    def __init__(self, latents: torch.Tensor, share: float = 1.0) -> None:
        super().__init__()
        self.latents, self.share = latents, share

    def forward(
        self, noisy: torch.Tensor, times: torch.Tensor, context: torch.Tensor, *, added_cond_kwargs: object
    ) -> SimpleNamespace:
        kept = alphas_cumprod()[times][:, None, None, None].double()
        noise = (noisy - kept.sqrt() * self.latents) / (1 - kept).sqrt()
        return SimpleNamespace(sample=self.share * (kept.sqrt() * noise - (1 - kept).sqrt() * self.latents))


@pytest.fixture
def latents() -> torch.Tensor:
    return torch.randn(COUNT, 4, 8, 8, generator=torch.Generator().manual_seed(0))


def loss(latents: torch.Tensor, share: float, *, weighted: bool = True) -> torch.Tensor:
    seam.seed_everything(1)
    nothing = torch.zeros(COUNT, 1, 1)
    return VelocityLoss(HERE)(Guesser(latents, share), latents, TIMES, nothing, {}, weighted=weighted)


def test_a_perfect_guesser_has_no_loss(latents: torch.Tensor):
    perfect = loss(latents, 1.0)
    assert perfect.shape == (COUNT,)
    assert float(perfect.max()) < 1e-9  # float32 latents, squared


def test_a_guess_of_nothing_costs_the_velocitys_own_variance(latents: torch.Tensor):
    # latents and noise both have a variance of 1, and so has every mixture of the two; 256 numbers each
    plain = loss(latents, 0.0, weighted=False)
    assert float(plain.mean()) == pytest.approx(1, abs=0.03)
    assert torch.allclose(loss(latents, 0.5, weighted=False), plain / 4, rtol=1e-4)


def test_the_weight_is_largest_at_a_signal_to_noise_of_five_and_does_not_vanish_in_pure_noise(latents: torch.Tensor):
    weights = loss(latents, 0.0) / loss(latents, 0.0, weighted=False)
    kept = alphas_cumprod()[TIMES]
    ratio = kept / (1 - kept)
    assert float(ratio[weights.argmax()]) == pytest.approx(5, rel=0.3)
    assert float(weights[ratio < 0.01].min()) > 0.5
    # with less noise than there, it falls as one over (signal to noise + 1): an equal weight on the guess of the noise
    falling = (weights * (ratio + 1))[ratio > 5]
    assert float(falling.max() / falling.min()) == pytest.approx(1, abs=0.01)
    assert float(weights.mean()) == pytest.approx(1, abs=0.05)  # over these 64 of the 1000 levels


def test_times_are_spread_over_the_whole_stretch():
    seam.seed_everything(2)
    for below in (300, 1000):
        times = spread_times(50, below, HERE)
        told = [int(time) for time in times]
        assert sorted(time * 50 // below for time in told) == list(range(50))
        assert 0 <= min(told) < max(told) < below
        assert told != sorted(told)
