"""What every style that ships keeps to; how good it is, only people can tell."""

import re

import pytest

from fooo.catalog import POCKET_FAMILY, Catalog, Style
from fooo.catalog.styles import FAMILIES

_FILLER = re.compile(
    r"\b(highly detailed|best quality|high quality|masterpiece|sharp focus|[48]k|stunning|beautiful)\b"
)
"""Praise that shows nothing; it is the presets' to say what a model likes to hear."""

_NOT = re.compile(r"\b(no|not|without|never|missing)\b")
"""The text encoders hardly read it: "no shading" draws shading."""


@pytest.fixture(scope="module")
def written(catalog: Catalog) -> list[Style]:
    """Our own, but for the embedded model's, which say its words and nothing else."""
    return [style for style in catalog.styles.values() if style.family != POCKET_FAMILY]


def phrases(text: str) -> list[str]:
    return [phrase.strip() for phrase in text.split(",")]


def test_there_are_at_least_160_in_ten_families_and_the_pockets(catalog: Catalog, written: list[Style]):
    assert len(written) >= 160
    assert tuple(catalog.families()) == FAMILIES
    assert min(len(styles) for family, styles in catalog.families().items() if family != POCKET_FAMILY) >= 10


def test_each_says_what_it_is_in_both_languages(catalog: Catalog):
    for style in catalog.styles.values():
        assert style.about.en.isascii(), style.name
        for chinese in (style.name_zh, style.about.zh):
            assert re.search(r"[\u4e00-\u9fff]", chinese), style.name
        assert len(style.about.en) <= 60, style.name
        assert not style.about.en.endswith("."), style.name
    names = [style.name_zh for style in catalog.styles.values()]
    assert len(set(names)) == len(names)


def test_each_has_one_place_for_the_words_and_a_negative(written: list[Style]):
    for style in written:
        assert style.prompt.count("{prompt}") == 1, style.name
        assert style.negative_prompt, style.name
        assert "{" not in style.negative_prompt, style.name


def test_each_leaves_room_for_the_words_in_the_first_chunk(written: list[Style]):
    for style in written:
        # of 75 tokens; a word of these is about 1.3
        assert len(style.prompt.split()) <= 36, style.name
        assert len(style.negative_prompt.split()) <= 24, style.name


def test_none_praises_denies_or_repeats_itself(written: list[Style]):
    for style in written:
        assert not _FILLER.search(style.prompt), style.name
        assert not _NOT.search(f"{style.prompt} {style.negative_prompt}"), style.name
        own, unwanted = phrases(style.prompt), phrases(style.negative_prompt)
        assert len({*own, *unwanted}) == len(own) + len(unwanted), style.name


def test_no_two_say_the_same(written: list[Style]):
    said: dict[str, str] = {}
    for style in written:
        for phrase in phrases(style.prompt):
            # one or two words may be the plain name of a thing
            if len(phrase.split()) > 2:
                assert phrase not in said, (style.name, said.get(phrase))
                said[phrase] = style.name


def test_none_leaves_a_hole_where_there_are_no_words(catalog: Catalog):
    for style in catalog.styles.values():
        alone = style.without_place
        assert not re.search(r"\{|  |, ,| ,|\b(of|showing|with|as|in),|^[,.]|,$", alone), (style.name, alone)
        # nothing is there that could be folded or made of anything
        assert not re.match(r"(\w+ed|made|built|drawn|woven) (entirely )?(as|in|of|from|by)\b", alone), style.name
        assert len(alone) >= len(style.prompt) - len("{prompt}") - len(" showing , "), style.name
