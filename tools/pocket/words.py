"""The words of the picture set: nouns, styles, colours, papers and places, in English and Chinese."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

NOUNS_FILE = Path(__file__).with_name("nouns.tsv")


class Drawings(StrEnum):
    """A set of drawings, by its short name."""

    FLUENT_3D = "fluent-3d"
    FLUENT = "fluent"
    FLUENT_FLAT = "fluent-flat"
    FLUENT_INK = "fluent-ink"
    NOTO = "noto"
    TWEMOJI = "twemoji"


class Ground(StrEnum):
    """What a style can be drawn on."""

    ANY = "any"
    NOT_DARK = "not dark"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Noun:
    slug: str
    words: tuple[str, ...]
    """What people type; the commonest first."""
    plural: str
    """Of the first word."""
    chinese: tuple[str, ...]

    def plural_of(self, name: str) -> str:
        """Of one of its words; where that is not counted, of the first word: of "bread" it is "loaves of bread"."""
        return self.plural if name == self.words[0] or not is_counted(name) else plural(name)


@dataclass(frozen=True, slots=True)
class Style:
    name: str
    english: tuple[str, ...]
    chinese: tuple[str, ...]
    drawings: Drawings
    """What it is drawn from."""
    ground: Ground = Ground.ANY


@dataclass(frozen=True, slots=True)
class Colour:
    name: str
    chinese: str
    hue: float
    """Degrees."""
    saturation: float = 1.0
    """Factor on the drawing's own; below 1 fades it."""
    value: tuple[float, float] = (0.0, 1.0)
    """What black and white of the drawing become."""
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    name: str
    chinese: str
    rgb: tuple[int, int, int]
    light: bool
    dark: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    name: str
    english: tuple[str, ...]
    chinese: tuple[str, ...]
    light: bool
    dark: bool = False


STYLES = (
    Style(
        "3d render",
        ("3d render", "3d render, soft light", "cute 3d render", "3d model"),
        ("3D渲染", "立体渲染"),
        Drawings.FLUENT_3D,
    ),
    Style("glossy", ("glossy", "glossy icon", "shiny glossy illustration"), ("光泽风格", "光泽质感"), Drawings.FLUENT),
    Style(
        "flat vector",
        ("flat vector", "flat design", "minimal flat vector illustration"),
        ("扁平矢量", "扁平风格"),
        Drawings.FLUENT_FLAT,
    ),
    Style(
        "line art",
        ("line art", "ink line drawing", "line drawing"),
        ("线稿", "线条画"),
        Drawings.FLUENT_INK,
        Ground.NOT_DARK,
    ),
    Style("cartoon", ("cartoon", "cartoon illustration", "comic style"), ("卡通", "卡通风格"), Drawings.NOTO),
    Style("sticker", ("sticker", "sticker art", "die-cut sticker"), ("贴纸", "贴纸风格"), Drawings.TWEMOJI),
    Style(
        "pixel art", ("pixel art", "8-bit pixel art", "retro game sprite"), ("像素画", "像素风格"), Drawings.FLUENT_FLAT
    ),
    Style(
        "pencil sketch",
        ("pencil sketch", "pencil drawing", "graphite sketch"),
        ("铅笔素描", "素描"),
        Drawings.NOTO,
        Ground.LIGHT,
    ),
    Style(
        "neon", ("neon", "neon sign", "glowing neon lights"), ("霓虹灯", "霓虹风格"), Drawings.FLUENT_FLAT, Ground.DARK
    ),
    Style(
        "watercolour",
        ("watercolour", "watercolor painting", "watercolour painting"),
        ("水彩画", "水彩"),
        Drawings.NOTO,
        Ground.LIGHT,
    ),
    Style("paper cut", ("paper cut", "papercut craft", "layered paper art"), ("剪纸", "剪纸风格"), Drawings.TWEMOJI),
)

PLAIN_STYLES = ("3d render", "glossy", "cartoon")
"""What is drawn when no style is asked for."""

COLOURS = (
    Colour("red", "红色", 0, synonyms=("crimson",)),
    Colour("orange", "橙色", 28, value=(0.1, 1.0)),
    Colour("yellow", "黄色", 52, value=(0.15, 1.0), synonyms=("golden",)),
    Colour("green", "绿色", 120),
    Colour("teal", "青色", 178, value=(0.0, 0.86), synonyms=("turquoise",)),
    Colour("blue", "蓝色", 217),
    Colour("purple", "紫色", 275, synonyms=("violet",)),
    Colour("pink", "粉色", 330, 0.75, (0.12, 1.0)),
    Colour("brown", "棕色", 24, 0.85, (0.0, 0.62)),
    Colour("black", "黑色", 230, 0.15, (0.02, 0.36)),
    Colour("white", "白色", 210, 0.1, (0.45, 1.0)),
)

