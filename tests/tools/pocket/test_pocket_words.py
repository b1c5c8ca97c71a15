import hashlib

import pytest

from tools.pocket import words
from tools.pocket.words import read_nouns

SHIPPED = 119
"""Nouns of the shipped model."""


def test_there_are_at_least_600_nouns_and_each_can_be_told_from_the_others():
    nouns = read_nouns(10_000)
    assert len(nouns) >= 600
    for names in ([noun.slug for noun in nouns], [word for noun in nouns for word in noun.words]):
        assert len(set(names)) == len(names)
        assert all(name == name.strip() and name for name in names)


def test_every_noun_has_a_plural_and_a_chinese_name():
    for noun in read_nouns(10_000):
        assert noun.plural, noun
        for name in noun.chinese:
            assert name, noun
            assert any("一" <= character <= "鿿" for character in name), noun


def test_the_shipped_models_nouns_stay_as_they_are_and_in_their_order():
    nouns = read_nouns(SHIPPED)
    assert nouns[0].slug == "cat"
    assert read_nouns(200)[:SHIPPED] == nouns
    slugs = "\n".join(noun.slug for noun in nouns)
    # Drawings are kept by a noun's number, and checkpoints have learnt them: new nouns go to the end of the file.
    assert (
        hashlib.sha256(slugs.encode()).hexdigest() == "198f1b55e7561e789fd80867777f28e9d40a073210ef793768861a66f870ea04"
    )


@pytest.mark.parametrize(
    ("noun", "plural"), [("cat", "cats"), ("fox", "foxes"), ("peach", "peaches"), ("berry", "berries"), ("key", "keys")]
)
def test_a_plural_follows_the_common_rules(noun: str, plural: str):
    assert words.plural(noun) == plural


def test_an_irregular_plural_is_written_in_the_file():
    nouns = {noun.words[0]: noun for noun in read_nouns(SHIPPED)}
    assert nouns["wolf"].plural == "wolves"
    assert nouns["cat"].plural == "cats"


def test_an_article_follows_the_sound_that_a_letter_mostly_has():
    assert words.with_article("owl") == "an owl"
    assert words.with_article("red owl") == "a red owl"


def test_no_two_styles_colours_papers_or_places_share_a_name():
    for table in (words.STYLES, words.COLOURS, words.PAPERS, words.PLACES):
        assert len({entry.name for entry in table}) == len(table)


def test_the_characters_of_the_nouns_and_of_the_tables_are_collected_and_nothing_else():
    found = words.chinese_characters(read_nouns(3))
    assert {"猫", "狗", "马", "渲", "红", "夜", "个", "，"} <= found
    assert not [character for character in found if character.isascii() or character.isspace()]
    assert "猪" not in found
    assert "猪" in words.chinese_characters(read_nouns(5))
