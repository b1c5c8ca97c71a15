"""The folder that a making of the model works in, and what is kept there between runs."""

import json
import os
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tools.pocket import drawings
from tools.pocket.keeping import write_whole
from tools.pocket.scenes import SIZES, Composer, Size
from tools.pocket.words import read_nouns


@dataclass(frozen=True, slots=True)
class Work:
    """Paths below one git-ignored folder."""

    folder: Path

    @property
    def packages(self) -> Path:
        return self.folder / "packages"

    @property
    def drawings(self) -> Path:
        return self.folder / "drawings.npz"

    @property
    def compositions(self) -> Path:
        return self.folder / "compositions"

    @property
    def latents(self) -> Path:
        return self.folder / "latents"

    @property
    def softened(self) -> Path:
        """Latents of softened pictures, which refiners learn from as well."""
        return self.folder / "softened"

    @property
    def examples(self) -> Path:
        """What the examiner learns from."""
        return self.folder / "examiner"

    @property
    def tokenizer(self) -> Path:
        return self.folder / "tokenizer"

    def checkpoint(self, step: str) -> Path:
        return self.folder / f"{step}.pt"

    def record(self, step: str, settings: Mapping[str, Any]) -> None:
        """Adds how a step was run to `recipe.json`, which is shipped with the weights."""
        recipe = self.recipe()
        recipe.setdefault(step, [])
        if not recipe[step] or recipe[step][-1] != dict(settings):
            recipe[step].append(dict(settings))
        write_whole(self.folder / "recipe.json", json.dumps(recipe, indent=1).encode())

    def recipe(self) -> dict[str, Any]:
        file = self.folder / "recipe.json"
        return json.loads(file.read_text("utf-8")) if file.exists() else {}

    def composer(self, nouns: int) -> Composer:
        return Composer(drawings.load(self.drawings, read_nouns(nouns)))

    def shards(self) -> list["Shard"]:
        return [Shard(path) for path in sorted(self.compositions.glob("*.npz")) if not path.name.endswith(".part.npz")]


@dataclass(frozen=True, slots=True)
class Shard:
    """Composed pictures of one size, with captions and SDXL's size numbers."""

    path: Path

    @property
    def size(self) -> Size:
        width, height = self.path.stem.split("-")[0].split("x")
        return int(width), int(height)

    def pixels(self) -> npt.NDArray[np.uint8]:
        """Shape (count, height, width, 3)."""
        with np.load(self.path) as kept:
            return kept["pixels"]

    def captions(self) -> list[str]:
        with np.load(self.path) as kept:
            return [str(caption) for caption in kept["captions"]]

    def numbers(self) -> npt.NDArray[np.int32]:
        """Original, crop and target size, in the networks' order; shape (count, 6)."""
        with np.load(self.path) as kept:
            return kept["numbers"]


def compose(work: Work, *, nouns: int, shares: Mapping[Size, int], seed: int) -> None:
    """Writes shards until there are `shares[size]` pictures of each size; what is there stays."""
    work.compositions.mkdir(parents=True, exist_ok=True)
    wanted = [
        (size, number, min(SHARD, count - number * SHARD))
        for size, count in shares.items()
        for number in range(-(-count // SHARD))
    ]
    missing = [(size, number, count) for size, number, count in wanted if not _file(work, size, number).exists()]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(_compose, [(work, nouns, size, number, count, seed) for size, number, count in missing]):
            pass


SHARD = 1000
"""Pictures in a file."""


def _file(work: Work, size: Size, number: int) -> Path:
    return work.compositions / f"{size[0]}x{size[1]}-{number:04}.npz"


def _compose(task: tuple[Work, int, Size, int, int, int]) -> None:
    work, nouns, size, number, count, seed = task
    composer = work.composer(nouns)
    rng = np.random.default_rng((seed, *size, number))
    made = [composer.compose(rng, size) for _ in range(count)]
    file = _file(work, size, number)
    part = file.with_suffix(".part.npz")
    np.savez(
        part,
        pixels=np.stack([each.pixels for each in made]),
        captions=np.array([each.caption for each in made]),
        numbers=np.array([each.conditioning.numbers(size) for each in made], np.int32),
    )
    part.replace(file)


def shares_of(pictures: int) -> dict[Size, int]:
    """How many pictures of each size, of `pictures` in all."""
    return {size: max(1, round(pictures * share)) for size, share in SIZES}
