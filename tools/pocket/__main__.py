"""The steps of making the pocket model, one verb each; every one goes on where it stopped."""

import argparse
import logging
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tools.pocket import (
    base,
    drawings,
    examiner,
    export,
    judge,
    keeping,
    measuring,
    networks,
    packages,
    refiner,
    sheet,
    vae,
    words,
    work,
)
from tools.pocket.artist import Artist
from tools.pocket.keeping import MadeOtherwise, Settings
from tools.pocket.networks import TINY, Sizes
from tools.pocket.packages import PACKAGES, Package, PackageError
from tools.pocket.scenes import SIZES
from tools.pocket.training import Diverged, Ended
from tools.pocket.work import Work

log = logging.getLogger(__name__)

SPELT = 600
"""Nouns that the tokenizer has seen, so that a later set can be larger with the same tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    work: Path
    nouns: int
    pictures: int
    minutes: float
    seed: int
    tiny: bool
    compiled: bool
    start: Path | None
    decoder_only: bool
    prompts: int
    model: Path
    to: Path
    packages: tuple[Package, ...] = PACKAGES
    npm: str | Path = "npm"

    @property
    def sizes(self) -> Sizes:
        return TINY if self.tiny else Sizes()

    @property
    def versions(self) -> dict[str, str]:
        """Of the packages, by name."""
        return {package.name: package.version for package in self.packages}

    @property
    def wishes(self) -> dict[str, Any]:
        """What is asked of Fooo beside the prompt: tiny networks draw no better with more steps."""
        return {"sampling": {"steps": 2}} if self.tiny else {}


def main(
    arguments: Sequence[str] | None = None,
    *,
    packages: tuple[Package, ...] = PACKAGES,
    npm: str | Path = "npm",
) -> int:
    """The exit code of one step: 0, 1 after a sentence on what is wrong, 143 when SIGTERM ended it.

    Args:
        arguments: Of the command line.
        packages: What it draws from.
        npm: What fetches them.
    """
    options, step = _options(arguments)
    options = replace(options, packages=packages, npm=npm)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    folder = Work(options.work)
    options.work.mkdir(parents=True, exist_ok=True)
    try:
        _STEPS[step](folder, options)
    except (PackageError, MadeOtherwise, Diverged, FileNotFoundError) as error:
        log.error("%s", error)
        return 1
    except Ended as error:
        log.warning("%s", error)
        return 128 + signal.SIGTERM
    return 0


def _options(arguments: Sequence[str] | None) -> tuple[Options, str]:
    parser = argparse.ArgumentParser(prog="python -m tools.pocket", description=__doc__)
    parser.add_argument("step", choices=_STEPS, help="in this order")
    parser.add_argument(
        "--work", type=Path, default=Path(".pocket"), help="folder for everything on the way (%(default)s)"
    )
    parser.add_argument("--nouns", type=int, default=119, help="how many of the commonest (%(default)s)")
    parser.add_argument("--pictures", type=int, default=64_000, help="compositions to learn from (%(default)s)")
    parser.add_argument(
        "--minutes", type=float, default=60, help="budget of a training step, over all its runs (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tiny", action="store_true", help="tiny networks, to see every step run")
    parser.add_argument(
        "--no-compile", dest="compiled", action="store_false", help="no torch.compile: starts at once, trains slower"
    )
    parser.add_argument(
        "--start", type=Path, help="folder of a released base, or refiner, to go on from, instead of from nothing"
    )
    parser.add_argument(
        "--prompts",
        type=int,
        default=220,
        help="judged for colour, for count and for two things, twice as many for nouns and styles (%(default)s)",
    )
    parser.add_argument(
        "--model",
        type=Path,
        default=Path("models/pocket"),
        help="folder with base/ and refiner/ that is judged (%(default)s)",
    )
    parser.add_argument(
        "--to", type=Path, default=Path("models/pocket"), help="where weights, sheets and scores go (%(default)s)"
    )
    parser.add_argument(
        "--decoder-only",
        action="store_true",
        help="`vae`: go on with the decoder of the trained VAE alone, so that latents stay as they are",
    )
    given = vars(parser.parse_args(arguments))
    step = given.pop("step")
    if given["decoder_only"] and (step != "vae" or given["start"]):
        parser.error("--decoder-only goes on from the VAE of the work folder: with `vae` alone, and without --start")
    return Options(**given), step


def _data(folder: Work, options: Options) -> None:
    """Packages, drawings, compositions, tokenizer."""
    _settle_data(folder, options)
    unpacked = packages.fetch(folder.packages, options.packages, npm=options.npm)
    nouns = words.read_nouns(options.nouns if options.tiny else max(options.nouns, SPELT))
    if not folder.drawings.exists():
        drawings.render(unpacked, nouns, folder.drawings)
    if not (folder.tokenizer / "tokenizer").exists():
        _tokenizer(folder, options)
    work.compose(folder, nouns=options.nouns, shares=work.shares_of(options.pictures), seed=options.seed)
    settings = {"nouns": options.nouns, "pictures": options.pictures, "seed": options.seed}
    folder.record("data", {**settings, "packages": packages.versions(options.packages)})
    keeping.write_whole(options.work / "licences.md", packages.licence_table(options.packages).encode())


def _settle_data(folder: Work, options: Options) -> None:
    keeping.settle(folder.drawings, {**options.versions, "side": drawings.CELL})
    keeping.settle(folder.tokenizer, tokenizer_settings(options))
    keeping.settle(folder.compositions, picture_settings(options))


def tokenizer_settings(options: Options) -> Settings:
    """What decides what the tokenizer learns; not the nouns of the model, which may become more."""
    sizes = options.sizes
    learnt = {"tokens": sizes.tokens, "captions": sizes.captions, "characters of nouns": sizes.characters_of}
    return {**options.versions, **learnt, "nouns": " ".join(map(str, _circles(options))), "seed": options.seed}


def picture_settings(options: Options) -> Settings:
    """What decides what compositions look like; not their number, which may become larger."""
    sizes = " ".join(f"{width}x{height}" for (width, height), _ in SIZES)
    return {**options.versions, "nouns": options.nouns, "seed": options.seed, "sizes": sizes}


def _circles(options: Options) -> tuple[int, ...]:
    """Counts of nouns that the tokenizer's captions are about in turn."""
    return (options.nouns,) if options.tiny else (119, 250, SPELT)


