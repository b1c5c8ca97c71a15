import json
from collections import Counter
from itertools import product
from pathlib import Path

import pytest

from fooo.plan.expansion import Facet, Kind, Library, Look, Phrase
from fooo.plan.expansion.reading import DATA
from fooo.plan.expansion.traits import words_of

FILES = sorted((DATA / "phrases").glob("*.json"))

# What a word of a phrase says about the scene must stand among its tags: else the phrase could contradict a prompt.
CHECKED = [
    "day",
    "night",
    "dusk",
    "dawn",
    "sunny",
    "cloudy",
    "rain",
    "snow",
    "fog",
    "indoor",
    "outdoor",
    "underwater",
    "space",
    "spring",
    "summer",
    "autumn",
    "winter",
    "monochrome",
    "crowd",
    "close",
    "wide",
    "aerial",
    "old",
    "modern",
    "neon",
    "film",
    "oil",
    "watercolour",
    "gouache",
    "ink",
    "pencil",
    "charcoal",
]
NOT_MEANT = {
    ("colour field canvas", "outdoor"),
    ("coloured pencil drawing", "monochrome"),
    ("graphite pencil drawing", "monochrome"),
    ("loose pencil sketch", "monochrome"),
    ("charcoal drawing", "monochrome"),
    ("silverpoint drawing", "monochrome"),
    ("smudged graphite edges", "monochrome"),
    ("cosmic wonder", "space"),
    ("harsh unfiltered starlight", "night"),
    ("hazy blue distance", "fog"),
    ("lavender and peach haze", "fog"),
    ("soft overhead light", "aerial"),
    ("subtle depth haze", "fog"),
    ("turquoise and coral accents", "underwater"),
}


def phrases(library: Library) -> list[Phrase]:
    return [phrase for facet in Facet for phrase in library.bank[facet]]


def test_it_has_at_least_600_phrases_of_one_to_five_words_each_once(library: Library):
    texts = [phrase.text for phrase in phrases(library)]
    assert len(texts) >= 600
    assert all(1 <= len(text.split()) <= 5 for text in texts)
    assert max(Counter(text.casefold() for text in texts).values()) == 1


@pytest.mark.parametrize("facet", Facet)
def test_every_facet_is_rich(library: Library, facet: Facet):
    assert len(library.bank[facet]) >= 75


@pytest.mark.parametrize("look", Look)
@pytest.mark.parametrize("facet", Facet)
def test_every_facet_has_three_phrases_for_each_look_and_subject(library: Library, facet: Facet, look: Look):
    for kind in Kind:
        assert sum(phrase.suits([look], kind) for phrase in library.bank[facet]) >= 3, kind


@pytest.mark.parametrize("facet", [facet for facet in Facet if facet not in {Facet.MEDIUM, Facet.LENS}])
def test_there_are_phrases_where_neither_look_nor_subject_is_known(library: Library, facet: Facet):
    assert sum(phrase.suits([], None) for phrase in library.bank[facet]) >= 3


def test_no_phrase_contradicts_itself(library: Library):
    for phrase in phrases(library):
        assert not library.traits.contradicting(phrase.tags) & phrase.tags, phrase.text


def test_what_a_phrase_says_about_the_scene_stands_among_its_tags(library: Library):
    checked = library.traits.mask(CHECKED)
    for phrase in phrases(library):
        heard = library.traits.hear(words_of(phrase.text)).tags & checked & ~phrase.tags
        unmeant = {name for name in library.traits.names(heard) if (phrase.text, name) not in NOT_MEANT}
        assert not unmeant, phrase.text


def test_contradiction_is_mutual(library: Library):
    traits = library.traits
    for one, other in product(traits.bits.values(), repeat=2):
        assert bool(traits.against[one] & other) == bool(traits.against[other] & one)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_phrase_stands_on_a_line_of_its_own(file: Path):
    lines = file.read_text(encoding="utf-8").splitlines()
    assert len(lines) - 2 == len(json.loads(file.read_text(encoding="utf-8")))
