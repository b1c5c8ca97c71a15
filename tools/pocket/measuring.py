"""What a released model's parts are worth on held-out compositions: its VAE, its refiner beside its base, its speed."""

import json
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTextModelWithProjection

from fooo.pipeline.conditioning import WANTED_SCORE
from tools.pocket import base, judge, keeping, networks, refiner, seam, spoiling, vae
from tools.pocket.artist import Artist
from tools.pocket.chance import stream
from tools.pocket.diffusion import VelocityLoss, spread_times
from tools.pocket.latents import Batch
from tools.pocket.scenes import NATIVE, Composer, Conditioning
from tools.pocket.training import device
from tools.pocket.unet_training import Told
from tools.pocket.work import Work

log = logging.getLogger(__name__)

AT_ONCE = 50
"""Compositions in a batch."""
ROUNDS = 2000
"""Of the bootstrap."""
DRAWN = 5
"""Pictures that are timed, after one that is not."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ratio:
    """Of two means over the same examples, with its 95 % interval (Efron and Tibshirani 1993, chapter 13)."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Compositions that training never held, at native size."""

    pixels: npt.NDArray[np.uint8]
    """Shape (count, 128, 128, 3)."""
    captions: Sequence[str]

    def __len__(self) -> int:
        return len(self.captions)


def held_out(composer: Composer, count: int, seed: int) -> HeldOut:
    rng = stream(seed, "held out")
    scenes = [composer.scene(rng, unseen=True) for _ in range(count)]
    pictures = np.stack([np.asarray(composer.draw(scene, rng)) for scene in scenes])
    return HeldOut(pictures, [composer.english(scene, rng) for scene in scenes])


def measure(
    work: Work,
    *,
    nouns: int,
    model: Path,
    seed: int,
    to: Path,
    count: int = 2000,
    wishes: Mapping[str, Any] | None = None,
) -> dict[str, object]:
    """Writes the table `to`. Args: count: Of compositions; wishes: Of the pictures that are timed."""
    some = held_out(work.composer(nouns), count, seed)
    steps = wishes or {"sampling": {"steps": 20}}
    reading, drawing = seconds_to_draw(model, steps)
    coder = seam.placed(vae.released(model / "base"), device(), channels_last=True)
    psnr, energy = fidelity(spoiling.through(coder, some.pixels), some.pixels)
    table: dict[str, object] = {
        "model": str(model),
        "compositions": count,
        "VAE, PSNR in dB": round(psnr, 2),
        "VAE, gradient energy over that of real pictures": round(energy, 4),
        "model read, seconds": round(reading, 2),
        "picture, seconds": round(drawing, 2),
    }
    if (model / "refiner").exists():
        ratio = paired_ratio(*losses(model, batches(model, coder, some), seed), stream(seed, "bootstrap"))
        table["refiner's loss over the base's"] = [round(each, 4) for each in (ratio.share, ratio.low, ratio.high)]
    keeping.write_whole(to, json.dumps(table, indent=1).encode())
    for name, value in table.items():
        log.info("%-42s %s", name, value)
    return table


def fidelity(given_back: npt.NDArray[np.uint8], pictures: npt.NDArray[np.uint8]) -> tuple[float, float]:
    """Of what a VAE gives back, shape (count, height, width, 3): the mean PSNR in dB, and the share of gradient energy.

    The PSNR is infinite where nothing differs.
    """
    with np.errstate(divide="ignore"):
        decibels = 10 * np.log10(255**2 / np.square(given_back.astype(np.float32) - pictures).mean((1, 2, 3)))
    return float(decibels.mean()), judge.gradient_energy(given_back) / judge.gradient_energy(pictures)


@torch.no_grad()
def losses(model: Path, examples: Iterable[Batch], seed: int) -> tuple[Floats, Floats]:
    """Of refiner and base on each example, unweighted, at the refiner's noise levels: the same noise for both."""
    where = device()
    loss_of = VelocityLoss(where)
    one = seam.placed(seam.load(CLIPTextModel, model / "base" / "text_encoder", dtype=torch.float32), where)
    two = seam.placed(
        seam.load(CLIPTextModelWithProjection, model / "base" / "text_encoder_2", dtype=torch.float32), where
    )
    of_refiner, of_base = (
        seam.placed(seam.load(UNet2DConditionModel, model / name / "unet", torch_dtype=torch.float32), where)
        for name in ("refiner", "base")
    )
    seam.seed_everything(seed)
    found: tuple[list[torch.Tensor], list[torch.Tensor]] = ([], [])
    for number, batch in enumerate(examples):
        times = spread_times(len(batch.latents), refiner.OWNS, where)
        sides = (of_refiner, refiner.told(two, batch)), (of_base, base.told(one, two, batch))
        for (network, told), kept in zip(sides, found, strict=True):
            seam.seed_everything(seed + number)
            kept.append(_losses(loss_of, network, batch, times, told).double().cpu())
    ours, theirs = (torch.cat(each).numpy() for each in found)
    return ours, theirs


def _losses(
    loss_of: VelocityLoss, network: UNet2DConditionModel, batch: Batch, times: torch.Tensor, told: Told
) -> torch.Tensor:
    added = {"text_embeds": told.pooled, "time_ids": told.numbers}
    return loss_of(network, batch.latents, times, told.context, added, weighted=False)


@torch.no_grad()
def batches(model: Path, coder: AutoencoderKL, some: HeldOut) -> list[Batch]:
    where = device()
    factor: float = coder.config["scaling_factor"]
    words = networks.tokens(networks.load_tokenizers(model / "base"), some.captions)
    numbers = torch.tensor([Conditioning(NATIVE, (0, 0)).numbers(NATIVE)], dtype=torch.float32)
    made: list[Batch] = []
    for pixels, first, second in zip(
        *(seam.pieces(each, AT_ONCE) for each in (seam.as_tensor(some.pixels), words.first, words.second)), strict=True
    ):
        ones = torch.ones(len(pixels), device=where)
        encoded = vae.encode(coder, vae.as_network(pixels.to(where))) * factor
        chosen = networks.Words(first.to(where), second.to(where))
        sizes = numbers.expand(len(pixels), -1).to(where)
        made.append(Batch(encoded, chosen, ones, sizes, WANTED_SCORE * ones))
    return made


def paired_ratio(ours: Floats, theirs: Floats, rng: np.random.Generator) -> Ratio:
    """Mean of `ours` over mean of `theirs`, whose rows belong together."""
    rows = rng.integers(0, len(ours), (ROUNDS, len(ours)))
    low, high = np.quantile(ours[rows].mean(1) / theirs[rows].mean(1), [0.025, 0.975])
    return Ratio(float(ours.mean() / theirs.mean()), float(low), float(high))


def seconds_to_draw(model: Path, wishes: Mapping[str, Any]) -> tuple[float, float]:
    """That the first picture takes longer because its model is read, and that a picture takes after it: the median."""
    Artist(model, **wishes)("a red apple, glossy", 0)  # the libraries are read
    artist = Artist(model, **wishes)
    taken: list[float] = []
    for seed in range(DRAWN + 1):
        start = time.perf_counter()
        artist("a red apple, glossy", seed)
        taken.append(time.perf_counter() - start)
    later = median(taken[1:])
    return taken[0] - later, later
