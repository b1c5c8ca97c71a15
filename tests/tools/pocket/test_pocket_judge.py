import importlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from tests.tools.pocket.making import NOUNS, one_drawing
from tools.pocket import examiner, judge
from tools.pocket.examiner import COLOURS, MOST, STYLES, Examiner
from tools.pocket.judge import Question, Score, Verdict
from tools.pocket.scenes import Composer, Layout, Scene, Thing, held_out, reserved

stats: Any = importlib.import_module("scipy.stats")

BANDS = 5
"""Of a picture that tells its own labels: noun, second noun, style, colour, count."""
BAND = 25
"""Rows of each."""
STEP = 8
"""Grey levels from one class to the next."""


class Reader(Examiner):
    """Reads the classes off pictures that tell them; as sure of them as the real one can be."""

    def __init__(self, nouns: int = NOUNS) -> None:
        super().__init__(nouns, width=8)

    def features(self, pictures: torch.Tensor) -> torch.Tensor:
        """The mean colours of a four by four grid."""
        return nn.functional.adaptive_avg_pool2d(pictures.float(), 4).flatten(1)

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        rows = pictures.float().mean((1, 3))[:, : BANDS * BAND].reshape(-1, BANDS, BAND).mean(-1)
        classes = ((rows + 1) * 127.5 / STEP).round().long()

        def head(column: int, count: int, second: int | None = None) -> torch.Tensor:
            logits = 9.0 * nn.functional.one_hot(classes[:, column].clamp(max=count), count + 1)
            return logits if second is None else logits + head(second, count) / 2

        return head(0, self.nouns, 1), head(2, len(STYLES)), head(3, len(COLOURS)), head(4, MOST)


def telling(noun: int, second: int | None = None, style: int = 0, colour: int = 0, count: int = 0) -> Image.Image:
    """A picture that tells these classes in five bands."""
    levels = np.zeros((examiner.SIDE, examiner.SIDE, 3), np.uint8)
    for band, told in enumerate((noun, noun if second is None else second, style, colour, count)):
        levels[band * BAND : (band + 1) * BAND] = told * STEP
    return Image.fromarray(levels)


def telling_scene(scene: Scene) -> Image.Image:
    """A picture that tells what is right for the scene."""
    right = examiner.labels(scene)
    return telling(right.first, right.second, right.style, max(right.colour, 0), max(right.count, 0))


UNCLEAR = NOUNS


def verdict(scene: Scene, picture: Image.Image) -> Verdict:
    [said] = judge.verdicts(Reader(), [picture], [scene])
    return said


def question(figure: str, scene: Scene, *, unseen: bool = False) -> Question:
    return Question(figure, scene, "", unseen)


# the share and its interval


@pytest.mark.parametrize(("right", "asked"), [(0, 20), (1, 20), (110, 220), (213, 220), (440, 440)])
def test_the_interval_is_wilsons(right: int, asked: int):
    wanted = stats.binomtest(right, asked).proportion_ci(confidence_level=0.95, method="wilson")
    # 1.96 here, 1.959964 there
    assert Score(right, asked).interval == pytest.approx((wanted.low, wanted.high), abs=1e-5)
    assert Score(right, asked).share == right / asked


def test_nothing_asked_is_no_share_and_no_crash():
    assert str(Score(0, 0)) == "nan (nan-nan, n=0)"


# verdicts


RED_CAT = Scene(things=(Thing(2, "red"),), style=STYLES[4])


def test_a_picture_as_asked_is_right_in_all():
    assert verdict(RED_CAT, telling_scene(RED_CAT)) == Verdict(noun=True, style=True, colour=True, count=True)


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"noun": 3}, "noun"),
        ({"style": 5}, "style"),
        ({"colour": 1}, "colour"),
        ({"count": 1}, "count"),
        ({"style": len(STYLES)}, "style"),
        ({"colour": len(COLOURS)}, "colour"),
        ({"count": MOST}, "count"),
    ],
)
def test_each_head_is_wrong_by_itself_and_unclear_is_wrong(wrong: dict[str, int], name: str):
    said = verdict(RED_CAT, telling(**{"noun": 2, "style": 4, "colour": 0, "count": 0, **wrong}))
    for each in ("noun", "style", "colour", "count"):
        assert getattr(said, each) == (each != name)
    assert not said.unclear


def test_an_unclear_picture_is_wrong_and_told_apart():
    said = verdict(RED_CAT, telling(UNCLEAR, 2, 4))
    assert said == Verdict(noun=False, style=False, colour=False, count=False, unclear=True)
    two = Scene(things=(Thing(2), Thing(5)), style=STYLES[4], layout=Layout.SIDE_BY_SIDE)
    for picture in (telling(UNCLEAR, 2), telling(2, UNCLEAR)):
        assert verdict(two, picture).two is False
    assert verdict(two, telling(UNCLEAR, 2, 4)) == Verdict(style=False, two=False, unclear=True)