def _tokenizer(folder: Work, options: Options) -> None:
    """Learnt from the commonest nouns most: their words stay whole, those of the rarest are spelt."""
    rng = np.random.default_rng(options.seed)
    composers = [folder.composer(count) for count in _circles(options)]
    captions: list[str] = []
    for number in range(options.sizes.captions):
        composer = composers[number % len(composers)]
        captions.append(composer.english(composer.scene(rng), rng))
    characters = words.chinese_characters(words.read_nouns(options.sizes.characters_of))
    networks.train_tokenizer(captions, characters, options.sizes.tokens, folder.tokenizer)


def _vae(folder: Work, options: Options) -> None:
    if options.decoder_only:
        _record(folder, "vae", options, decoder_only=True)
        vae.train_decoder(folder, options.sizes, minutes=options.minutes, seed=options.seed)
        return
    start = vae.released(options.start) if options.start else None
    _record(folder, "vae", options)
    vae.train(folder, options.sizes, minutes=options.minutes, seed=options.seed, start=start)


def _base(folder: Work, options: Options) -> None:
    start = base.released(folder, options.sizes, options.start) if options.start else None
    _record(folder, "base", options)
    base.train(
        folder, options.sizes, minutes=options.minutes, seed=options.seed, compiled=options.compiled, start=start
    )


def _refiner(folder: Work, options: Options) -> None:
    start = refiner.released(options.sizes, options.start) if options.start else None
    _record(folder, "refiner", options)
    refiner.train(
        folder, options.sizes, minutes=options.minutes, seed=options.seed, compiled=options.compiled, start=start
    )


def _examiner(folder: Work, options: Options) -> None:
    keeping.settle(folder.examples, picture_settings(options))
    examiner.prepare(folder, nouns=options.nouns, pictures=options.pictures, seed=options.seed)
    examiner.train(folder, options.sizes, nouns=options.nouns, minutes=options.minutes, seed=options.seed)


def _export(folder: Work, options: Options) -> None:
    export.export(folder, options.sizes, nouns=options.nouns, folder=options.to)


def _judge(folder: Work, options: Options) -> None:
    for refined in (False, True):
        judge.judge(
            folder,
            nouns=options.nouns,
            model=options.model,
            seed=options.seed,
            to=options.work / f"judge-{options.model.name}-{'refined' if refined else 'base'}.json",
            refined=refined,
            each=options.prompts,
            wishes=options.wishes,
        )


def _measure(folder: Work, options: Options) -> None:
    measuring.measure(
        folder,
        nouns=options.nouns,
        model=options.model,
        seed=options.seed,
        to=options.work / f"measure-{options.model.name}.json",
        count=20 if options.tiny else 2000,
        wishes=options.wishes,
    )


def _sheet(_: Work, options: Options) -> None:
    artist = Artist(options.model, **options.wishes)
    sheet.save(sheet.styles_sheet(artist), options.to / "sheet-styles.jpg")
    sheet.save(sheet.composed_sheet(artist), options.to / "sheet-composed.jpg")


def _record(folder: Work, step: str, options: Options, **further: object) -> None:
    settings = {
        "minutes": options.minutes,
        "seed": options.seed,
        "start": str(options.start or ""),
        "torch": torch.__version__,
    }
    folder.record(step, {**settings, **further, "sizes": asdict(options.sizes)})


_STEPS = {
    "data": _data,
    "vae": _vae,
    "base": _base,
    "refiner": _refiner,
    "export": _export,
    "examiner": _examiner,
    "judge": _judge,
    "measure": _measure,
    "sheet": _sheet,
}

if __name__ == "__main__":
    sys.exit(main())
