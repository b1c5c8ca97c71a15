"""WordNet's noun files as values: what a word can mean, how often each meaning is meant, and what lies above it.

Format: https://wordnet.princeton.edu/documentation/wndb5wn and lexnames5wn.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

CATEGORIES = {
    3: "tops", 4: "act", 5: "animal", 6: "artifact", 7: "attribute", 8: "body", 9: "cognition", 10: "communication",
    11: "event", 12: "feeling", 13: "food", 14: "group", 15: "location", 16: "motive", 17: "object", 18: "person",
    19: "phenomenon", 20: "plant", 21: "possession", 22: "process", 23: "quantity", 24: "relation", 25: "shape",
    26: "state", 27: "substance", 28: "time",
}  # fmt: skip
"""The lexicographers' files of nouns, by number."""

_NOUN = "1"
_INSULTS = frozenset({"disparagement", "ethnic_slur", "obscenity", "derogation", "depreciation"})
_PARTS_OF_SPEECH = ("noun", "verb", "adj", "adv")


@dataclass(frozen=True, slots=True)
class Meaning:
    """One sense of one noun.

    Attributes:
        number: 1 for the sense that is meant most often, then 2.
        category: The lexicographers' file that it stands in, such as "animal".
        count: How often a reader of the tagged texts found it meant.
        above: The names of everything that it is a kind of, itself included.
        proper: It is a name, written with a capital.
        insulting: The lexicographers mark it as vulgar or as an insult.
    """

    number: int
    category: str
    count: int
    above: frozenset[str]
    proper: bool
    insulting: bool


@dataclass(frozen=True, slots=True)
class WordNet:
    """Every noun's meanings, the commonest first.

    Attributes:
        meanings: By noun in small letters, words joined by `_`.
        other_counts: How often the same letters were meant as verb, adjective or adverb.
        explaining: How often a word stands in the explanations of all words: a second sign of how common it is.
    """

    meanings: Mapping[str, tuple[Meaning, ...]]
    other_counts: Mapping[str, int]
    explaining: Mapping[str, int]

    def count(self, noun: str) -> int:
        """How often it was meant in the texts that readers tagged."""
        return sum(meaning.count for meaning in self.meanings[noun])

    def score(self, noun: str) -> int:
        """How common a noun is: three for each time that it was meant in a text, one for each explanation with it."""
        return 3 * self.count(noun) + self.explaining.get(noun, 0) + self.explaining.get(f"{noun}s", 0)


@dataclass(frozen=True, slots=True)
class _Synset:
    words: tuple[str, ...]
    hypernyms: tuple[str, ...]
    usages: tuple[str, ...]


def read_wordnet(folder: Path) -> WordNet:
    """What lies in a `dict` folder with `index.sense` and the `data` files."""
    synsets = dict(_synsets(folder / "data.noun"))
    meanings: defaultdict[str, list[Meaning]] = defaultdict(list)
    other_counts: Counter[str] = Counter()
    for line in (folder / "index.sense").read_text(encoding="ascii").splitlines():
        key, offset, number, count = line.split()
        lemma, _, rest = key.partition("%")
        part_of_speech, category, *_ = rest.split(":")
        if part_of_speech != _NOUN:
            other_counts[lemma] += int(count)
            continue
        synset = synsets[offset]
        meaning = Meaning(
            number=int(number),
            category=CATEGORIES[int(category)],
            count=int(count),
            above=_above(offset, synsets),
            proper=lemma not in synset.words,
            insulting=any(_INSULTS.intersection(synsets[usage].words) for usage in synset.usages),
        )
        meanings[lemma].append(meaning)
    ordered = {lemma: tuple(sorted(found, key=lambda each: each.number)) for lemma, found in meanings.items()}
    return WordNet(ordered, other_counts, _explaining(folder))


def _synsets(file: Path) -> Iterator[tuple[str, _Synset]]:
    for line in _entries(file):
        fields = line.split("|")[0].split()
        words_end = 4 + 2 * int(fields[3], base=16)
        pointers = fields[words_end + 1 : words_end + 1 + 4 * int(fields[words_end])]
        targets = list(zip(pointers[::4], pointers[1::4], strict=True))
        above = tuple(offset for sign, offset in targets if sign in {"@", "@i"})
        usages = tuple(offset for sign, offset in targets if sign == ";u")
        yield fields[0], _Synset(tuple(fields[4:words_end:2]), above, usages)


def _above(offset: str, synsets: Mapping[str, _Synset]) -> frozenset[str]:
    names: set[str] = set()
    seen: set[str] = set()
    waiting = [offset]
    while waiting:
        each = waiting.pop()
        if each not in seen:
            seen.add(each)
            names.update(word.lower() for word in synsets[each].words)
            waiting.extend(synsets[each].hypernyms)
    return frozenset(names)


def _explaining(folder: Path) -> Counter[str]:
    """Of single words and of pairs, joined by `_`."""
    counts: Counter[str] = Counter()
    for part in _PARTS_OF_SPEECH:
        for line in _entries(folder / f"data.{part}"):
            words = re.findall("[a-z]+", line.partition("|")[2].lower())
            counts.update(words)
            counts.update("_".join(pair) for pair in pairwise(words))
    return counts


def _entries(file: Path) -> Iterator[str]:
    """The lines after the licence, which is indented."""
    return (line for line in file.read_text(encoding="ascii").splitlines() if not line.startswith("  "))
