"""Training the base: its UNet and both text towers together."""

import logging
from functools import partial
from pathlib import Path

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTextModelWithProjection

from tools.pocket import latents, networks, seam, vae
from tools.pocket.latents import Batch
from tools.pocket.networks import Sizes
from tools.pocket.training import Run, averages, device, half
from tools.pocket.unet_training import Told, train_unet
from tools.pocket.work import Work

log = logging.getLogger(__name__)

RATE, LOWER_RATE = 1.2e-3, 8e-4
"""From nothing, and from released weights, whose nouns a full rate would wash out."""

Base = tuple[UNet2DConditionModel, CLIPTextModel, CLIPTextModelWithProjection]


def train(
    work: Work, sizes: Sizes, *, minutes: float, seed: int, compiled: bool = True, start: Base | None = None
) -> None:
    seam.seed_everything(seed)
    where = device()
    latents.encode_missing(work, vae.trained(work, sizes))
    examples = latents.read(work)
    unet, one, two = start or fresh(work, sizes)
    seam.placed(unet, where, channels_last=True)
    seam.placed(one, where)
    seam.placed(two, where)
    rate = LOWER_RATE if start else RATE
    run = Run(work.checkpoint("base"), {"unet": unet, "one": one, "two": two}, minutes=minutes, rate=rate)
    train_unet(run, unet, examples, partial(told, one, two), below=1000, weighted=True, seed=seed, compiled=compiled)


def told(one: CLIPTextModel, two: CLIPTextModelWithProjection, batch: Batch) -> Told:
    """What SDXL's base is told of a batch."""
    with half(batch.latents.device):
        understood = latents.silenced(networks.understand(one, two, batch.words), batch.kept)
    return Told(torch.cat([understood.first, understood.second], -1), understood.pooled, batch.numbers)


def fresh(work: Work, sizes: Sizes) -> Base:
    """Untrained networks."""
    return networks.base_unet(sizes), *networks.towers(sizes, networks.load_tokenizers(work.tokenizer)[0])


def trained(work: Work, sizes: Sizes) -> Base:
    """The averaged networks of the last run."""
    parts = fresh(work, sizes)
    kept = averages(work.checkpoint("base"))
    for name, part in zip(("unet", "one", "two"), parts, strict=True):
        part.load_state_dict(kept[name])
        seam.placed(part.eval().requires_grad_(False), device())
    return parts


def released(work: Work, sizes: Sizes, folder: Path) -> Base:
    """The networks of a released model, to go on from; its words are found again by their spelling in ours."""
    unet, one, two = fresh(work, sizes)
    networks.with_released(unet, folder)
    new = networks.load_tokenizers(work.tokenizer)[0].get_vocab()
    old = networks.load_tokenizers(folder)[0].get_vocab()
    pairs = [(new[token], old[token]) for token in new if token in old]
    rows, known = (torch.tensor(side) for side in zip(*pairs, strict=True))
    for tower, name in ((one, "text_encoder"), (two, "text_encoder_2")):
        kept = seam.load(type(tower), folder / name, dtype=torch.float32).state_dict()
        table = next(key for key in kept if key.endswith("token_embedding.weight"))
        embeddings = tower.state_dict()[table].clone()
        embeddings[rows] = kept[table][known]
        tower.load_state_dict({**kept, table: embeddings})
    return unet, one, two
