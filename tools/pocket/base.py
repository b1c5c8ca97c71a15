"""Training the base: its UNet and both text towers together."""

import logging
from pathlib import Path

import numpy as np
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTextModelWithProjection

from tools.pocket import latents, networks, seam, vae
from tools.pocket.diffusion import VelocityLoss, spread_times
from tools.pocket.networks import Sizes
from tools.pocket.training import Run, averages, device, half
from tools.pocket.work import Work

log = logging.getLogger(__name__)

CAPTIONS, DRAWS = 32, 2
"""Examples in a step, and noise levels at which each is seen: the towers, a third of the work, run once for all."""

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
    run = Run(work.checkpoint("base"), {"unet": unet, "one": one, "two": two}, minutes=minutes, rate=1.2e-3)
    rng = np.random.default_rng((seed, run.step))
    seam.seed_everything(seed + run.step)
    fast = seam.compiled(unet) if compiled else unet
    native = max(examples, key=lambda size: len(examples[size].latents))
    loss_of = VelocityLoss(where)
    while run.goes_on:
        batch = latents.batch(examples, rng, CAPTIONS)
        with half(where):
            understood = latents.silenced(networks.understand(one, two, batch.words), batch.kept)
        context = torch.cat([understood.first, understood.second], -1).repeat(DRAWS, 1, 1)
        added = {"text_embeds": understood.pooled.repeat(DRAWS, 1), "time_ids": batch.numbers.repeat(DRAWS, 1)}
        clean = batch.latents.repeat(DRAWS, 1, 1, 1)
        times = spread_times(len(clean), 1000, where)
        whole = batch.latents.shape[-2:] == examples[native].latents.shape[-2:]
        run.take(loss_of(fast if whole else unet, clean, times, context, added).mean())
    run.save()


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
    unet.load_state_dict(seam.load(UNet2DConditionModel, folder / "unet", torch_dtype=torch.float32).state_dict())
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
