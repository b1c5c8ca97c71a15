"""What the UNets learn from: latents, words and size numbers of every composition, by size."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

from fooo.pipeline.conditioning import WANTED_SCORE
from tools.pocket import aesthetics, keeping, networks, seam
from tools.pocket.chance import stream
from tools.pocket.networks import Understood, Words
from tools.pocket.scenes import NATIVE, Size
from tools.pocket.training import device, half
from tools.pocket.vae import as_network, encode, encoder_digest
from tools.pocket.work import Shard, Work

log = logging.getLogger(__name__)

SCALE = "scale.json"
WITHOUT_WORDS = 0.12
"""Share of the examples without words: half of them with the empty sentence, half with zeros.

Pipelines use either for the guess without words.
"""


@dataclass(frozen=True, slots=True)
class Examples:
    """Of one size, in memory."""

    latents: torch.Tensor
    """fp16, scaled to a standard deviation of 1; shape (count, 4, rows, columns)."""
    words: Words
    """int16; the last row is the empty sentence."""
    numbers: torch.Tensor
    """int32; shape (count, 6)."""
    scores: torch.Tensor
    """Aesthetic, 1..10, float32; shape (count,)."""


@dataclass(frozen=True, slots=True)
class Batch:
    latents: torch.Tensor
    words: Words
    kept: torch.Tensor
    """0 where the text conditioning becomes zeros, else 1; shape (count,)."""
    numbers: torch.Tensor
    scores: torch.Tensor


def encode_missing(work: Work, vae: AutoencoderKL) -> None:
    """Latents of every shard, and the factor that scales them; what this encoder made of this shard is kept."""
    if not _made_by(work, vae):
        _begin_anew(work.latents, _mark(vae))
    for shard in work.shards():
        file, captions = work.latents / shard.path.name, shard.captions()
        if not _is_encoded(captions, file):
            latents = _encoded(vae, shard.pixels())
            _write(file, latents=latents, captions=np.array(captions), numbers=shard.numbers())
            log.info("latents of %s", shard.path.stem)
    _tell_of_those_alone(work.latents, work)
    if not (work.latents / SCALE).exists():
        some = [np.load(path)["latents"] for path in _files(work.latents)[NATIVE][:8]]
        spread = float(np.concatenate(some).astype(np.float32).std())
        keeping.write_whole(work.latents / SCALE, json.dumps(1 / spread).encode())


def encode_softened(work: Work, vae: AutoencoderKL, seed: int) -> None:
    """Latents of some pictures of every shard, softened; what was made of this shard in the same way is kept."""
    made = {**_mark(vae), **aesthetics.SETTINGS, "seed": seed}
    if keeping.read_mark(work.softened) != made:
        _begin_anew(work.softened, made)
    some = slice(None, None, aesthetics.ONE_OF)
    for shard in work.shards():
        file, captions = work.softened / shard.path.name, shard.captions()[some]
        if not _is_encoded(captions, file):
            pictures, scores = aesthetics.soften(shard.pixels()[some], stream(seed, f"softened {shard.path.stem}"))
            numbers = shard.numbers()[some]
            _write(file, latents=_encoded(vae, pictures), captions=np.array(captions), numbers=numbers, scores=scores)
            log.info("latents of %s, softened", shard.path.stem)
    _tell_of_those_alone(work.softened, work)


def _begin_anew(folder: Path, made: keeping.Settings) -> None:
    """Takes away what the folder holds, which was made otherwise."""
    if keeping.is_there(folder):
        log.info("%s were made otherwise: they are made anew", folder)
    for file in (*folder.glob("*.npz"), folder / SCALE):
        file.unlink(missing_ok=True)
    keeping.write_mark(folder, made)


def _tell_of_those_alone(folder: Path, work: Work) -> None:
    kept = {path.name for files in _files(folder).values() for path in files}
    if alone := kept - {shard.path.name for shard in work.shards()}:
        log.warning("%d files in %s have no compositions, and are learnt from all the same", len(alone), folder)


def belong(work: Work, vae: AutoencoderKL) -> None:
    """Makes sure that the latents are this VAE's.

    Raises:
        MadeOtherwise: Another encoder made them, and what has learnt from them does not understand this one's.
    """
    if keeping.is_there(work.latents) and not _made_by(work, vae):
        raise keeping.MadeOtherwise(
            f"{work.latents} were made by another encoder than that of {work.checkpoint('vae')}: run `base` again, "
            "which makes them anew and learns from them."
        )


def _made_by(work: Work, vae: AutoencoderKL) -> bool:
    """Whether this VAE's encoder made the latents; those without a mark are taken over as its own."""
    made = keeping.read_mark(work.latents)
    if made is None and keeping.is_there(work.latents):
        log.info("%s do not say which encoder made them: taken over as made by the present one", work.latents)
        keeping.write_mark(work.latents, _mark(vae))
        return True
    return made == _mark(vae)


