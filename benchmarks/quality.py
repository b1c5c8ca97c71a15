"""What quicker ways of drawing cost: how far pictures are from those of many steps, and what a judge says of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.drawing import SEED, Ours, Pixels, Wishes
from tools.pocket import examiner, judge, words
from tools.pocket.judge import Question
from tools.pocket.sheet import NOUNS
from tools.pocket.work import Work

REFERENCE_STEPS = 200
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Quality:
    """Of one way of drawing.

    Attributes:
        distances: Of each picture, the mean distance of a pixel's colour, 0..255, from the same one in 200 steps.
        nouns: On how many pictures the judge finds the noun that was asked for; None without a judge.
    """

    distances: Sequence[float]
    nouns: int | None

    @property
    def distance(self) -> float:
        return fmean(self.distances)


class Judge:
    """The pocket model's examiner, where it has been trained: a work folder of `python -m tools.pocket`."""

    def __init__(self, work: Path, nouns: int, count: int) -> None:
        folder = Work(work)
        self._examiner = examiner.trained(folder, nouns)
        asked = judge.questions(folder.composer(nouns), each=(count + 1) // 2, seed=1)
        self._questions: list[Question] = [each for each in asked if each.figure == "things"][:count]

    @property
    def prompts(self) -> list[str]:
        return [question.prompt for question in self._questions]

    def right(self, pictures: Sequence[Pixels]) -> int:
        """Of the pictures, in the order of the prompts, on how many the noun is right."""
        scenes = [question.scene for question in self._questions]
        said = judge.verdicts(self._examiner, [Image.fromarray(picture) for picture in pictures], scenes)
        return sum(bool(verdict.noun) for verdict in said)


def find_judge(work: Path, nouns: int, count: int) -> Judge | None:
    return Judge(work, nouns, count) if Work(work).checkpoint("examiner").exists() else None


def plain_prompts(count: int) -> list[str]:
    """Nouns in the styles that the pocket model knows."""
    styles = words.STYLES
    rounds = [(noun, styles[(number + turn) % len(styles)]) for turn in range(99) for number, noun in enumerate(NOUNS)]
    return [f"{words.with_article(noun)}, {style.name}" for noun, style in rounds[:count]]


def measure_quality(
    ours: Ours,
    ways: Sequence[Wishes],
    prompts: Sequence[str],
    judged: Judge | None,
    tell: Progress,
    *,
    reference_steps: int = REFERENCE_STEPS,
) -> list[Quality]:
    """Each way's quality, on the same prompts and seeds.

    Args:
        ours: Draws; what it wishes for itself, with as many steps as the reference has, is the reference.
        ways: Further wishes.
        prompts: A picture each.
        judged: Has the same prompts.
        tell: Is told how far it is.
        reference_steps: Many.
    """
    reference = _draw(ours, {"sampling": {"steps": reference_steps}}, prompts, tell)
    found: list[Quality] = []
    for way in ways:
        pictures = _draw(ours, way, prompts, tell)
        pairs = zip(pictures, reference, strict=True)
        apart = [float(np.abs(one.astype(float) - other).mean()) for one, other in pairs]
        found.append(Quality(apart, judged.right(pictures) if judged else None))
    return found


def _draw(ours: Ours, wishes: Wishes, prompts: Sequence[str], tell: Progress) -> list[Pixels]:
    pictures: list[Pixels] = []
    for number, prompt in enumerate(prompts):
        tell(f"{_name(wishes)}: picture {number + 1} of {len(prompts)}")
        pictures.append(ours.draw(prompt, SEED + number, wishes))
    return pictures


def _name(wishes: Wishes) -> str:
    sampling: dict[str, Any] = wishes.get("sampling", {})
    return ", ".join(f"{name} {value}" for name, value in sampling.items()) or "plain"