PAPERS = (
    Paper("white", "白色", (255, 255, 255), light=True),
    Paper("grey", "灰色", (150, 152, 156), light=False),
    Paper("black", "黑色", (14, 14, 17), light=False, dark=True),
    Paper("red", "红色", (214, 60, 56), light=False),
    Paper("orange", "橙色", (240, 150, 50), light=False),
    Paper("yellow", "黄色", (252, 216, 84), light=True),
    Paper("green", "绿色", (88, 176, 92), light=False),
    Paper("teal", "青色", (54, 168, 164), light=False),
    Paper("blue", "蓝色", (70, 130, 220), light=False),
    Paper("light blue", "浅蓝色", (172, 214, 247), light=True),
    Paper("dark blue", "深蓝色", (18, 26, 74), light=False, dark=True),
    Paper("purple", "紫色", (140, 92, 200), light=False),
    Paper("pink", "粉色", (247, 166, 200), light=True),
    Paper("brown", "棕色", (136, 96, 64), light=False),
    Paper("beige", "米色", (240, 226, 202), light=True),
)

PLACES = (
    Place("sky", ("in the sky", "against a blue sky", "in the clouds"), ("在天空中", "蓝天背景"), light=True),
    Place("grass", ("on the grass", "in a meadow", "on green grass"), ("在草地上", "草地背景"), light=False),
    Place("night", ("at night", "under the stars", "in the night sky"), ("在夜晚", "星空下"), light=False, dark=True),
    Place("sea", ("on the sea", "by the sea", "in the ocean"), ("在海上", "大海背景"), light=False),
    Place("snow", ("in the snow", "on snow", "in winter snow"), ("在雪地里", "雪地背景"), light=True),
    Place("desert", ("in the desert", "on desert sand"), ("在沙漠里", "沙漠背景"), light=False),
)

COUNTS = {2: ("two", "2"), 3: ("three", "3"), 4: ("four", "4")}
CHINESE_COUNTS = {1: "一", 2: "两", 3: "三", 4: "四"}
QUALITY = (
    "masterpiece",
    "best quality",
    "highly detailed",
    "beautiful",
    "high quality",
    "4k",
    "vivid colors",
    "cute",
    "professional",
    "award winning",
)
CHINESE_QUALITY = ("高质量", "精美", "杰作", "可爱")

OTHERS = (
    "a", "an", "the", "one", "two", "three", "four", "2", "3", "4", "and", "with", "of", "on", "in", "at", "by",
    "next", "to", "above", "left", "right", "top", "bottom", "small", "tiny", "little", "big", "large", "huge",
    "background", "gradient",
)  # fmt: skip
"""Words of the captions that name neither thing nor look."""

STYLE = {style.name: style for style in STYLES}
COLOUR = {colour.name: colour for colour in COLOURS}
PAPER = {paper.name: paper for paper in PAPERS}
PLACE = {place.name: place for place in PLACES}


def read_nouns(count: int | None) -> tuple[Noun, ...]:
    """The `count` commonest nouns; None: all."""
    with NOUNS_FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[:count]
    nouns: list[Noun] = []
    for row in rows:
        names = tuple(row["words"].split(", "))
        nouns.append(Noun(row["slug"], names, row["plural"] or plural(names[0]), tuple(row["chinese"].split("、"))))
    return tuple(nouns)


def plural(name: str) -> str:
    """By the common rules of spelling, of the word that is counted: "slices of pizza", "people on a bike"."""
    counted, told = _parted(name)
    for one, many in _IRREGULAR:
        if one.search(counted):
            return one.sub(many, counted) + told
    if counted.endswith(("s", "x", "ch", "sh")):
        return f"{counted}es{told}"
    if counted.endswith("y") and counted[-2:-1] not in tuple("aeiou"):
        return f"{counted[:-1]}ies{told}"
    return f"{counted}s{told}"


def is_counted(name: str) -> bool:
    """Whether it has an article and a plural of its own: not "grapes", "bread", "tennis"; but "loaf of bread"."""
    return _UNCOUNTED.search(_parted(name)[0]) is None