@pytest.mark.parametrize(
    ("first", "second", "right"), [(2, 5, True), (5, 2, True), (2, 2, False), (2, 4, False), (1, 5, False)]
)
def test_two_things_are_right_when_both_are_seen(first: int, second: int, right: bool):
    two = Scene(things=(Thing(2), Thing(5)), style=STYLES[4], layout=Layout.SIDE_BY_SIDE)
    said = verdict(two, telling(first, second, 4))
    assert said == Verdict(style=True, two=right)


def test_verdicts_keep_the_order_of_many_pictures(composer: Composer):
    asked = judge.questions(composer, each=40, seed=1)
    scenes = [each.scene for each in asked]
    said = judge.verdicts(Reader(), [telling_scene(scene) for scene in scenes], scenes)
    assert len(said) == 240  # more than fit into one batch
    assert all(each.two if len(scene.things) == 2 else each.noun for each, scene in zip(said, scenes, strict=True))


# questions and figures


def test_questions_ask_for_nouns_styles_colours_counts_and_two_things(composer: Composer):
    asked = judge.questions(composer, each=40, seed=1)
    assert Counter(each.figure for each in asked) == {
        "things": 80,
        "colour": 40,
        "count": 40,
        "two": 40,
        "chinese": 40,
    }
    for each in asked:
        assert each.unseen == held_out(each.scene)
        assert each.unseen == reserved(each.scene)
        assert each.prompt
        assert len(each.scene.things) == (2 if each.figure == "two" else 1)
        assert all(composer.has(thing.noun, each.scene.style) for thing in each.scene.things)
        assert (each.scene.things[0].colour is not None) == (each.figure == "colour")
        assert each.prompt.isascii() == (each.figure != "chinese")
    assert Counter(each.unseen for each in asked) == {True: 120, False: 120}
    assert Counter(each.scene.count for each in asked if each.figure == "count") == dict.fromkeys(range(1, 5), 10)
    assert len({each.scene.things[0].colour for each in asked if each.figure == "colour"}) == 11


def test_nouns_take_turns(composer: Composer):
    asked = judge.questions(composer, each=2 * NOUNS, seed=1)
    times = Counter(each.scene.things[0].noun for each in asked if each.figure == "things")
    assert times == dict.fromkeys(range(NOUNS), 4)


def test_a_noun_is_asked_in_combinations_that_training_held_and_in_others_by_turns(composer: Composer):
    asked = judge.questions(composer, each=2 * NOUNS, seed=1)
    for figure in ("things", "colour", "count", "two", "chinese"):
        times = Counter((each.scene.things[0].noun, each.unseen) for each in asked if each.figure == figure)
        assert len(times) == 2 * NOUNS
        assert len(set(times.values())) == 1


@pytest.mark.parametrize("nouns", [119, 250, 600])
def test_at_least_as_many_questions_as_asked_for_bear_on_every_figure_however_many_nouns_there_are(nouns: int):
    drawing = np.zeros((8, 8, 4), np.uint8)
    composer = Composer(one_drawing(drawing, nouns))
    asked = judge.questions(composer, each=220, seed=1)
    figures = judge.figures(asked, [Verdict()] * len(asked))
    for name in ("noun", "noun, 100 commonest", "style", "colour", "count", "both of two", "noun, asked in Chinese"):
        assert figures[name].asked >= 200, name
        if unseen := figures.get(f"{name}, unseen combinations"):
            assert unseen.asked == pytest.approx(figures[name].asked / 2, abs=1), name


def test_the_same_seed_asks_the_same(composer: Composer):
    assert judge.questions(composer, each=5, seed=1) == judge.questions(composer, each=5, seed=1)
    assert judge.questions(composer, each=5, seed=1) != judge.questions(composer, each=5, seed=2)


