import importlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.tools.pocket.making import NOUNS, ONLY_FLAT, SIDE, drawing_set, one_drawing
from tools.pocket import words
from tools.pocket.scenes import (
    NATIVE,
    SIZES,
    Composer,
    Conditioning,
    Layout,
    Scene,
    Size,
    Thing,
    held_out,
    reserved,
)

ndimage: Any = importlib.import_module("scipy.ndimage")

MANY = 600
EVERY_SIZE = [size for size, _ in SIZES]
COLOUR_WORDS = {name for colour in words.COLOURS for name in (colour.name, *colour.synonyms)}


def drawn(
    composer: Composer, count: int = MANY, *, unseen: bool = False
) -> Iterator[tuple[Scene, np.random.Generator]]:
    rng = np.random.default_rng(11)
    for _ in range(count):
        yield composer.scene(rng, unseen=unseen), rng


def test_the_same_seed_composes_the_same_picture_with_the_same_words(composer: Composer):
    for size in EVERY_SIZE:
        one, again = (Composer(drawing_set()).compose(np.random.default_rng(5), size) for _ in range(2))
        other = composer.compose(np.random.default_rng(6), size)
        assert np.array_equal(one.pixels, again.pixels)
        assert (one.scene, one.caption, one.conditioning) == (again.scene, again.caption, again.conditioning)
        assert not np.array_equal(one.pixels, other.pixels)
        assert one.scene != other.scene


def test_no_training_scene_holds_a_reserved_combination(composer: Composer):
    assert not [scene for scene, _ in drawn(composer, 3000) if reserved(scene)]


def test_no_training_composition_holds_a_reserved_combination(composer: Composer):
    rng = np.random.default_rng(12)
    assert not [made for _ in range(100) if reserved((made := composer.compose(rng, (64, 64))).scene)]


def test_unseen_scenes_hold_reserved_combinations_only(composer: Composer):
    assert all(reserved(scene) for scene, _ in drawn(composer, unseen=True))


def test_held_out_scenes_are_reserved_with_and_without_their_white_paper_told():
    plain = [Scene(things=(Thing(noun),), style=style) for noun, style in product(range(60), words.STYLE)]
    held = [scene for scene in plain if held_out(scene)]
    assert 0 < len(held) < len(plain) / 20  # one in 36 of 660: 18
    for scene in plain:
        white = replace(scene, paper="white")
        assert held_out(scene) == held_out(white) == (reserved(scene) and reserved(white))
        for behind in (replace(scene, paper="red"), replace(scene, place="sea")):
            assert held_out(behind) == reserved(behind)


def test_one_combination_in_six_is_reserved_whatever_a_caption_cannot_tell():
    combinations = [
        Scene(things=(Thing(noun, colour),), style=style.name, paper=paper.name)
        for noun, colour, style, paper in product(range(8), (None, "red", "blue"), words.STYLES, words.PAPERS)
    ]
    share = sum(reserved(scene) for scene in combinations) / len(combinations)
    assert share == pytest.approx(43 / 256, abs=0.02)  # one byte, divisible by six; two standard deviations are 0.012
    for scene in combinations[:50]:
        assert reserved(scene) == reserved(replace(scene, gradient=True, scale="small", layout=Layout.LEFT))
    two = Scene(things=(Thing(1, "red"), Thing(2)), style="neon")
    assert two.combination == replace(two, things=(Thing(2), Thing(1, "red"))).combination
    assert two.combination != replace(two, things=(Thing(1), Thing(2, "red"))).combination


def test_every_kind_of_scene_comes_up(composer: Composer):
    scenes = [scene for scene, _ in drawn(composer, 3000)]
    assert {scene.layout for scene in scenes} == set(Layout)
    assert {scene.style for scene in scenes} == {style.name for style in words.STYLES}
    assert {scene.count for scene in scenes} == {1, 2, 3, 4}
    assert {scene.place for scene in scenes} == {None, *words.PLACE}
    assert {scene.paper for scene in scenes} == {None, *words.PAPER}
    assert {thing.colour for scene in scenes for thing in scene.things} == {None, *words.COLOUR}
    assert {thing.noun for scene in scenes for thing in scene.things} == set(range(NOUNS))


def test_a_noun_comes_only_in_the_styles_that_it_has_drawings_for(composer: Composer):
    flat = {style.name for style in words.STYLES if style.drawings is words.Drawings.FLUENT_FLAT}
    assert {style.name for style in words.STYLES if composer.has(ONLY_FLAT, style.name)} == flat
    came = {scene.style for scene, _ in drawn(composer, 3000) for thing in scene.things if thing.noun == ONLY_FLAT}
    assert came == flat


