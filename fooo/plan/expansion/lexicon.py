"""What kind of thing a word names: English nouns derived from WordNet by tools/lexicon, Chinese ones of our own."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from fooo.plan.expansion.traits import Kind

_IRREGULAR = {
    "men": "man", "women": "woman", "mice": "mouse", "geese": "goose", "feet": "foot", "teeth": "tooth",
    "wolves": "wolf", "leaves": "leaf", "knives": "knife", "elves": "elf", "dwarves": "dwarf", "loaves": "loaf",
    "shelves": "shelf", "calves": "calf", "halves": "half", "wives": "wife", "thieves": "thief", "oxen": "ox",
    "cacti": "cactus", "octopi": "octopus", "fungi": "fungus",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Kinds by noun; the two words of a pair are joined by `_`."""

    english: Mapping[str, Kind]
    chinese: Mapping[str, Kind]

    def kind(self, noun: str) -> Kind | None:
        """Of one English noun or pair, also of its plural."""
        return next((self.english[form] for form in _forms(noun) if form in self.english), None)

    def at(self, words: Sequence[str], position: int) -> tuple[Kind | None, int]:
        """The kind of the noun that stands there, and of how many words it is."""
        pair = self.kind("_".join(words[position : position + 2]))
        return (pair, 2) if pair and position + 1 < len(words) else (self.kind(words[position]), 1)


def read_lexicon(*, english: Path, chinese: Path) -> Lexicon:
    """The lexicon of two files: lines of nouns by kind."""
    return Lexicon(_read(english), _read(chinese))


def _read(file: Path) -> dict[str, Kind]:
    content = cast(dict[str, list[str]], json.loads(file.read_text(encoding="utf-8")))
    return {noun: kind for kind in Kind for line in content[kind] for noun in line.split()}


def _forms(noun: str) -> Iterator[str]:
    """The word itself, then what it may be the plural of."""
    yield noun
    stem, _, last = noun.rpartition("_")
    before = f"{stem}_" if stem else ""
    if last in _IRREGULAR:
        yield before + _IRREGULAR[last]
    if len(last) < 4 or not last.endswith("s") or last.endswith("ss"):
        return
    if last.endswith("ies"):
        yield f"{before}{last[:-3]}y"
    yield before + last[:-1]
    if last.endswith("es"):
        yield before + last[:-2]
