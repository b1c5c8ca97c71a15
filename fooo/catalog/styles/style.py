"""A style: a prompt template with a name."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass as checked_dataclass

from fooo.catalog.about import About
from fooo.request.frozen import Name, Text

RANDOM_STYLE = "Random Style"
"""In a request: one of all styles, drawn for each picture. No style may have this name."""

POCKET_FAMILY = "pocket"
"""The styles that the embedded model has learnt; other models do not need them."""

FAMILIES = (
    "photo", "film", "painting", "drawing", "anime_comic", "craft_3d", "design_print", "fantasy_scifi", "mood_light",
    "pixel_game", POCKET_FAMILY,
)  # fmt: skip
"""In the order in which they are shown; styles of other families come behind them."""

PLACE = "{prompt}"
"""Stands in a template for the person's words."""

_LEADING_TO_IT = "of|with|showing|featuring|depicting|in|on|at|by|from|to|into|for|as|like|and|or|the|an|a"
_IN_BRACKETS = re.compile(r"\(\s*\{prompt\}\s*(?::\s*[\d.]+\s*)?\)|\[\s*\{prompt\}\s*\]")
_WITH_SMALL_WORDS = re.compile(
    r"(?:^|(?<=[,，、(\[]))\s*\{prompt\}\s+(?:as|in|on|of|with|and|or)\b"  # "{prompt} in thick fog"
    rf"|(?:\s*\b(?:{_LEADING_TO_IT}))*\s*\{{prompt\}}的?"
)
_HOLE = re.compile(
    r"\(\s*(?::\s*[\d.]+\s*)?\)|\[\s*\]"  # a bracket with nothing in it
    r"|[,，、;]\s*(?=[,，、;.:。)\]]|$)|(?<=[(\[])\s*[,，、;]"  # a comma with nothing before or behind it
)
_DEEPEST = 8
"""Brackets in brackets that are looked into; nobody writes more."""
_SPACE_BEFORE_STOP = re.compile(r"\s+(?=[,.;:])")


@checked_dataclass(frozen=True, slots=True, config=ConfigDict(extra="ignore"))
class Style:
    """A template: `{prompt}` stands for what the person typed; without it the template is put behind their words.

    Attributes:
        prompt, negative_prompt: What the text encoders read.
        family: Which styles it stands beside; one of `FAMILIES`, or any other word.
        name_zh, about: For people.
    """

    name: Name
    prompt: Text = ""
    negative_prompt: Text = ""
    family: Text = ""
    name_zh: Text = ""
    about: About = About()

    @property
    def without_place(self) -> str:
        """The template of no words, without the small words that would lead to nothing."""
        return _without_place(self.prompt)


@lru_cache(maxsize=1024)
def _without_place(template: str) -> str:
    text = _WITH_SMALL_WORDS.sub("", _until_settled(_IN_BRACKETS, PLACE, template))
    return _SPACE_BEFORE_STOP.sub("", without_holes(text)).strip(" ,.;:，、。")


def without_holes(text: str) -> str:
    """A text out of which something was taken, without the brackets and commas that nothing is left between."""
    return _until_settled(_HOLE, "", text)


def _until_settled(found: re.Pattern[str], by: str, text: str) -> str:
    """The text with what is found replaced, also what stands around it and is then found too."""
    for _ in range(_DEEPEST):
        before, text = text, found.sub(by, text)
        if text == before:
            break
    return text


def fold(name: str) -> str:
    """Equal for names that people take for the same: in other capitals, or with `-` and `_` for a space."""
    return " ".join(name.casefold().replace("-", " ").replace("_", " ").split())


def is_random(name: str) -> bool:
    """Whether the name stands for a style drawn at random."""
    return fold(name) == fold(RANDOM_STYLE)


def in_families(styles: Iterable[Style]) -> Mapping[str, tuple[Style, ...]]:
    """The styles by family, families and the styles in each in order; those without a family come last."""
    found: dict[str, list[Style]] = {}
    for style in styles:
        found.setdefault(style.family, []).append(style)
    order = [*dict.fromkeys((*FAMILIES, *filter(None, found))), ""]
    return {family: tuple(found[family]) for family in order if family in found}