def test_a_style_stands_only_on_grounds_that_suit_it(composer: Composer):
    for scene, _ in drawn(composer, 3000):
        ground = words.STYLE[scene.style].ground
        behind = words.PAPER.get(scene.paper or "") or words.PLACE.get(scene.place or "")
        if behind:
            assert not (ground is words.Ground.DARK and not behind.dark), scene
            assert not (ground is words.Ground.LIGHT and not behind.light), scene
            assert not (ground is words.Ground.NOT_DARK and behind.dark), scene
        assert not (scene.paper and scene.place)
        assert not scene.paper or scene.paper not in {thing.colour for thing in scene.things}


def test_a_told_caption_names_noun_colour_count_and_style_as_the_scene_says(composer: Composer):
    for scene, rng in drawn(composer):
        caption = composer.english(scene, rng, told=True)
        for thing in scene.things:
            noun = composer.drawings.nouns[thing.noun]
            plurals = {noun.plural_of(name) for name in noun.words}
            assert any(name in caption for name in (plurals if scene.count > 1 else noun.words)), (caption, scene)
            if thing.colour:
                colour = words.COLOUR[thing.colour]
                assert any(name in caption for name in (colour.name, *colour.synonyms)), (caption, scene)
        assert any(name in caption for name in words.STYLE[scene.style].english), (caption, scene)
        if scene.count > 1:
            assert set(caption.replace(",", "").split()) & set(words.COUNTS[scene.count]), (caption, scene)
        if scene.paper and scene.paper != "white":
            assert f"{scene.paper} {'gradient ' * scene.gradient}background" in caption
        if scene.place:
            assert any(name in caption for name in words.PLACE[scene.place].english)


def test_a_caption_names_nothing_that_the_scene_does_not_say(composer: Composer):
    counts = {name for names in words.COUNTS.values() for name in names}
    for scene, rng in drawn(composer):
        said = set(composer.english(scene, rng).replace(",", "").split())
        told = {name for thing in scene.things if thing.colour for name in _names(thing.colour)}
        behind = "blue green" if scene.place else scene.paper or ""
        assert said & COLOUR_WORDS <= told | set(behind.split()), (said, scene)
        assert said & counts <= set(words.COUNTS.get(scene.count, ())), (said, scene)
        names = " ".join(name for thing in scene.things for name in composer.drawings.nouns[thing.noun].words)
        others = {noun.words[0] for noun in composer.drawings.nouns if noun.words[0] not in names}
        assert not said & (others | set(map(words.plural, others))), (said, scene)


def _names(colour: str) -> tuple[str, ...]:
    return colour, *words.COLOUR[colour].synonyms


def test_a_chinese_caption_names_noun_colour_count_and_style_too(composer: Composer):
    for scene, rng in drawn(composer):
        caption = composer.chinese(scene, rng)
        for thing in scene.things:
            assert any(name in caption for name in composer.drawings.nouns[thing.noun].chinese), (caption, scene)
            if thing.colour:
                assert f"{words.COLOUR[thing.colour].chinese}的" in caption
        assert any(name in caption for name in words.STYLE[scene.style].chinese)
        assert scene.count == 1 or f"{words.CHINESE_COUNTS[scene.count]}个" in caption
        assert not scene.paper or f"{words.PAPER[scene.paper].chinese}{'渐变' * scene.gradient}背景" in caption
        assert not scene.place or any(name in caption for name in words.PLACE[scene.place].chinese)


def test_one_caption_in_ten_is_chinese(composer: Composer):
    rng = np.random.default_rng(3)
    scene = Scene(things=(Thing(0),), style="cartoon")
    share = np.mean([not composer.caption(scene, rng).isascii() for _ in range(2000)])
    assert 0.08 < share < 0.12  # three standard deviations are 0.02


def test_the_size_numbers_stand_in_the_networks_order():
    told = Conditioning(original=(640, 480), crop=(30, 20)).numbers((176, 96))
    height, width, top, left, target_height, target_width = told
    assert (height, width) == (480, 640)
    assert (top, left) == (20, 30)
    assert (target_height, target_width) == (96, 176)


@pytest.mark.parametrize("size", EVERY_SIZE)
def test_every_size_composes(composer: Composer, size: Size):
    width, height = size
    rng = np.random.default_rng(1)
    for _ in range(8):
        made = composer.compose(rng, size)
        assert made.pixels.shape == (height, width, 3)
        assert made.pixels.dtype == np.uint8
        assert made.conditioning.numbers(size)[4:] == (height, width)