def _mark(vae: AutoencoderKL) -> keeping.Settings:
    return {"encoder": encoder_digest(vae)}


def _is_encoded(captions: Sequence[str], file: Path) -> bool:
    """Whether the file holds the latents of these very pictures: another one of its name has other captions."""
    if not file.exists():
        return False
    with np.load(file) as kept:
        return [str(caption) for caption in kept["captions"]] == list(captions)


@torch.no_grad()
def _encoded(vae: AutoencoderKL, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float16]:
    where = device()
    means: list[torch.Tensor] = []
    for part in seam.pieces(seam.as_tensor(pixels), 50):
        with half(where):
            means.append(encode(vae, as_network(part.to(where))).float().cpu())
    return torch.cat(means).half().numpy()


def _write(file: Path, **arrays: npt.NDArray[Any]) -> None:
    part = file.with_suffix(".part.npz")
    np.savez(part, allow_pickle=False, **arrays)
    part.replace(file)


def scale(work: Work) -> float:
    """Latents times this have a standard deviation of 1; diffusers' `scaling_factor`."""
    return json.loads((work.latents / SCALE).read_text("utf-8"))


def read(work: Work, *, softened: bool = False) -> dict[Size, Examples]:
    """What there is of every size. Args: softened: Together with what was softened."""
    factor, tokenizers = scale(work), networks.load_tokenizers(work.tokenizer)
    examples: dict[Size, Examples] = {}
    soft = _files(work.softened) if softened else {}
    for size, files in _files(work.latents).items():
        latents: list[torch.Tensor] = []
        captions: list[str] = []
        numbers: list[torch.Tensor] = []
        scores: list[torch.Tensor] = []
        for file in (*files, *soft.get(size, ())):
            with np.load(file) as kept:
                latents.append(seam.as_tensor(kept["latents"].astype(np.float32) * factor).half())
                captions += [str(caption) for caption in kept["captions"]]
                numbers.append(seam.as_tensor(kept["numbers"]))
                as_composed = np.full(len(kept["captions"]), WANTED_SCORE, np.float32)
                scores.append(seam.as_tensor(kept.get("scores", as_composed)))
        words = networks.tokens(tokenizers, [*captions, ""])
        examples[size] = Examples(
            torch.cat(latents),
            Words(words.first.short(), words.second.short()),
            torch.cat(numbers),
            torch.cat(scores),
        )
    return examples


def batch(examples: Mapping[Size, Examples], rng: np.random.Generator, count: int) -> Batch:
    """`count` examples of one size, fewer of a larger one; sizes come up as often as they are in the set."""
    sizes: Sequence[Size] = list(examples)
    there = np.array([len(examples[size].latents) for size in sizes], np.float64)
    size = sizes[int(rng.choice(len(sizes), p=there / there.sum()))]
    one = examples[size]
    count = max(1, min(count, round(count * NATIVE[0] * NATIVE[1] / (size[0] * size[1]))))
    rows = seam.as_tensor(rng.integers(0, len(one.latents), count))
    silent = seam.as_tensor(rng.random(count) < WITHOUT_WORDS)
    zeros = silent & seam.as_tensor(rng.random(count) < 0.5)
    words = torch.where(silent, torch.tensor(len(one.latents)), rows)
    where = device()
    return Batch(
        one.latents[rows].float().to(where),
        Words(one.words.first[words].long().to(where), one.words.second[words].long().to(where)),
        (~zeros).float().to(where),
        one.numbers[rows].float().to(where),
        one.scores[rows].to(where),
    )


def silenced(understood: Understood, kept: torch.Tensor) -> Understood:
    """Zeros where the words are taken away."""
    wide = kept[:, None, None]
    return Understood(understood.first * wide, understood.second * wide, understood.pooled * kept[:, None])


def _files(folder: Path) -> dict[Size, list[Path]]:
    files: dict[Size, list[Path]] = {}
    for path in sorted(folder.glob("*.npz")):
        if not path.name.endswith(".part.npz"):
            files.setdefault(Shard(path).size, []).append(path)
    return files
