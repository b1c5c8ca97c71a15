"""A style: a prompt template with a name."""

import re
from collections.abc import Iterable, Mapping

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass as checked_dataclass

from fooo.catalog.about import About
from fooo.request.request import Name, Text

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

_LINKS = "of|with|showing|featuring|depicting|the|an|a"
_PLACE_ALONE = re.compile(
    r"^\s*\{prompt\}\s+(?:as|in|on|of)\b"  # "{prompt} in thick fog"
    # also behind a preposition, and in a bracket of its own
    rf"|(?:\s*\b(?:{_LINKS}))*\s*(?:\(\{{prompt\}}(?::[\d.]+)?\)|\{{prompt\}})",
)
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
        return _SPACE_BEFORE_STOP.sub("", _PLACE_ALONE.sub("", self.prompt)).strip(" ,.;:")


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
