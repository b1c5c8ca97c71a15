"""The judge's eye: a classifier of nouns, styles, colours and counts, trained on the picture set and on spoilt ones.

Every head has a class "unclear", learnt from blurred, half-noised, mixed and VAE-damaged pictures: a forced choice
would call smears right.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from PIL import Image, ImageFilter
from torch import nn
from torch.nn import functional

from tools.pocket import seam, vae, words
from tools.pocket.chance import stream
from tools.pocket.networks import Sizes
from tools.pocket.scenes import NATIVE, SIZES, Scene
from tools.pocket.training import Run, averages, device, half
from tools.pocket.work import SHARD, Work

log = logging.getLogger(__name__)

SIDE = 128
COLOURS = (*(colour.name for colour in words.COLOURS), "own")
STYLES = tuple(style.name for style in words.STYLES)
MOST = 4
"""Things that are counted."""
SPOILT = 0.25
"""Share of the examples that are unclear."""


class Examiner(nn.Module):
    """Pictures (n, 3, 128, 128) in [-1, 1] to logits; the last class of each head is "unclear"."""

    def __init__(self, nouns: int, width: int = 48) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, width, 4, 4), nn.GroupNorm(8, width), nn.SiLU())
        self.levels = nn.Sequential(
            *(_Block(width), _Block(width), _down(width, 2 * width)),
            *(_Block(2 * width), _Block(2 * width), _down(2 * width, 4 * width)),
            *(_Block(4 * width), _Block(4 * width)),
        )
        features = 8 * width
        self.last = nn.Sequential(nn.Conv2d(4 * width, features, 1), nn.SiLU())
        self.noun = nn.Linear(features, nouns + 1)
        self.style = nn.Linear(features, len(STYLES) + 1)
        self.colour = nn.Linear(features, len(COLOURS) + 1)
        self.count = nn.Linear(features, MOST + 1)

    def features(self, pictures: torch.Tensor) -> torch.Tensor:
        """Shape (n, 8 * width)."""
        return self.last(self.levels(self.stem(pictures))).mean((2, 3))

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Logits of nouns, styles, colours, counts."""
        features = self.features(pictures)
        return self.noun(features), self.style(features), self.colour(features), self.count(features)


class _Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.GroupNorm(8, width), nn.SiLU(), nn.Conv2d(width, width, 3, padding=1),
            nn.GroupNorm(8, width), nn.SiLU(), nn.Conv2d(width, width, 3, padding=1),
        )  # fmt: skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.body(x)


def _down(width: int, wider: int) -> nn.Module:
    return nn.Conv2d(width, wider, 2, 2)


@dataclass(frozen=True, slots=True)
class Labels:
    """Of a scene; -1 where a head has nothing to say."""

    first: int
    second: int
    """The other noun of two; of one thing, the same again."""
    style: int
    colour: int
    count: int
    """Counts less one."""


def labels(scene: Scene) -> Labels:
    first, second = scene.things[0], scene.things[-1]
    colour = COLOURS.index(first.colour or "own") if len(scene.things) == 1 else -1
    count = scene.count - 1 if len(scene.things) == 1 else -1
    return Labels(first.noun, second.noun, STYLES.index(scene.style), colour, count)