def test_what_is_cut_out_or_enlarged_is_told_by_its_size_numbers(composer: Composer):
    rng = np.random.default_rng(2)
    made = [composer.compose(rng, (64, 64)) for _ in range(250)]
    cut = [each for each in made if each.conditioning.crop != (0, 0)]
    soft = [each for each in made if each.conditioning.original[0] < 64]
    assert 4 < len(cut) < 29  # 6 %: 15, and three standard deviations are 11
    assert 2 < len(soft) < 24  # 5 %: 12, and 10
    for each in cut:
        (width, height), (left, top) = each.conditioning.original, each.conditioning.crop
        assert 0 <= left <= width - 64
        assert 0 <= top <= height - 64

    def roughness(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> float:
        return float(np.abs(np.diff(pixels.astype(float), 2, axis=0)).mean())

    whole = [each for each in made if each.conditioning.original[0] >= 64]
    rough, smooth = (np.mean([roughness(each.pixels) for each in some]) for some in (whole, soft))
    assert smooth < 0.6 * rough


def things_on(picture: Image.Image) -> tuple[int, bool]:
    """How many black things there are on white paper, and whether one is cut off by an edge of the sheet."""
    dark = np.asarray(picture.convert("L")) < 100
    edges = np.concatenate([dark[0], dark[-1], dark[:, 0], dark[:, -1]])
    return ndimage.label(dark)[1], bool(edges.any())


@pytest.fixture(scope="module")
def squares() -> Composer:
    """Of black squares that fill their drawing to its edge."""
    drawing = np.zeros((SIDE, SIDE, 4), np.uint8)
    drawing[..., 3] = 255
    return Composer(one_drawing(drawing))


@pytest.mark.parametrize("size", EVERY_SIZE)
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_so_many_things_are_drawn_as_are_told_and_none_leaves_the_sheet(squares: Composer, size: Size, count: int):
    layout = Layout.GROUP if count > 1 else Layout.CENTRE
    scene = Scene(things=(Thing(0),), style="flat vector", count=count, layout=layout)
    for seed in range(8):
        assert things_on(squares.draw(scene, np.random.default_rng(seed), size)) == (count, False)


@pytest.mark.parametrize("size", EVERY_SIZE)
@pytest.mark.parametrize("layout", [Layout.CENTRE, Layout.LEFT, Layout.RIGHT, Layout.TOP, Layout.BOTTOM])
def test_a_small_thing_is_whole_wherever_it_stands(squares: Composer, size: Size, layout: Layout):
    scene = Scene(things=(Thing(0),), style="cartoon", scale="small", layout=layout)  # with an outline around it
    for seed in range(25):
        picture = squares.draw(scene, np.random.default_rng(seed), size)
        assert things_on(picture) == (1, False)
        dark = np.argwhere(np.asarray(picture.convert("L")) < 100)
        down, right = np.ptp(dark, axis=0)
        assert down == right


@pytest.mark.parametrize("size", EVERY_SIZE)
@pytest.mark.parametrize("layout", [Layout.SIDE_BY_SIDE, Layout.ABOVE])
def test_two_different_things_stand_beside_or_above_each_other(squares: Composer, size: Size, layout: Layout):
    scene = Scene(things=(Thing(0, "black"), Thing(1, "white")), style="flat vector", paper="red", layout=layout)
    for seed in range(8):
        pixels = np.asarray(squares.draw(scene, np.random.default_rng(seed), size)).astype(int)
        first, second = pixels.max(-1) < 100, pixels.min(-1) > 100
        assert first.any()
        assert second.any()
        axis = 1 if layout is Layout.SIDE_BY_SIDE else 0
        assert np.argwhere(first)[:, axis].max() < np.argwhere(second)[:, axis].min()


@pytest.mark.parametrize(
    ("layout", "axis", "after"),
    [(Layout.LEFT, 1, False), (Layout.RIGHT, 1, True), (Layout.TOP, 0, False), (Layout.BOTTOM, 0, True)],
)
def test_a_small_thing_stands_where_the_caption_says(squares: Composer, layout: Layout, axis: int, after: bool):
    scene = Scene(things=(Thing(0),), style="flat vector", scale="small", layout=layout)
    for seed in range(10):
        rng = np.random.default_rng(seed)
        dark = np.asarray(squares.draw(scene, rng).convert("L")) < 100
        middle = np.argwhere(dark)[:, axis].mean() / NATIVE[axis]
        assert (middle > 0.6) if after else (middle < 0.4)
        assert f"the {layout}" in squares.english(scene, rng)


def test_a_big_thing_is_larger_than_a_plain_one_and_a_small_one_smaller(squares: Composer):
    def area(scale: str | None) -> float:
        scene = Scene(things=(Thing(0),), style="flat vector", scale=scale)
        pictures = [squares.draw(scene, np.random.default_rng(seed)) for seed in range(10)]
        return float(np.mean([(np.asarray(picture.convert("L")) < 100).mean() for picture in pictures]))

    assert 2 * area("small") < area(None) < 0.9 * area("big")
