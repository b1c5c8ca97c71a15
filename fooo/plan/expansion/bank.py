"""The phrase bank: what can be added to a prompt, each phrase with what it suits and what it would contradict."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NotRequired, TypedDict, cast

from fooo.plan.expansion.traits import Facet, Kind, Look, Traits
from fooo.plan.expansion.words import stems, tokens

ANY_LOOK = frozenset(Look) - {Look.LINE}
"""What a picture may become of whose look nothing is said: a phrase for all of these suits it."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One to five words.

    Attributes:
        looks: What it suits; empty: all.
        subjects: The same.
        tags: Mask of its traits.
    """

    text: str
    facet: Facet
    looks: frozenset[Look]
    subjects: frozenset[Kind]
    tags: int
    stems: frozenset[str]

    def suits(self, looks: Iterable[Look], kind: Kind | None) -> bool:
        """Whether it suits all of the looks, and the kind of subject; of what is not known, whatever it may be."""
        wanted = frozenset(looks) or ANY_LOOK
        return (not self.looks or wanted <= self.looks) and (not self.subjects or kind in self.subjects)


Bank = Mapping[Facet, tuple[Phrase, ...]]


class _Entry(TypedDict):
    text: str
    looks: NotRequired[str]
    subjects: NotRequired[str]
    tags: NotRequired[str]


def read_bank(folder: Path, traits: Traits) -> Bank:
    """The phrases of `<facet>.json`, by facet."""
    return {facet: _read(folder / f"{facet}.json", facet, traits) for facet in Facet}


def _read(file: Path, facet: Facet, traits: Traits) -> tuple[Phrase, ...]:
    entries = cast(list[_Entry], json.loads(file.read_text(encoding="utf-8")))
    return tuple(_phrase(entry, facet, traits) for entry in entries)


def _phrase(entry: _Entry, facet: Facet, traits: Traits) -> Phrase:
    return Phrase(
        text=entry["text"],
        facet=facet,
        looks=frozenset(map(Look, entry.get("looks", "").split())),
        subjects=frozenset(map(Kind, entry.get("subjects", "").split())),
        tags=traits.mask(entry.get("tags", "").split()),
        stems=stems(tokens(entry["text"].casefold())),
    )
