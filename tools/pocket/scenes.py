"""Composed scenes: what is drawn, the picture of it, and what a person would type for it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from tools.pocket import grounds, looks, words
from tools.pocket.drawings import DrawingSet
from tools.pocket.layouts import Layout, Size, Spot, find_spots
from tools.pocket.words import Ground, Paper, Place

T = TypeVar("T")
NATIVE: Size = (128, 128)
SIZES: tuple[tuple[Size, float], ...] = (
    (NATIVE, 0.62),
    ((96, 96), 0.04),
    ((144, 112), 0.06),
    ((112, 144), 0.06),
    ((176, 96), 0.05),
    ((96, 176), 0.05),
    ((160, 160), 0.07),
    ((192, 192), 0.05),
)
"""Sizes of training pictures and their shares."""


@dataclass(frozen=True, slots=True)
class Thing:
    noun: int
    colour: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything that a caption may tell."""

    things: tuple[Thing, ...]
    """One, or two different ones."""
    count: int = 1
    """Of the one thing, 1..4."""
    style: str
    paper: str | None = None
    """Name of a paper; None: the style's own (white, for neon black) or a place."""
    gradient: bool = False
    place: str | None = None
    layout: Layout = Layout.CENTRE
    scale: str | None = None
    """"small" or "big"."""

    @property
    def combination(self) -> str:
        """What `reserved` looks at: things, colours, count, style and what is behind them."""
        things = "+".join(sorted(f"{thing.noun}/{thing.colour}" for thing in self.things))
        return f"{things}|{self.count}|{self.style}|{self.paper}|{self.place}"


@dataclass(frozen=True, slots=True)
class Conditioning:
    """SDXL's micro-conditioning (Podell et al. 2023, section 2.2), pixels."""

    original: Size
    crop: tuple[int, int]
    """Left and top."""

    def numbers(self, target: Size) -> tuple[int, int, int, int, int, int]:
        """In the networks' order: heights before widths, top before left."""
        return (self.original[1], self.original[0], self.crop[1], self.crop[0], target[1], target[0])


@dataclass(frozen=True, slots=True)
class Composition:
    scene: Scene
    pixels: npt.NDArray[np.uint8]
    """Shape (height, width, 3)."""
    caption: str
    conditioning: Conditioning


def reserved(scene: Scene) -> bool:
    """Whether no training caption may hold this combination: one in six, by a hash, kept for the judge."""
    return hashlib.sha256(scene.combination.encode()).digest()[0] % 6 == 0


def held_out(scene: Scene) -> bool:
    """Whether no training caption can have told of this scene.

    White paper is behind a thing also where a caption does not say so: training may hold neither of the two.
    """
    twin = {None: "white", "white": None}.get(scene.paper, scene.paper)
    return reserved(scene) and (scene.place is not None or reserved(replace(scene, paper=twin)))