def with_article(words: str) -> str:
    """With "a" or "an", by the sound that it begins with; what is not counted stays as it is."""
    if not is_counted(words):
        return words
    by_vowel = _LIKE_A_VOWEL.match(words) and not _LIKE_A_CONSONANT.match(words)
    return f"{'an' if by_vowel else 'a'} {words}"


def _parted(name: str) -> tuple[str, str]:
    """What is counted, and what is told of it: "slice" and " of pizza"."""
    told = _TOLD.search(name)
    at = told.start() if told else len(name)
    return name[:at], name[at:]


_TOLD = re.compile(r" (?:of|with|in|on|over|behind|covering|and)\b|(?<=^person) ")

_LIKE_A_VOWEL = re.compile(r"[aeiou]|8|1[18]\b|hour|hono|heir|(?:[fhlmnrsx]|nfl|suv)\b")
"""Silent h, numbers, and letters that are read out: "an 8-bit", "an x-ray"."""
_LIKE_A_CONSONANT = re.compile(r"uni(?![dmn])|uf|uk|us(?!h)|ut[eio]|ur[aio]|eu|ew|onc?e\b")
""""u" as in "you", and "one"."""

_IRREGULAR = tuple(
    (re.compile(rf"{one}$"), many)
    for one, many in (
        (r"(?<!hu)man", "men"),
        (r"\bperson", "people"),
        (r"\bchild", "children"),
        (r"\b(f|t)oo(t|th)", r"\1ee\2"),
        (r"\bgoose", "geese"),
        (r"\bmouse", "mice"),
        (r"\bdie", "dice"),
        (r"\box", "oxen"),
        (r"\b(wol|el|cal|hal|lea|loa|shea|scar)f", r"\1ves"),
        (r"\b(kni|li|wi)fe", r"\1ves"),
        (r"(hero|potato|tomato|volcano|tornado|mosquito|buffalo|mango)", r"\1es"),
        (r"(monarch)", r"\1s"),
        (r"(fish|deer|\bsheep|\bmoose|\belk|\bbison|\bsquid|\bshrimp)", r"\1"),
    )
)

_UNCOUNTED = re.compile(
    r"(?:^| )(?:"
    "applause|bacon|bacteria|badminton|bamboo|basil|beef|beer|biceps|blood|blueberries|bowling|bread|broccoli|butter|"
    "camping|cereal|champagne|cheese|cherries|chips|chocolate|chopsticks|coffee|confetti|corn|crossbones|curry|"
    "cutlery|dice|dna|dracula|dynamite|eyeglasses|eyes|father christmas|fingers|fireworks|fog|food|footprints|frames|"
    "fries|fuji|garlic|glasses|glitter|gloves|goggles|golf|grapes|hands|headphones|hockey|honey|houses|ice|infinity|"
    "jeans|juice|karate|kadomatsu|lacrosse|lightning|lips|lotion|love|luggage|lungs|mahjong|mail|maracas|masks|"
    "matcha|meat|milk|milky way|mind blown|mist|money|moon viewing|mother christmas|mrs claus|music|nails|noodles|"
    "oden|one hundred|pancakes|pants|partly cloudy|pasta|peas|people|ping pong|polish|polo|popcorn|porridge|rain|"
    "ramen|rice|sake|sakura|salt|santa|santa claus|saturn|scales|scissors|serve|shades|shampoo|shorts|skis|soap|"
    "socks|sound|soup|spaghetti|sparkles|spectacles|sunglasses|sunscreen|sushi|swords|sweat drops|takeout|tea|"
    "tempura|tennis|thread|toilet paper|tools|trousers|water|wheat|whiskey|wine|wood|wool|yarn|yerba mate|yoga"
    ")$"
)
"""Masses, games, names, and words that are plurals already."""


def chinese_characters(nouns: Iterable[Noun]) -> set[str]:
    """Every Chinese character and mark that captions of these nouns hold."""
    texts = ["，的一个两三四和在上面背景渐变小巨大只张", *CHINESE_QUALITY]
    for noun in nouns:
        texts += noun.chinese
    for table in (STYLES, PLACES):
        for entry in table:
            texts += entry.chinese
    texts += [entry.chinese for entry in (*COLOURS, *PAPERS)]
    return {character for text in texts for character in text if not character.isascii()}
