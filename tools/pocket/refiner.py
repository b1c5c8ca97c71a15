"""Training the refiner: the second tower's words, an aesthetic score, the low-noise part of the schedule."""

import logging
import re
from functools import partial
from pathlib import Path

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from transformers import CLIPTextModelWithProjection

from tools.pocket import base, latents, networks, seam, vae
from tools.pocket.latents import Batch
from tools.pocket.networks import Sizes, Understood
from tools.pocket.training import Run, averages, device, half
from tools.pocket.unet_training import Told, train_unet
from tools.pocket.work import Work

log = logging.getLogger(__name__)

OWNS = 300
"""Training steps below this are the refiner's; SDXL's owns the lowest 200, and handing over at 20 to 30 % is common."""
RATE, LOWER_RATE = 1e-3, 5e-4
"""From the base's outer levels, and from a released refiner, which has to learn little but its base's new words."""
OUTER = 2
"""Levels that a refiner begins with as the base has them."""


def train(
    work: Work,
    sizes: Sizes,
    *,
    minutes: float,
    seed: int,
    compiled: bool = True,
    start: UNet2DConditionModel | None = None,
) -> None:
    seam.seed_everything(seed)
    where = device()
    coder = vae.trained(work, sizes)
    latents.belong(work, coder)
    latents.encode_softened(work, coder, seed)
    examples = latents.read(work, softened=True)
    unet, _, two = base.trained(work, sizes)
    network = seam.placed(start or fresh(sizes, unet), where, channels_last=True)
    rate = LOWER_RATE if start else RATE
    run = Run(work.checkpoint("refiner"), {"unet": network}, minutes=minutes, rate=rate)
    # The base's weights all but leave out the last steps, which are what a refiner is for.
    train_unet(run, network, examples, partial(told, two), below=OWNS, weighted=False, seed=seed, compiled=compiled)


def told(two: CLIPTextModelWithProjection, batch: Batch) -> Told:
    """What SDXL's refiner is told of a batch."""
    with torch.no_grad(), half(batch.latents.device):
        out = two(batch.words.second, output_hidden_states=True)
    hidden = out.hidden_states[-2]
    understood = latents.silenced(Understood(hidden, hidden, out.text_embeds), batch.kept)
    return Told(understood.second, understood.pooled, numbers(batch))


def numbers(batch: Batch) -> torch.Tensor:
    """Original size, crop and score, shape (count, 5)."""
    return torch.cat([batch.numbers[:, :4], batch.scores[:, None]], 1)


@torch.no_grad()
def fresh(sizes: Sizes, of: UNet2DConditionModel) -> UNet2DConditionModel:
    """A refiner that is untrained but for its outer levels and what is around them, which are the base `of`'s."""
    network = networks.refiner_unet(sizes)
    theirs = of.state_dict()
    for name, weight in network.state_dict().items():
        if same := _in_base(name, sizes):
            weight.copy_(_part(theirs[same], weight.shape, from_start=same.startswith("add_embedding")))
    return network


def _in_base(name: str, sizes: Sizes) -> str | None:
    """What the base calls the weight that does the same; None on the inner levels."""
    if name.startswith("mid_block"):
        return None
    block = re.match(r"(down|up)_blocks\.(\d+)", name)
    if not block:
        return name
    way, number = block[1], int(block[2])
    level = number if way == "down" else len(sizes.refiner) - 1 - number
    if level >= OUTER:
        return None
    return f"{way}_blocks.{level if way == 'down' else len(sizes.base) - 1 - level}{name[block.end() :]}"


def _part(weight: torch.Tensor, shape: torch.Size, *, from_start: bool) -> torch.Tensor:
    """Of a base's weight what a refiner has inputs for.

    The first tower's words and the deeper level's channels, of which a refiner has none or fewer, come first. Of the
    six size numbers it has no last one, and its score begins with what the fifth, the target's height, has learnt.
    """
    inputs = min(1, weight.dim() - 1)
    first = 0 if from_start else weight.shape[inputs] - shape[inputs]
    return weight.narrow(inputs, first, shape[inputs])


def released(sizes: Sizes, folder: Path) -> UNet2DConditionModel:
    """The network of a released refiner, to go on from."""
    return networks.with_released(networks.refiner_unet(sizes), folder)


def trained(work: Work, sizes: Sizes) -> UNet2DConditionModel:
    """The averaged network of the last run."""
    network = networks.refiner_unet(sizes)
    network.load_state_dict(averages(work.checkpoint("refiner"))["unet"])
    return seam.placed(network.eval().requires_grad_(False), device())