class Composer:
    """Draws scenes and writes their captions; every choice comes from the generator given."""

    def __init__(self, drawings: DrawingSet) -> None:
        self.drawings = drawings
        self._styles = [
            [style.name for style in words.STYLES if (noun, style.drawings) in drawings.index]
            for noun in range(len(drawings.nouns))
        ]

    def has(self, noun: int, style: str) -> bool:
        return style in self._styles[noun]

    def scene(self, rng: np.random.Generator, *, unseen: bool = False) -> Scene:
        """A scene of the training mixture; with `unseen`, one whose combination training never holds."""
        while True:
            scene = self._any_scene(rng)
            if reserved(scene) == unseen:
                return scene

    def compose(self, rng: np.random.Generator, size: Size = NATIVE) -> Composition:
        """One training example."""
        scene = self.scene(rng)
        width, height = size
        kind = rng.random()
        if kind < 0.06:  # cut out of a larger picture
            larger = round(width * (grow := rng.uniform(1.15, 1.5))), round(height * grow)
            left, top = int(rng.integers(0, larger[0] - width + 1)), int(rng.integers(0, larger[1] - height + 1))
            picture = self.draw(scene, rng, larger).crop((left, top, left + width, top + height))
            conditioning = Conditioning(larger, (left, top))
        elif kind < 0.11:  # enlarged from a smaller one: soft
            shrink = rng.uniform(0.3, 0.6)
            smaller = round(width * shrink), round(height * shrink)
            picture = (
                self.draw(scene, rng, size).resize(smaller, Image.Resampling.BOX).resize(size, Image.Resampling.BICUBIC)
            )
            conditioning = Conditioning(smaller, (0, 0))
        else:
            larger = 1.0 if rng.random() < 0.65 else rng.uniform(1.0, 4.0)
            picture = self.draw(scene, rng, size)
            conditioning = Conditioning((round(width * larger), round(height * larger)), (0, 0))
        return Composition(scene, np.asarray(picture), self.caption(scene, rng), conditioning)

    def draw(self, scene: Scene, rng: np.random.Generator, size: Size = NATIVE) -> Image.Image:
        """An RGB picture of the scene."""
        return self.lay_out(scene, rng, size)[0]

    def lay_out(
        self, scene: Scene, rng: np.random.Generator, size: Size = NATIVE
    ) -> tuple[Image.Image, tuple[Spot, ...]]:
        """An RGB picture of the scene, and where its things lie; of two things the first lies at the first spot."""
        sheet = self._ground(scene, rng, size)
        spots = find_spots(scene.layout, len(scene.things), scene.count, scene.scale, rng, size)
        sprite: Image.Image | None = None
        for number, spot in enumerate(spots):
            thing = scene.things[min(number, len(scene.things) - 1)]
            if sprite is None or len(scene.things) > 1:
                sprite = self._sprite(thing, scene.style, spot.side, rng)
            sheet.paste(sprite, (spot.left, spot.top), sprite)
        return sheet, spots

    def caption(self, scene: Scene, rng: np.random.Generator) -> str:
        return self.chinese(scene, rng) if rng.random() < 0.1 else self.english(scene, rng)

    def _any_scene(self, rng: np.random.Generator) -> Scene:
        noun = int(rng.integers(len(self.drawings.nouns)))
        style = str(rng.choice(self._styles[noun]))
        first = Thing(noun, _colour(rng, 0.34))
        kind = rng.random()
        scene = Scene(things=(first,), style=style)
        if kind < 0.30:  # what is learnt slowest
            scene = self._two(scene, rng)
        elif kind < 0.42:
            scene = replace(scene, count=int(rng.integers(2, 5)), layout=Layout.GROUP)
        elif kind < 0.48:
            scene = replace(
                scene,
                scale="small",
                layout=_choose(rng, (Layout.CENTRE, Layout.LEFT, Layout.RIGHT, Layout.TOP, Layout.BOTTOM)),
            )
        elif kind < 0.50:
            scene = replace(scene, scale="big")
        return behind(scene, rng)

    def _two(self, scene: Scene, rng: np.random.Generator) -> Scene:
        others = [
            noun
            for noun in rng.integers(len(self.drawings.nouns), size=20)
            if self.has(int(noun), scene.style) and noun != scene.things[0].noun
        ]
        if not others:
            return scene
        second = Thing(int(others[0]), _colour(rng, 0.34))
        return replace(
            scene, things=(*scene.things, second), layout=Layout.SIDE_BY_SIDE if rng.random() < 0.75 else Layout.ABOVE
        )

    def _ground(self, scene: Scene, rng: np.random.Generator, size: Size) -> Image.Image:
        if scene.place:
            return grounds.place(scene.place, size, rng)
        own = "black" if words.STYLE[scene.style].ground is Ground.DARK else "white"
        return grounds.paper(scene.paper or own, size, rng, gradient=scene.gradient)

    def _sprite(self, thing: Thing, style: str, side: int, rng: np.random.Generator) -> Image.Image:
        row = self.drawings.index[thing.noun, words.STYLE[style].drawings]
        drawing = Image.fromarray(self.drawings.pixels[row])
        if thing.colour:
            colour = words.COLOUR[thing.colour]
            drawing = looks.ink(drawing, colour) if style == "line art" else looks.turn(drawing, colour)
        return looks.LOOKS[style](looks.padded(drawing, side), rng)

    def english(self, scene: Scene, rng: np.random.Generator, *, told: bool = False) -> str:
        """What a person would type; with `told`, the style always and without words of praise."""
        nouns = self.drawings.nouns
        names: list[str] = []
        for thing in scene.things:
            noun = nouns[thing.noun]
            name = noun.words[0] if rng.random() < 0.75 else str(rng.choice(noun.words))
            if scene.count > 1:
                name = noun.plural_of(name)
            name = f"{_named(thing.colour, rng)} {name}" if thing.colour else name
            if scene.scale:
                sizes = ("small", "tiny", "little") if scene.scale == "small" else ("big", "large", "huge")
                name = f"{_choose(rng, sizes)} {name}"
            names.append(name)
        what = _what(scene, names, rng)
        where = _where(scene, rng)
        style = (
            _choose(rng, words.STYLE[scene.style].english)
            if told or scene.style not in words.PLAIN_STYLES or rng.random() < 0.75
            else ""
        )
        tail = (
            [", ".join(rng.choice(words.QUALITY, int(rng.integers(1, 4)), replace=False))]
            if rng.random() < 0.12 and not told
            else []
        )
        if scene.place and where:
            what, where = f"{what} {where}", ""
        order = rng.random()
        if style and order < 0.22:
            parts = [f"{words.with_article(style)} of {what}", where]
        elif style and order < 0.34:
            parts = [f"{style} {what}", where]
        elif where and order < 0.55:
            parts = [f"{what} on {words.with_article(where)}", style]
        elif style and order < 0.62:
            parts = [style, what, where]
        else:
            parts = [what, style, where]
        return ", ".join(part for part in (*parts, *tail) if part)

    def chinese(self, scene: Scene, rng: np.random.Generator) -> str:
        names: list[str] = []
        for thing in scene.things:
            name = _choose(rng, self.drawings.nouns[thing.noun].chinese)
            name = f"{words.COLOUR[thing.colour].chinese}的{name}" if thing.colour else name
            names.append({"small": "小小的", "big": "巨大的"}.get(scene.scale or "", "") + name)
        if scene.count > 1:
            names = [f"{words.CHINESE_COUNTS[scene.count]}个{names[0]}"]
        elif rng.random() < 0.5:
            names = [f"一个{name}" for name in names]
        what = "和".join(names)
        if scene.layout is Layout.ABOVE:
            what = f"{names[0]}在{names[1]}上面"
        style = _choose(rng, words.STYLE[scene.style].chinese)
        where = ""
        if scene.place:
            where = _choose(rng, words.PLACE[scene.place].chinese)
        elif scene.paper:
            where = f"{words.PAPER[scene.paper].chinese}{'渐变' if scene.gradient else ''}背景"
        tail = _choose(rng, words.CHINESE_QUALITY) if rng.random() < 0.1 else ""
        return "，".join(part for part in (what, style, where, tail) if part)