def test_a_figure_counts_its_own_questions_and_the_unseen_ones_apart():
    one, two = RED_CAT, Scene(things=(Thing(2), Thing(5)), style=STYLES[4])
    asked = [
        question("things", one),
        question("things", one, unseen=True),
        question("colour", one),
        question("two", two, unseen=True),
        question("count", one),
    ]
    given = [
        Verdict(noun=True, style=False, colour=True, count=True),
        Verdict(noun=False, style=True, colour=True, count=True, unclear=True),
        Verdict(noun=True, style=True, colour=False, count=False),
        Verdict(style=True, two=True),
        Verdict(noun=True, style=True, colour=True, count=True),
    ]
    figures = judge.figures(asked, given)
    assert figures["noun"] == Score(1, 2)
    assert figures["noun, unseen combinations"] == Score(0, 1)
    assert figures["style"] == Score(1, 2)
    assert figures["colour"] == Score(0, 1)
    assert figures["count"] == Score(1, 1)
    assert figures["both of two"] == figures["both of two, unseen combinations"] == Score(1, 1)
    assert figures["count, unseen combinations"] == Score(0, 0)
    assert figures["unclear"] == Score(1, 5)


def test_prompts_that_are_shuffled_are_right_by_chance_alone(composer: Composer):
    asked = judge.questions(composer, each=150, seed=1)
    pictures = [telling_scene(each.scene) for each in asked]
    straight = judge.verdicts(Reader(), pictures, [each.scene for each in asked])
    assert all(said.noun for said, each in zip(straight, asked, strict=True) if each.figure == "things")
    mixed, guessed = judge.shuffled(Reader(), pictures, asked, seed=1), judge.chance(NOUNS)
    assert set(guessed) == {"noun", "style", "colour", "count", "both of two"}
    for name, share in guessed.items():
        assert mixed[name].asked == (300 if name in {"noun", "style"} else 150)
        low, high = mixed[name].interval
        assert low < share < high, name


def test_real_pictures_are_new_ones_of_the_same_scenes(composer: Composer):
    asked = judge.questions(composer, each=2, seed=1)
    one, again, other = (judge.real_pictures(composer, asked, seed) for seed in (1, 1, 2))
    assert [np.asarray(picture).tobytes() for picture in one] == [np.asarray(picture).tobytes() for picture in again]
    assert [np.asarray(picture).tobytes() for picture in one] != [np.asarray(picture).tobytes() for picture in other]


# the kernel distance


def halves(shift: float, count: int = 60) -> list[float]:
    """Distances between halves of one set, the second half moved by `shift`."""
    rng = np.random.default_rng(0)
    points = rng.normal(1, 1, (400, 16))
    found: list[float] = []
    for _ in range(count):
        order = rng.permutation(len(points))
        found.append(judge.squared_mmd(points[order[:200]], points[order[200:]] + shift))
    return found


def test_two_halves_of_one_set_are_no_distance_apart():
    same, moved = halves(0.0), halves(0.3)
    # unbiased: as often below nothing as above it
    assert abs(np.mean(same)) < 3 * np.std(same) / np.sqrt(len(same)) + 0.02 * np.mean(moved)
    assert min(same) < 0 < max(same)


def test_a_set_that_is_moved_is_further_away_the_further_it_is_moved():
    same, moved, far = (float(np.mean(halves(shift, 20))) for shift in (0.0, 0.3, 0.6))
    assert moved > 20 * abs(same)
    assert far > 2 * moved


def grey(levels: Sequence[float]) -> list[Image.Image]:
    rng = np.random.default_rng(1)
    return [
        Image.fromarray(np.clip(rng.normal(level, 30, (4, 4, 3)), 0, 255).astype(np.uint8)).resize((128, 128))
        for level in levels
    ]


class Louder(Reader):
    """To whom a picture and its negative are the same, but for the light one being three times as loud."""

    def features(self, pictures: torch.Tensor) -> torch.Tensor:
        found = super().features(pictures)
        return found.abs() * torch.where(found.mean(1, keepdim=True) > 0, 3, 1)


def test_features_that_are_stronger_all_together_are_a_distance_too():
    dark = grey(np.random.default_rng(2).uniform(60, 110, 60).tolist())
    light = [Image.fromarray(255 - np.asarray(picture)) for picture in dark]
    same, _ = judge.kernel_distance(Louder(), dark, dark, seed=1)
    louder, _ = judge.kernel_distance(Louder(), dark, light, seed=1)
    softer, _ = judge.kernel_distance(Louder(), light, dark, seed=1)
    for other in (louder, softer):
        assert other > 10 * abs(same)


def test_pictures_of_another_kind_are_further_away_than_pictures_of_the_same():
    network = Reader()
    one, same = grey([120] * 60), grey([120] * 120)[60:]
    stripes = (np.arange(128) // 32 % 2).astype(np.uint8)[:, None, None]
    striped = [Image.fromarray(np.asarray(picture) // (1 + stripes)) for picture in one]
    near, spread = judge.kernel_distance(network, one, same, seed=1)
    far, _ = judge.kernel_distance(network, one, striped, seed=1)
    assert far > 5 * abs(near)
    assert spread >= 0
