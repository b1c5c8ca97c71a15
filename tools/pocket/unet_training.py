"""The loop that trains either UNet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from tools.pocket import latents, seam
from tools.pocket.chance import stream
from tools.pocket.diffusion import VelocityLoss, spread_times
from tools.pocket.latents import Batch, Examples
from tools.pocket.scenes import Size
from tools.pocket.training import Run, attention, device

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
    weighted: bool,
    seed: int,
    compiled: bool,
) -> None:
    """Until the budget is spent, at the training steps in [0, below); batches of the commonest size run compiled.

    With `weighted`, noise levels count as VelocityLoss weighs them; else all of them alike.
    """
    where = device()
    rng = stream(seed, run.file.stem, run.step)
    seam.seed_everything(seed + run.step)
    fast = seam.compiled(network) if compiled else network
    native = max(examples, key=lambda size: len(examples[size].latents))
    loss_of = VelocityLoss(where)
    with run, attention(where):
        while run.goes_on:
            batch = latents.batch(examples, rng, CAPTIONS)
            told = tell(batch)
            added = {"text_embeds": told.pooled.repeat(DRAWS, 1), "time_ids": told.numbers.repeat(DRAWS, 1)}
            clean, context = batch.latents.repeat(DRAWS, 1, 1, 1), told.context.repeat(DRAWS, 1, 1)
            times = spread_times(len(clean), below, where)
            whole = batch.latents.shape[-2:] == examples[native].latents.shape[-2:]
            losses = loss_of(fast if whole else network, clean, times, context, added, weighted=weighted)
            run.take(losses.mean())