def _colour(rng: np.random.Generator, share: float) -> str | None:
    return _choose(rng, words.COLOURS).name if rng.random() < share else None


def _named(colour: str, rng: np.random.Generator) -> str:
    return _choose(rng, (colour, colour, colour, colour, *words.COLOUR[colour].synonyms))


def behind(scene: Scene, rng: np.random.Generator) -> Scene:
    """The scene with a paper or a place that suits its style."""
    ground = words.STYLE[scene.style].ground
    kind = rng.random()
    if kind < 0.36:
        return scene
    if kind < 0.74:
        colours = {thing.colour for thing in scene.things}
        papers = [paper.name for paper in words.PAPERS if _suits(paper, ground) and paper.name not in colours]
        return replace(scene, paper=_choose(rng, papers), gradient=ground is not Ground.DARK and rng.random() < 0.2)
    places = [place.name for place in words.PLACES if _suits(place, ground)]
    return replace(scene, place=_choose(rng, places))


def _suits(what: Paper | Place, ground: Ground) -> bool:
    match ground:
        case Ground.ANY:
            return True
        case Ground.NOT_DARK:
            return not what.dark
        case Ground.LIGHT:
            return what.light
        case Ground.DARK:
            return what.dark


def _what(scene: Scene, names: Sequence[str], rng: np.random.Generator) -> str:
    article = words.with_article if rng.random() < 0.65 else str
    if scene.count > 1:
        count = _choose(rng, words.COUNTS[scene.count]) if rng.random() < 0.2 else words.COUNTS[scene.count][0]
        return f"{count} {names[0]}"
    if len(names) == 2:
        return _both(scene.layout, article(names[0]), article(names[1]), rng)
    if scene.layout in (Layout.LEFT, Layout.RIGHT, Layout.TOP, Layout.BOTTOM):
        return f"{article(names[0])} {'at' if scene.layout in (Layout.TOP, Layout.BOTTOM) else 'on'} the {scene.layout}"
    return article(names[0])


def _both(layout: Layout, first: str, second: str, rng: np.random.Generator) -> str:
    if layout is Layout.ABOVE:
        return f"{first} above {second}"
    form = rng.random()
    if form < 0.65:
        return f"{first} and {second}"
    if form < 0.85:
        return f"{first} on the left, {second} on the right"
    return f"{first} next to {second}"


def _where(scene: Scene, rng: np.random.Generator) -> str:
    if scene.place:
        return _choose(rng, words.PLACE[scene.place].english)
    if scene.paper and (scene.paper != "white" or rng.random() < 0.5):
        return f"{scene.paper} gradient background" if scene.gradient else f"{scene.paper} background"
    return ""


def _choose(rng: np.random.Generator, choices: Sequence[T]) -> T:
    return choices[int(rng.integers(len(choices)))]
