"""From a word's meanings to the kind of thing that a picture would show."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from tools.lexicon.wordnet import Meaning, WordNet

KINDS = ("person", "animal", "landscape", "building", "food", "object", "abstract")
ABSTRACT = "abstract"

_BY_CATEGORY = {
    "animal": "animal", "person": "person", "food": "food", "body": "person", "object": "landscape",
    "substance": "object",
}  # fmt: skip
"""Where the lexicographers' file says it all."""

_BY_WHAT_LIES_ABOVE: Mapping[str, tuple[tuple[frozenset[str], str], ...]] = {
    "artifact": (
        (frozenset({"instrumentality"}), "object"),
        (frozenset({"structure", "building", "facility", "way"}), "building"),
        (frozenset({"artifact"}), "object"),
    ),
    "plant": ((frozenset({"tree", "grass", "fern", "moss"}), "landscape"), (frozenset({"plant"}), "object")),
    "location": (
        (frozenset({"city", "town", "village", "municipality", "urban_area"}), "building"),
        (frozenset({"region", "location"}), "landscape"),
    ),
    "phenomenon": ((frozenset({"atmospheric_phenomenon", "weather"}), "landscape"),),
    "group": (
        (frozenset({"people", "gathering", "family", "team", "military_unit"}), "person"),
        (frozenset({"animal_group"}), "animal"),
    ),
}
"""Else the first row that lies above the meaning; none: abstract."""

_SHOWN = frozenset({"animal", "artifact", "food", "location", "object", "person", "plant"})
"""Categories whose pairs of words are worth keeping."""

_PICTURED = 4
"""How much more often than in speech a thing that can be seen is meant in the prompt for a picture."""

_WORTH = {"animal": 2, "food": 3, "plant": 2, "artifact": 2, "body": 0.3, "substance": 0.3}
"""How much more often things of a category are drawn than spoken of; of the others as often."""


def kind_of_meaning(meaning: Meaning) -> str:
    if kind := _BY_CATEGORY.get(meaning.category):
        return kind
    rows = _BY_WHAT_LIES_ABOVE.get(meaning.category, ())
    return next((kind for names, kind in rows if names & meaning.above), ABSTRACT)


def kind_of_noun(meanings: tuple[Meaning, ...]) -> str:
    """The kind that is pictured most often; of meanings never met in the texts, that of the first that can be seen."""
    weights: Counter[str] = Counter()
    for meaning in meanings:
        kind = kind_of_meaning(meaning)
        seen = 1 if kind == ABSTRACT else _PICTURED
        weights[kind] += seen * (1000 * meaning.count + 500 // meaning.number)
    return max(weights, key=lambda kind: (weights[kind], kind))


def choose_nouns(wordnet: WordNet, *, common: int, seen: int, unseen: int) -> dict[str, str]:
    """The kind of the single nouns that are spoken or drawn most often.

    Left out are names, insults, and words that are mostly verbs or adjectives ("red", "run"): they stand before nouns
    and would pass for one.

    Args:
        wordnet: All nouns.
        common: How many of the commonest in texts, whatever they name.
        seen: Of those drawn most often, how many that can be pictured; the common ones count.
        unseen: How many others; the common ones count.
    """
    ranked = sorted((noun for noun in wordnet.meanings if _is_plain(noun, wordnet)), key=_rank(wordnet))
    kinds = {noun: kind_of_noun(wordnet.meanings[noun]) for noun in ranked}
    pictured = [noun for noun in ranked if kinds[noun] != ABSTRACT][:seen]
    others = [noun for noun in ranked if kinds[noun] == ABSTRACT][:unseen]
    spoken = sorted(ranked, key=lambda noun: (-wordnet.count(noun), noun))[:common]
    return {noun: kinds[noun] for noun in (*spoken, *pictured, *others)}


def choose_pairs(wordnet: WordNet, single: Mapping[str, str], *, score: int) -> Iterator[tuple[str, str]]:
    """Nouns of two words that name another kind of thing than their last word does, such as "horse chestnut"."""
    for noun, meanings in wordnet.meanings.items():
        first, last = meanings[0], noun.partition("_")[2]
        shown = first.category in _SHOWN and not first.proper and not first.insulting
        if noun.count("_") == 1 and noun.replace("_", "").isalpha() and shown and wordnet.score(noun) >= score:
            kind = kind_of_noun(meanings)
            if kind not in {ABSTRACT, single.get(last)} and last in single:
                yield noun, kind


def _rank(wordnet: WordNet) -> Callable[[str], tuple[float, str]]:
    return lambda noun: (-wordnet.score(noun) * _WORTH.get(wordnet.meanings[noun][0].category, 1), noun)


def _is_plain(noun: str, wordnet: WordNet) -> bool:
    meanings = wordnet.meanings[noun]
    mostly_noun = wordnet.other_counts.get(noun, 0) <= 2 * wordnet.count(noun)
    decent = not (meanings[0].proper or any(meaning.insulting for meaning in meanings[:2]))
    return noun.isalpha() and len(noun) > 2 and mostly_noun and decent
