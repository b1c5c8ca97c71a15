"""What words say about a picture beyond its subject: night, rain, indoors, black and white, watercolour, a close-up.

A trait is one bit of a mask, so that hundreds of phrases are compared in no time.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from pathlib import Path
from typing import TypedDict, cast

from fooo.plan.expansion.words import MARK, is_han, tokens


class Look(StrEnum):
    """What kind of picture it is."""

    PHOTO = "photo"
    PAINTING = "painting"
    ANIME = "anime"
    THREE_D = "3d"
    LINE = "line"


class Facet(StrEnum):
    """What a phrase is about; in the order in which phrases are written."""

    MEDIUM = "medium"
    COMPOSITION = "composition"
    LENS = "lens"
    LIGHT = "light"
    COLOUR = "colour"
    MOOD = "mood"
    TEXTURE = "texture"
    FINISH = "finish"


class Kind(StrEnum):
    """What a picture is of."""

    PERSON = "person"
    ANIMAL = "animal"
    LANDSCAPE = "landscape"
    BUILDING = "building"
    FOOD = "food"
    OBJECT = "object"
    ABSTRACT = "abstract"


@dataclass(frozen=True, slots=True)
class Heard:
    """What some words say.

    Attributes:
        tags: A mask of traits.
        looks: In the order said.
        facets: Those that the words speak about.
    """

    tags: int = 0
    looks: tuple[Look, ...] = ()
    facets: frozenset[Facet] = frozenset()

    def __or__(self, other: "Heard") -> "Heard":
        looks = tuple(dict.fromkeys(self.looks + other.looks))
        return Heard(self.tags | other.tags, looks, self.facets | other.facets)


Words = tuple[str, ...]
_LONGEST = 5


@dataclass(frozen=True, slots=True)
class Traits:
    """Every trait, the words that say it, and which traits contradict each other.

    Attributes:
        bits: By name.
        against: By bit, the mask of what contradicts it.
        implied: What a kind of subject mostly has, unless the words say otherwise: a landscape is outdoors.
        asked_for: Mask of traits that a phrase may have only where the words have them: fur, water, snow.
        bold: The same, for gentle expansion: night, fog, black and white.
        media: Mask of the things that a picture can be made with: oil, ink, film.
        said: By words, what they say.
        said_in_chinese: The same by Chinese word.
        idioms: Words whose parts say nothing alone: there is nothing dark in "dark chocolate".
    """

    bits: Mapping[str, int]
    against: Mapping[int, int]
    implied: Mapping[Kind, tuple[int, ...]]
    asked_for: int
    bold: int
    media: int
    said: Mapping[Words, Heard]
    said_in_chinese: Mapping[str, Heard]
    idioms: frozenset[Words]

    def mask(self, names: Iterable[str]) -> int:
        return sum(self.bits[name] for name in set(names))

    def names(self, mask: int) -> tuple[str, ...]:
        return tuple(name for name, bit in self.bits.items() if bit & mask)

    def contradicting(self, mask: int) -> int:
        """The traits that contradict one of the mask's."""
        found = 0
        while mask:
            lowest = mask & -mask
            found |= self.against[lowest]
            mask ^= lowest
        return found

    def hear(self, found: Sequence[str]) -> Heard:
        """What the tokens say."""
        heard = Heard()
        for words in self._phrases(found):
            if words in self.said:
                heard |= self.said[words]
        return heard

    def hear_chinese(self, words: Iterable[str]) -> Heard:
        heard = Heard()
        for word in words:
            if word in self.said_in_chinese:
                heard |= self.said_in_chinese[word]
        return heard

    def _phrases(self, found: Sequence[str]) -> Iterator[Words]:
        """Every run of up to `_LONGEST` tokens, those inside of idioms left out."""
        at = 0
        while at < len(found):
            idiom = next((n for n in range(_LONGEST, 1, -1) if tuple(found[at : at + n]) in self.idioms), 0)
            yield from (tuple(found[at : at + n]) for n in ([idiom] if idiom else range(1, _LONGEST + 1)))
            at += idiom or 1


class _File(TypedDict):
    idioms: list[str]
    implied: dict[str, list[str]]
    exclusive: dict[str, list[str]]
    together: list[list[str]]
    apart: list[list[str]]
    asked_for: list[str]
    bold: list[str]
    tags: dict[str, list[str]]
    looks: dict[str, list[str]]
    facets: dict[str, list[str]]


def read_traits(file: Path) -> Traits:
    """What `traits.json` holds."""
    content = cast(_File, json.loads(file.read_text(encoding="utf-8")))
    names = list(
        dict.fromkeys([*content["tags"], *(each for group in content["exclusive"].values() for each in group)])
    )
    bits = {name: 1 << number for number, name in enumerate(names)}
    said, said_in_chinese = _said(content, bits)
    return Traits(
        bits=bits,
        against=_against(content, bits),
        implied={Kind(kind): tuple(bits[name] for name in tags) for kind, tags in content["implied"].items()},
        asked_for=sum(bits[name] for name in content["asked_for"]),
        bold=sum(bits[name] for name in content["bold"]),
        media=sum(bits[name] for name in content["exclusive"]["medium"]),
        said=said,
        said_in_chinese=said_in_chinese,
        idioms=frozenset(words_of(each) for each in content["idioms"]),
    )


def words_of(text: str) -> Words:
    """The tokens of a table's entry, as those of a prompt."""
    return tuple(each for each in tokens(text) if each != MARK)


def _against(content: _File, bits: Mapping[str, int]) -> dict[int, int]:
    together = {frozenset(pair) for pair in content["together"]}
    inside = [pair for group in content["exclusive"].values() for pair in combinations(group, 2)]
    against = dict.fromkeys(bits.values(), 0)
    for one, other in (*inside, *content["apart"]):
        if frozenset((one, other)) not in together:
            against[bits[one]] |= bits[other]
            against[bits[other]] |= bits[one]
    return against


def _said(content: _File, bits: Mapping[str, int]) -> tuple[dict[Words, Heard], dict[str, Heard]]:
    """What words say, and what Chinese words do."""
    english: dict[Words, Heard] = {}
    chinese: dict[str, Heard] = {}
    for heard, text in _rows(content, bits):
        if is_han(text):
            chinese[text] = chinese[text] | heard if text in chinese else heard
        else:
            words = words_of(text)
            english[words] = english[words] | heard if words in english else heard
    return english, chinese


def _rows(content: _File, bits: Mapping[str, int]) -> Iterator[tuple[Heard, str]]:
    groups = (
        *((Heard(tags=bits[name]), texts) for name, texts in content["tags"].items()),
        *((Heard(looks=(Look(name),)), texts) for name, texts in content["looks"].items()),
        *((Heard(facets=frozenset({Facet(name)})), texts) for name, texts in content["facets"].items()),
    )
    return ((heard, text) for heard, texts in groups for text in texts)
