"""The judge's eye: a classifier of nouns, styles, colours and counts, trained on the picture set and on spoilt ones.

Every head has a class "unclear", learnt from blurred, half-noised, mixed and VAE-damaged pictures: a forced choice
would call smears right.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from PIL import Image
from torch import nn
from torch.nn import functional

from tools.pocket import seam, vae, words
from tools.pocket.chance import stream
from tools.pocket.layouts import Size, Spot
from tools.pocket.networks import Sizes
from tools.pocket.scenes import NATIVE, SIZES, Scene
from tools.pocket.spoiling import spoil, through, worn
from tools.pocket.training import Run, averages, device, half
from tools.pocket.work import SHARD, Work

log = logging.getLogger(__name__)

SIDE = 128
CELL = 16
"""Pixels along a side of the squares that are looked at one by one."""
GRID = SIDE // CELL
COLOURS = tuple(colour.name for colour in words.COLOURS)
STYLES = tuple(style.name for style in words.STYLES)
MOST = 4
"""Things that are counted."""
SPOILT = 0.25
"""Share of the examples that are unclear."""

_NOTHING, _UNTOLD = -1, -2
"""Of a cell: no thing lies there; it lies at the border of one, and nothing is learnt from it."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Logits of each cell, shapes (n, classes, 8, 8), and of the whole picture, (n, classes).

    The last class of each is "unclear", but for nouns, which have "nothing" after it.
    """

    noun: torch.Tensor
    style: torch.Tensor
    colour: torch.Tensor
    count: torch.Tensor


class Examiner(nn.Module):
    """Tells what lies in each cell of 16 x 16 pixels, and from that what is in the picture.

    What a thing looks like is learnt from far fewer pictures where it is told in which cells it lies.
    """

    def __init__(self, nouns: int, width: int = 48) -> None:
        super().__init__()
        self.nouns = nouns
        self.stem = nn.Sequential(nn.Conv2d(3, width, 4, 4), nn.GroupNorm(8, width), nn.SiLU())
        self.levels = nn.Sequential(
            *(_Block(width), _Block(width), _down(width, 2 * width)),
            *(_Block(2 * width), _Block(2 * width), _down(2 * width, 4 * width)),
            *(_Block(4 * width), _Block(4 * width)),
        )
        features = 8 * width
        self.last = nn.Sequential(nn.Conv2d(4 * width, features, 1), nn.SiLU())
        self.noun = nn.Conv2d(features, nouns + 2, 1)
        self.style = nn.Conv2d(features, len(STYLES) + 1, 1)
        self.colour = nn.Conv2d(features, len(COLOURS) + 1, 1)
        self.count = nn.Linear(features, MOST + 1)

    def features(self, pictures: torch.Tensor) -> torch.Tensor:
        """Of pictures (n, 3, 128, 128) in [-1, 1], shape (n, 8 * width)."""
        return self._map(pictures).mean((2, 3))

    def cells(self, pictures: torch.Tensor) -> Cells:
        """Of pictures (n, 3, 128, 128) in [-1, 1]."""
        seen = self._map(pictures)
        return Cells(self.noun(seen), self.style(seen), self.colour(seen), self.count(seen.mean((2, 3))))

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Logarithms of what nouns, styles, colours and counts have of the cells in which something lies.

        The last class of each is "unclear"; among nouns it has half a cell more than was seen, so that a picture of
        nothing is unclear too.
        """
        return _summed(self.cells(pictures))

    def _map(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.last(self.levels(self.stem(pictures)))


def _summed(cells: Cells) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    nouns = cells.noun.float().softmax(1)
    there = 1 - nouns[:, -1:]
    named = nouns[:, :-1].sum((2, 3))
    doubt = functional.pad(named.new_full((len(named), 1), 0.5), (named.shape[1] - 1, 0))
    styles, colours = ((each.float().softmax(1) * there).sum((2, 3)) for each in (cells.style, cells.colour))
    return _shares(named + doubt), _shares(styles), _shares(colours), cells.count.float().log_softmax(1)


def _shares(amounts: torch.Tensor) -> torch.Tensor:
    """Logarithms of each row's shares; of none at all it is a small one."""
    return (amounts / amounts.sum(1, keepdim=True).clamp_min(1e-9)).clamp_min(1e-9).log()


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
    """Of a scene; -1 where there is nothing to say."""

    first: int
    second: int
    """The other noun of two; of one thing, the same again."""
    style: int
    colour: int
    """Of the first thing; none where it has its own."""
    second_colour: int
    count: int
    """Counts less one; none of two different things."""


def labels(scene: Scene) -> Labels:
    first, second = scene.things[0], scene.things[-1]
    colour, second_colour = (COLOURS.index(thing.colour) if thing.colour else -1 for thing in (first, second))
    count = scene.count - 1 if len(scene.things) == 1 else -1
    return Labels(first.noun, second.noun, STYLES.index(scene.style), colour, second_colour, count)


def cells_of(spots: Sequence[Spot], things: int, size: Size) -> npt.NDArray[np.int8]:
    """Which of the scene's things lies in each cell of the fitted picture: 0 or 1; shape (8, 8).

    A thing fills the middle of its square; towards the border of it there may be thing or ground, and nothing is told.
    """
    scale = SIDE / max(size)
    offset = [(SIDE - round(length * scale)) // 2 for length in size]
    middle = (np.arange(GRID) + 0.5) * CELL
    told = np.full((GRID, GRID), _NOTHING, np.int8)
    for number, spot in enumerate(spots):
        x, y = ((begin + spot.side / 2) * scale + off for begin, off in zip((spot.left, spot.top), offset, strict=True))
        across, down = np.abs(middle - x)[None, :], np.abs(middle - y)[:, None]
        near = np.maximum(across, down) < (0.5 * spot.side * scale + CELL / 2)
        told[near & (told == _NOTHING)] = _UNTOLD
        inner = max(0.32 * spot.side * scale, 0.71 * CELL)  # so far is the nearest middle of a cell, at most
        told[np.hypot(across, down) < inner] = min(number, things - 1)
    return told


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
    told: list[tuple[int, ...]] = []
    cells: list[npt.NDArray[np.int8]] = []
    for _ in range(count):
        scene = composer.scene(rng)
        size = sizes[int(rng.choice(len(sizes), p=shares / shares.sum()))] if rng.random() < 0.4 else NATIVE
        picture, spots = composer.lay_out(scene, rng, size)
        pixels.append(fitted(picture))
        told.append(astuple(labels(scene)))
        cells.append(cells_of(spots, len(scene.things), size))
    part = file.with_suffix(".part.npz")
    np.savez(part, pixels=np.stack(pixels), labels=np.array(told, np.int16), cells=np.stack(cells))
    part.replace(file)


def train(work: Work, sizes: Sizes, *, nouns: int, minutes: float, seed: int) -> None:
    seam.seed_everything(seed)
    where = device()
    network = seam.placed(Examiner(nouns), where, channels_last=True)
    run = Run(work.checkpoint("examiner"), {"examiner": network}, minutes=minutes, rate=2e-3)
    coder = vae.trained(work, sizes)
    rng = stream(seed, "examiner", run.step)
    files = sorted(path for path in work.examples.glob("*.npz") if not path.name.endswith(".part.npz"))
    pool: _Pool | None = None
    with run:
        while run.goes_on:
            if run.step % 150 == 0 or pool is None:
                pool = _fill(files, coder, rng)
            rows = rng.integers(0, len(pool.pixels), 64)
            pictures, unclear = _exercise(pool, rows, rng)
            told, cells = (seam.as_tensor(each[rows].astype(np.int64)).to(where) for each in (pool.labels, pool.cells))
            with half(where):
                guess = network.cells(vae.as_network(seam.as_tensor(pictures)).to(where))
            run.take(_loss(guess, told, cells, seam.as_tensor(unclear).to(where)))


@dataclass(frozen=True, slots=True)
class _Pool:
    pixels: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int16]
    """Rows as `Labels` has its fields."""
    cells: npt.NDArray[np.int8]
    damaged: npt.NDArray[np.bool_]
    """Unclear already."""


def _fill(files: Sequence[Path], coder: AutoencoderKL, rng: np.random.Generator) -> _Pool:
    """The examples of two shards, some of the pictures as the VAE gives them back, clear or damaged."""
    kept = [np.load(files[int(rng.integers(len(files)))]) for _ in range(2)]
    pixels, told, cells = (np.concatenate([each[name] for each in kept]) for name in ("pixels", "labels", "cells"))
    damaged = np.zeros(len(pixels), bool)
    some = rng.permutation(len(pixels))[: len(pixels) // 5]
    clear, spoilt = some[: len(some) * 5 // 8], some[len(some) * 5 // 8 :]
    pixels[clear] = through(coder, pixels[clear])
    for rows in np.array_split(spoilt, 6):
        if len(rows):
            pixels[rows] = through(coder, pixels[rows], noise=float(rng.uniform(0.7, 1.4)))
    damaged[spoilt] = True
    return _Pool(pixels, told, cells, damaged)


def _exercise(
    pool: _Pool, rows: npt.NDArray[np.int64], rng: np.random.Generator
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """Those pictures of the pool, some spoilt, some worn; and which are unclear now."""
    pictures = pool.pixels[rows].copy()
    spoilt = rng.random(len(rows)) < SPOILT
    for row in np.flatnonzero(spoilt):
        pictures[row] = spoil(pictures[row], pool.pixels[int(rng.integers(len(pool.pixels)))], rng)
    unclear = spoilt | pool.damaged[rows]
    for row in np.flatnonzero(~unclear):
        pictures[row] = worn(pictures[row], rng)
    return pictures, unclear


def _loss(guess: Cells, told: torch.Tensor, cells: torch.Tensor, unclear: torch.Tensor) -> torch.Tensor:
    """Of the cells of which something is told, and of what is summed up from all of them.

    Args:
        guess: Logits.
        told: Shape (n, 6), as `Labels` has its fields.
        cells: Which thing lies in each, shape (n, 8, 8).
        unclear: Which pictures are, shape (n,): all that is told of them is "unclear".
    """
    first, second, style, colour, second_colour, count = told.unbind(1)
    whole = _summed(guess)
    one_colour = torch.where(first == second, colour, -1)
    pairs = [(whole[0], first), (whole[0], second), (whole[1], style), (whole[2], one_colour), (whole[3], count)]
    losses = [_missed(logs, wanted, unclear, logs.shape[1] - 1) for logs, wanted in pairs]
    of_first, of_thing = cells == 0, cells >= 0

    def by_thing(of_one: torch.Tensor, of_other: torch.Tensor, elsewhere: int) -> torch.Tensor:
        things = torch.where(of_first, of_one[:, None, None], of_other[:, None, None])
        return torch.where(of_thing, things, elsewhere)

    nothing = guess.noun.shape[1] - 1
    nouns = torch.where(cells == _UNTOLD, -1, by_thing(first, second, nothing))
    losses += [
        _missed(guess.noun.float().log_softmax(1), nouns, unclear, nothing - 1),
        _missed(guess.style.float().log_softmax(1), by_thing(style, style, -1), unclear, len(STYLES)),
        _missed(guess.colour.float().log_softmax(1), by_thing(colour, second_colour, -1), unclear, len(COLOURS)),
    ]
    return torch.stack(losses).sum()


def _missed(logs: torch.Tensor, wanted: torch.Tensor, unclear: torch.Tensor, last: int) -> torch.Tensor:
    """Mean over what is wanted, -1 not counted; of unclear pictures it is the class `last`."""
    rows = unclear.view(-1, *[1] * (wanted.dim() - 1))
    return functional.nll_loss(logs, torch.where(rows & (wanted >= 0), last, wanted), ignore_index=-1)


def trained(work: Work, nouns: int) -> Examiner:
    network = Examiner(nouns)
    network.load_state_dict(averages(work.checkpoint("examiner"))["examiner"])
    return seam.placed(network.eval().requires_grad_(False), device(), channels_last=True)