def fitted(picture: Image.Image) -> npt.NDArray[np.uint8]:
    """The picture scaled into 128 x 128, its borders continued where it is narrower; uint8 (128, 128, 3)."""
    scale = SIDE / max(picture.size)
    if scale != 1:
        picture = picture.resize(
            (round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS
        )
    pixels = np.asarray(picture.convert("RGB"))
    down, right = SIDE - pixels.shape[0], SIDE - pixels.shape[1]
    return np.pad(pixels, ((down // 2, down - down // 2), (right // 2, right - right // 2), (0, 0)), "edge")


def prepare(work: Work, *, nouns: int, pictures: int, seed: int) -> None:
    """Labelled compositions, training's combinations only."""
    work.examples.mkdir(parents=True, exist_ok=True)
    tasks = [
        (work, nouns, file, min(SHARD, pictures - number * SHARD), seed, number)
        for number in range(-(-pictures // SHARD))
        if not (file := work.examples / f"{number:04}.npz").exists()
    ]
    with ProcessPoolExecutor() as pool:
        for _ in pool.map(_draw, tasks):
            pass


def _draw(task: tuple[Work, int, Path, int, int, int]) -> None:
    work, nouns, file, count, seed, number = task
    composer = work.composer(nouns)
    rng = stream(seed, "examples", number)
    sizes, shares = [size for size, _ in SIZES], np.array([share for _, share in SIZES])
    pixels: list[npt.NDArray[np.uint8]] = []
    told: list[tuple[int, int, int, int, int]] = []
    for _ in range(count):
        scene = composer.scene(rng)
        size = sizes[int(rng.choice(len(sizes), p=shares / shares.sum()))] if rng.random() < 0.4 else NATIVE
        pixels.append(fitted(composer.draw(scene, rng, size)))
        label = labels(scene)
        told.append((label.first, label.second, label.style, label.colour, label.count))
    part = file.with_suffix(".part.npz")
    np.savez(part, pixels=np.stack(pixels), labels=np.array(told, np.int16))
    part.replace(file)


def train(work: Work, sizes: Sizes, *, nouns: int, minutes: float, seed: int) -> None:
    seam.seed_everything(seed)
    where = device()
    network = seam.placed(Examiner(nouns), where, channels_last=True)
    run = Run(work.checkpoint("examiner"), {"examiner": network}, minutes=minutes, rate=2e-3)
    coder = vae.trained(work, sizes)
    rng = stream(seed, "examiner", run.step)
    files = sorted(path for path in work.examples.glob("*.npz") if not path.name.endswith(".part.npz"))
    pool, told = np.empty(0, np.uint8), np.empty(0, np.int16)
    with run:
        while run.goes_on:
            if run.step % 150 == 0 or not len(pool):
                pool, told = _pool(files, coder, rng)
            rows = rng.integers(0, len(pool), 64)
            pictures, unclear = _exercise(pool, rows, coder, rng)
            wanted = seam.as_tensor(told[rows].astype(np.int64))
            with half(where):
                guess = network(vae.as_network(seam.as_tensor(pictures)).to(where))
            run.take(_loss(guess, wanted.to(where), seam.as_tensor(unclear).to(where)))


def _pool(
    files: Sequence[Path], coder: AutoencoderKL, rng: np.random.Generator
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int16]]:
    """Pictures and labels of two shards, some of the pictures as the VAE gives them back."""
    pixels: list[npt.NDArray[np.uint8]] = []
    told: list[npt.NDArray[np.int16]] = []
    for _ in range(2):
        with np.load(files[int(rng.integers(len(files)))]) as kept:
            pixels.append(kept["pixels"])
            told.append(kept["labels"])
    pool = np.concatenate(pixels)
    passed = rng.integers(0, len(pool), 250)
    pool[passed] = through(coder, pool[passed])
    return pool, np.concatenate(told)


def _exercise(
    pool: npt.NDArray[np.uint8], rows: npt.NDArray[np.int64], coder: AutoencoderKL, rng: np.random.Generator
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """Those pictures of the pool, each spoilt, damaged or worn; and which are unclear now."""
    pictures = pool[rows].copy()
    spoilt = rng.random(len(rows)) < SPOILT
    for row in np.flatnonzero(spoilt):
        pictures[row] = spoil(pictures[row], pool[int(rng.integers(len(pool)))], rng)
    damaged = rng.random(len(rows)) < 0.06
    if damaged.any():
        pictures[damaged] = through(coder, pictures[damaged], noise=float(rng.uniform(0.7, 1.4)))
    unclear = spoilt | damaged
    for row in np.flatnonzero(~unclear):
        pictures[row] = worn(pictures[row], rng)
    return pictures, unclear


def _loss(guess: Sequence[torch.Tensor], wanted: torch.Tensor, unclear: torch.Tensor) -> torch.Tensor:
    nouns = guess[0].float()
    first, second = (torch.where(unclear, nouns.shape[1] - 1, wanted[:, column]) for column in (0, 1))
    loss = (functional.cross_entropy(nouns, first) + functional.cross_entropy(nouns, second)) / 2
    for head, column in ((guess[1], 2), (guess[2], 3), (guess[3], 4)):
        labels_ = torch.where(unclear, head.shape[1] - 1, wanted[:, column])
        loss = loss + functional.cross_entropy(head.float(), labels_, ignore_index=-1)
    return loss


def worn(picture: npt.NDArray[np.uint8], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """As a clear picture may be: a little soft or rough now and then."""
    kind = rng.random()
    if kind < 0.3:
        return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 0.9))))
    if kind < 0.5:
        return (picture + rng.normal(0, rng.uniform(2, 9), picture.shape)).clip(0, 255).astype(np.uint8)
    return picture


def spoil(
    picture: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8], rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """Blurred, half-noised, mixed with another, or torn into displaced pieces."""
    kind = rng.random()
    if kind < 0.25:
        return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(rng.uniform(4.5, 9))))
    if kind < 0.45:
        share = rng.uniform(0.55, 0.85)
        noise = Image.fromarray(rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)).resize(
            (SIDE, SIDE), Image.Resampling.BICUBIC
        )
        return (picture * (1 - share) + np.asarray(noise) * share).astype(np.uint8)
    if kind < 0.75:
        share = rng.uniform(0.42, 0.58)
        return (picture * (1 - share) + other * share).astype(np.uint8)
    pieces = int(rng.choice([4, 8]))
    size = SIDE // pieces
    order = rng.permutation(pieces * pieces)
    tiles = picture.reshape(pieces, size, pieces, size, 3).swapaxes(1, 2).reshape(-1, size, size, 3)[order]
    torn = tiles.reshape(pieces, pieces, size, size, 3).swapaxes(1, 2).reshape(SIDE, SIDE, 3)
    return np.asarray(Image.fromarray(torn).filter(ImageFilter.GaussianBlur(rng.uniform(0.8, 2.5))))


@torch.no_grad()
def through(coder: AutoencoderKL, pixels: npt.NDArray[np.uint8], *, noise: float = 0.0) -> npt.NDArray[np.uint8]:
    """Pictures after the VAE; damaged with `noise` on their latents, as a multiple of the latents' spread."""
    where = next(coder.parameters()).device
    made: list[npt.NDArray[np.uint8]] = []
    for part in seam.pieces(seam.as_tensor(pixels), 32):
        with half(where):
            latents = vae.encode(coder, vae.as_network(part).to(where))
            pictures = vae.decode(coder, latents + noise * latents.std() * torch.randn_like(latents))
        made.append(((pictures.float().clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy())
    return np.concatenate(made)


def trained(work: Work, nouns: int) -> Examiner:
    network = Examiner(nouns)
    network.load_state_dict(averages(work.checkpoint("examiner"))["examiner"])
    return seam.placed(network.eval().requires_grad_(False), device(), channels_last=True)
