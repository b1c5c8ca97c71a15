"""What the UNets learn from: latents, words and size numbers of every composition, by size."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

from tools.pocket import keeping, networks, seam
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


@dataclass(frozen=True, slots=True)
class Batch:
    latents: torch.Tensor
    words: Words
    kept: torch.Tensor
    """0 where the text conditioning becomes zeros, else 1; shape (count,)."""
    worded: torch.Tensor
    """Whether an example still has its words; shape (count,)."""
    numbers: torch.Tensor


def encode_missing(work: Work, vae: AutoencoderKL) -> None:
    """Latents of every shard, and the factor that scales them; what this encoder made of this shard is kept."""
    if not _made_by(work, vae):
        if keeping.is_there(work.latents):
            log.info("%s are of another encoder: they are made anew", work.latents)
        for file in (*work.latents.glob("*.npz"), work.latents / SCALE):
            file.unlink(missing_ok=True)
        keeping.write_mark(work.latents, _mark(vae))
    for shard in work.shards():
        file = work.latents / shard.path.name
        if not _is_encoded(shard, file):
            _encode(vae, shard, file)
            log.info("latents of %s", shard.path.stem)
    kept = {path.name for files in _files(work).values() for path in files}
    if alone := kept - {shard.path.name for shard in work.shards()}:
        log.warning("%d files in %s have no compositions, and are learnt from all the same", len(alone), work.latents)
    if not (work.latents / SCALE).exists():
        spread = float(
            np.concatenate([np.load(path)["latents"] for path in _files(work)[NATIVE][:8]]).astype(np.float32).std()
        )
        keeping.write_whole(work.latents / SCALE, json.dumps(1 / spread).encode())


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


def _is_encoded(shard: Shard, file: Path) -> bool:
    """Whether the file holds the latents of this very shard: another one of its name has other captions."""
    if not file.exists():
        return False
    with np.load(file) as kept:
        return [str(caption) for caption in kept["captions"]] == shard.captions()


@torch.no_grad()
def _encode(vae: AutoencoderKL, shard: Shard, file: Path) -> None:
    where = device()
    means: list[torch.Tensor] = []
    for part in seam.pieces(seam.as_tensor(shard.pixels()), 50):
        with half(where):
            means.append(encode(vae, as_network(part.to(where))).float().cpu())
    part_file = file.with_suffix(".part.npz")
    np.savez(
        part_file,
        latents=torch.cat(means).half().numpy(),
        captions=np.array(shard.captions()),
        numbers=shard.numbers(),
    )
    part_file.replace(file)


def scale(work: Work) -> float:
    """Latents times this have a standard deviation of 1; diffusers' `scaling_factor`."""
    return json.loads((work.latents / SCALE).read_text("utf-8"))


def read(work: Work) -> dict[Size, Examples]:
    factor, tokenizers = scale(work), networks.load_tokenizers(work.tokenizer)
    examples: dict[Size, Examples] = {}
    for size, files in _files(work).items():
        latents: list[torch.Tensor] = []
        captions: list[str] = []
        numbers: list[torch.Tensor] = []
        for file in files:
            with np.load(file) as kept:
                latents.append(seam.as_tensor(kept["latents"].astype(np.float32) * factor).half())
                captions += [str(caption) for caption in kept["captions"]]
                numbers.append(seam.as_tensor(kept["numbers"]))
        words = networks.tokens(tokenizers, [*captions, ""])
        examples[size] = Examples(
            torch.cat(latents), Words(words.first.short(), words.second.short()), torch.cat(numbers)
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
        (~silent).to(where),
        one.numbers[rows].float().to(where),
    )


def silenced(understood: Understood, kept: torch.Tensor) -> Understood:
    """Zeros where the words are taken away."""
    wide = kept[:, None, None]
    return Understood(understood.first * wide, understood.second * wide, understood.pooled * kept[:, None])


def _files(work: Work) -> dict[Size, list[Path]]:
    files: dict[Size, list[Path]] = {}
    for path in sorted(work.latents.glob("*.npz")):
        if not path.name.endswith(".part.npz"):
            files.setdefault(Shard(path).size, []).append(path)
    return files
