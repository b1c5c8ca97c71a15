"""The loop that trains either UNet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from tools.pocket import latents, seam
from tools.pocket.diffusion import VelocityLoss, spread_times
from tools.pocket.latents import Batch, Examples
from tools.pocket.scenes import Size
from tools.pocket.training import Run, device

CAPTIONS, DRAWS = 32, 2
"""Examples in a step, and noise levels at which each is seen: the towers, a third of the work, run once for all."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the network is told of a batch besides its latents."""

    context: torch.Tensor
    pooled: torch.Tensor
    numbers: torch.Tensor


def train_unet(
    run: Run,
    network: UNet2DConditionModel,
    examples: Mapping[Size, Examples],
    tell: Callable[[Batch], Told],
    *,
    below: int,
    seed: int,
    compiled: bool,
) -> None:
    """Until the budget is spent, at the training steps in [0, below); batches of the commonest size run compiled."""
    where = device()
    rng = np.random.default_rng((seed, run.step))
    seam.seed_everything(seed + run.step)
    fast = seam.compiled(network) if compiled else network
    native = max(examples, key=lambda size: len(examples[size].latents))
    loss_of = VelocityLoss(where)
    while run.goes_on:
        batch = latents.batch(examples, rng, CAPTIONS)
        told = tell(batch)
        added = {"text_embeds": told.pooled.repeat(DRAWS, 1), "time_ids": told.numbers.repeat(DRAWS, 1)}
        clean = batch.latents.repeat(DRAWS, 1, 1, 1)
        times = spread_times(len(clean), below, where)
        whole = batch.latents.shape[-2:] == examples[native].latents.shape[-2:]
        run.take(loss_of(fast if whole else network, clean, times, told.context.repeat(DRAWS, 1, 1), added).mean())
    run.save()
