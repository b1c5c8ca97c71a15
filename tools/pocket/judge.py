"""An honest judge: what share of the prompts is drawn as asked, with intervals; its examiner may say "unclear"."""

import json
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from tools.pocket import examiner, keeping, seam, vae, words
from tools.pocket.artist import Artist
from tools.pocket.chance import stream
from tools.pocket.examiner import Examiner
from tools.pocket.scenes import Composer, Layout, Scene, Thing, behind, held_out, reserved
from tools.pocket.training import half
from tools.pocket.work import Work

log = logging.getLogger(__name__)

COMMONEST = 100


@dataclass(frozen=True, slots=True)
class Question:
    figure: str
    """Which figure it bears on: "things", "colour", "count", "two" or "chinese"."""
    scene: Scene
    prompt: str
    unseen: bool
    """Whether no caption of the training held the combination."""


@dataclass(frozen=True, slots=True)
class Score:
    """A share with its 95 % interval (Wilson 1927)."""

    right: int
    asked: int

    @property
    def share(self) -> float:
        return self.right / self.asked if self.asked else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        if not self.asked:
            return math.nan, math.nan
        z, n, p = 1.96, self.asked, self.share
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        reach = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return middle - reach, middle + reach

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.share:.3f} ({low:.3f}-{high:.3f}, n={self.asked})"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the examiner says of one picture; each is right or wrong, None where it was not asked.

    An unclear picture is wrong in all that it was asked for.
    """

    noun: bool | None = None
    style: bool | None = None
    colour: bool | None = None
    count: bool | None = None
    two: bool | None = None
    unclear: bool = False


def questions(composer: Composer, *, each: int, seed: int) -> list[Question]:
    """`each` prompts for colour, count, two things, and things in Chinese; for nouns at least twice as many.

    Every second combination is one that training never held. Nouns take turns, so that all are asked equally often, and
    each is asked in both kinds of combinations by turns.
    """
    rng = stream(seed, "questions")
    nouns = len(composer.drawings.nouns)
    things = max(2 * each, math.ceil(each * nouns / COMMONEST))
    asked: list[Question] = []
    for figure, count in (("things", things), ("colour", each), ("count", each), ("two", each), ("chinese", each)):
        turns = rng.permutation(nouns)
        for number in range(count):
            around, turn = divmod(number, nouns)
            unseen = (around + turn) % 2 == 1
            scene = _scene(composer, figure, int(turns[turn]), number, rng, unseen=unseen)
            prompt = composer.chinese(scene, rng) if figure == "chinese" else composer.english(scene, rng, told=True)
            asked.append(Question(figure, scene, prompt, unseen))
    return asked


def _scene(composer: Composer, figure: str, noun: int, number: int, rng: np.random.Generator, *, unseen: bool) -> Scene:
    styles = [style.name for style in words.STYLES if composer.has(noun, style.name)]
    while True:
        style = styles[int(rng.integers(len(styles)))]
        colour = words.COLOURS[number % len(words.COLOURS)].name if figure == "colour" else None
        scene = Scene(things=(Thing(noun, colour),), style=style)
        if figure == "count":
            count = number // 2 % 4 + 1
            scene = Scene(
                things=(Thing(noun),), style=style, count=count, layout=Layout.GROUP if count > 1 else Layout.CENTRE
            )
        elif figure == "two":
            other = int(rng.integers(len(composer.drawings.nouns)))
            if other == noun or not composer.has(other, style):
                continue
            scene = Scene(things=(Thing(noun), Thing(other)), style=style, layout=Layout.SIDE_BY_SIDE)
        scene = behind(scene, rng)
        if held_out(scene) if unseen else not reserved(scene):
            return scene


def verdicts(network: Examiner, pictures: Sequence[Image.Image], scenes: Sequence[Scene]) -> list[Verdict]:
    """What the examiner says of each picture, asked for its scene."""
    pixels = _stacked(pictures)
    where = next(network.parameters()).device
    given: list[Verdict] = []
    for start in range(0, len(pixels), 64):
        with torch.no_grad(), half(where):
            heads = network(vae.as_network(pixels[start : start + 64]).to(where))
        best = [head.float().argmax(1).tolist() for head in heads[1:]]
        two_best = heads[0].float().topk(2, 1).indices.tolist()
        for row, scene in enumerate(scenes[start : start + 64]):
            given.append(_verdict(scene, two_best[row], [each[row] for each in best], unclear=heads[0].shape[1] - 1))
    return given


def _verdict(scene: Scene, nouns: list[int], rest: list[int], *, unclear: int) -> Verdict:
    wanted = examiner.labels(scene)
    clear = nouns[0] != unclear
    style = clear and rest[0] == wanted.style
    if len(scene.things) == 2:
        return Verdict(style=style, two=set(nouns) == {wanted.first, wanted.second}, unclear=not clear)
    return Verdict(
        noun=nouns[0] == wanted.first,
        style=style,
        colour=clear and rest[1] == wanted.colour,
        count=clear and rest[2] == wanted.count,
        unclear=not clear,
    )


def figures(asked: Sequence[Question], given: Sequence[Verdict]) -> dict[str, Score]:
    """The shares that the model card tells."""
    pairs = list(zip(asked, given, strict=True))

    def score(name: str, chosen: Callable[[Question], bool]) -> Score:
        said = [getattr(verdict, name) for question, verdict in pairs if chosen(question)]
        return Score(sum(1 for each in said if each), len(said))

    return {
        "noun": score("noun", lambda q: q.figure == "things"),
        "noun, 100 commonest": score("noun", lambda q: q.figure == "things" and q.scene.things[0].noun < COMMONEST),
        "noun, unseen combinations": score("noun", lambda q: q.figure == "things" and q.unseen),
        "style": score("style", lambda q: q.figure == "things"),
        "style, unseen combinations": score("style", lambda q: q.figure == "things" and q.unseen),
        "colour": score("colour", lambda q: q.figure == "colour"),
        "colour, unseen combinations": score("colour", lambda q: q.figure == "colour" and q.unseen),
        "count": score("count", lambda q: q.figure == "count"),
        "count, unseen combinations": score("count", lambda q: q.figure == "count" and q.unseen),
        "both of two": score("two", lambda q: q.figure == "two"),
        "both of two, unseen combinations": score("two", lambda q: q.figure == "two" and q.unseen),
        "noun, asked in Chinese": score("noun", lambda q: q.figure == "chinese"),
        "unclear": score("unclear", lambda _: True),
    }


def real_pictures(composer: Composer, asked: Sequence[Question], seed: int) -> list[Image.Image]:
    """Held-out compositions of the same scenes: what a perfect model would draw."""
    rng = stream(seed, "real pictures")
    return [composer.draw(question.scene, rng) for question in asked]


def shuffled(
    network: Examiner, pictures: Sequence[Image.Image], asked: Sequence[Question], seed: int
) -> dict[str, Score]:
    """The figures when each picture is held against another's prompt: at `chance`, if the judge is honest.

    Prompts change places within the questions of one figure, so that each is still asked for what its figure counts.
    """
    order = np.arange(len(asked))
    rng = stream(seed, "shuffled")
    for figure in {question.figure: None for question in asked}:
        places = rng.permutation([number for number, question in enumerate(asked) if question.figure == figure])
        order[places] = np.roll(places, 1)  # so that none keeps its own
    others = [asked[number] for number in order.tolist()]
    return figures(others, verdicts(network, pictures, [question.scene for question in others]))


def chance(nouns: int) -> dict[str, float]:
    """What guessing would score, where all answers are equally likely."""
    return {
        "noun": 1 / nouns,
        "style": 1 / len(words.STYLES),
        "colour": 1 / len(words.COLOURS),
        "count": 1 / examiner.MOST,
        "both of two": 2 / (nouns * (nouns - 1)),
    }


def kernel_distance(
    network: Examiner, real: Sequence[Image.Image], drawn: Sequence[Image.Image], seed: int, rounds: int = 50
) -> tuple[float, float]:
    """KID (Binkowski et al. 2018) times 1000 on the examiner's features, and its standard deviation over subsets.

    Features are in units of the real pictures' mean level, on both sides.
    """
    a, b = (_features(network, pictures) for pictures in (real, drawn))
    level = np.abs(a).mean()
    a, b = a / level, b / level
    rng = stream(seed, "subsets")
    count = min(100, len(a), len(b))
    values = [
        squared_mmd(a[rng.choice(len(a), count, replace=False)], b[rng.choice(len(b), count, replace=False)])
        for _ in range(rounds)
    ]
    return 1000 * float(np.mean(values)), 1000 * float(np.std(values))


def gradient_energy(pixels: npt.NDArray[np.uint8]) -> float:
    """Mean square of the steps between neighbours, of pictures: low in blurred ones, high in noisy ones."""
    levels = pixels.astype(np.float32)
    return float(sum(np.square(np.diff(levels, axis=axis)).mean() for axis in (1, 2)))


def _features(network: Examiner, pictures: Sequence[Image.Image]) -> npt.NDArray[np.float64]:
    where = next(network.parameters()).device
    with torch.no_grad():
        parts = [
            network.features(vae.as_network(part).to(where)).double().cpu()
            for part in seam.pieces(_stacked(pictures), 64)
        ]
    return torch.cat(parts).numpy()


def _stacked(pictures: Sequence[Image.Image]) -> torch.Tensor:
    """uint8, shape (n, 128, 128, 3)."""
    return seam.as_tensor(np.stack([examiner.fitted(picture) for picture in pictures]))


def squared_mmd(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    """Unbiased, with the kernel (x·y / d + 1)³."""

    def kernel(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return (x @ y.T / x.shape[1] + 1) ** 3

    n, m = len(a), len(b)
    same = (kernel(a, a).sum() - np.trace(kernel(a, a))) / (n * (n - 1)) + (
        kernel(b, b).sum() - np.trace(kernel(b, b))
    ) / (m * (m - 1))
    return float(same - 2 * kernel(a, b).mean())


def judge(
    work: Work,
    *,
    nouns: int,
    model: Path,
    seed: int,
    to: Path,
    refined: bool = True,
    each: int = 220,
    wishes: Mapping[str, Any] | None = None,
) -> dict[str, object]:
    """Draws every prompt with Fooo as `wishes` ask, asks the examiner, and writes the table `to`.

    Beside each figure stands the examiner's own accuracy, on real pictures of the same scenes.
    """
    composer, network = work.composer(nouns), examiner.trained(work, nouns)
    asked = questions(composer, each=each, seed=seed)
    artist = Artist(model, refined=refined, **(wishes or {}))
    real = real_pictures(composer, asked, seed)
    drawn: list[Image.Image] = []
    for number, question in enumerate(asked):
        drawn.append(artist(question.prompt, number))
        if number % 100 == 99:
            log.info("%d of %d drawn", number + 1, len(asked))
    scenes = [question.scene for question in asked]
    scores = figures(asked, verdicts(network, drawn, scenes))
    own = figures(asked, verdicts(network, real, scenes))
    mixed, mixed_own = (shuffled(network, pictures, asked, seed) for pictures in (drawn, real))
    distance, spread = kernel_distance(network, real, drawn, seed)
    energy_drawn, energy_real = (gradient_energy(_stacked(pictures).numpy()) for pictures in (drawn, real))
    table: dict[str, object] = {
        "model": str(model),
        "refined": refined,
        "scores": {name: _told(score, own[name]) for name, score in scores.items()},
        "prompts shuffled": {
            name: {**_told(mixed[name], mixed_own[name]), "chance": round(guessed, 4)}
            for name, guessed in chance(nouns).items()
        },
        "kernel distance x 1000": [round(distance, 2), round(spread, 2)],
        "gradient energy over that of real pictures": round(energy_drawn / energy_real, 4),
    }
    keeping.write_whole(to, json.dumps(table, indent=1).encode())
    for name, score in scores.items():
        log.info("%-36s %s   real: %s", name, score, own[name])
    for name, guessed in chance(nouns).items():
        log.info("%-36s %s   real: %s   chance: %.3f", f"{name}, shuffled", mixed[name], mixed_own[name], guessed)
    log.info("kernel distance x 1000: %.2f +- %.2f", distance, spread)
    return table


def _told(score: Score, own: Score) -> dict[str, object]:
    low, high = score.interval
    return {
        "share": round(score.share, 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "asked": score.asked,
        "real pictures": round(own.share, 4),
    }
