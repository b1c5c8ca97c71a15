"""The loss of both UNets."""

import torch
from torch import nn

from tools.pocket.networks import alphas_cumprod
from tools.pocket.training import half

GAMMA, FLOOR = 5.0, 0.3


class VelocityLoss:
    """Squares between wanted and guessed v, weighted by noise level.

    v is Salimans and Ho 2022, "Progressive Distillation", section 4; the weight is min-SNR (Hang et al. 2023, equation
    12) with a floor, without which the all but pure noise, where papers and places are decided, would hardly be learnt.
    """

    def __init__(self, where: torch.device) -> None:
        self._kept = alphas_cumprod().to(where)
        ratio = self._kept / (1 - self._kept)
        weight = (ratio.clamp(max=GAMMA) + FLOOR) / (ratio + 1)
        self._weight = weight / weight.mean()

    def __call__(
        self,
        network: nn.Module,
        latents: torch.Tensor,
        times: torch.Tensor,
        context: torch.Tensor,
        added: dict[str, torch.Tensor],
        *,
        weighted: bool = True,
    ) -> torch.Tensor:
        """Loss of each example, shape (count,)."""
        kept = self._kept[times][:, None, None, None]
        noise = torch.randn_like(latents)
        noisy = kept.sqrt() * latents + (1 - kept).sqrt() * noise
        wanted = kept.sqrt() * noise - (1 - kept).sqrt() * latents
        with half(latents.device):
            guess = network(
                noisy.contiguous(memory_format=torch.channels_last), times, context, added_cond_kwargs=added
            ).sample
        losses = (guess.float() - wanted).pow(2).mean((1, 2, 3))
        return losses * self._weight[times] if weighted else losses


def spread_times(count: int, below: int, where: torch.device) -> torch.Tensor:
    """Training steps in [0, below), one from each of `count` equal stretches, in any order."""
    stretches = (torch.randperm(count) + torch.rand(count)) / count
    return (stretches * below).long().clamp(max=below - 1).to(where)
