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


@pytest.mark.parametrize(
    ("name", "several"),
    [
        ("bunch of grapes", "bunches of grapes"),
        ("bowl of ice cream", "bowls of ice cream"),
        ("kitchen knife", "kitchen knives"),
        ("policeman", "policemen"),
        ("human", "humans"),
        ("goldfish", "goldfish"),
        ("person on a bike", "people on a bike"),
        ("person meditating", "people meditating"),
        ("fallen leaf", "fallen leaves"),
        ("wine glass", "wine glasses"),
        ("box", "boxes"),
        ("ox", "oxen"),
        ("hero", "heroes"),
        ("monarch", "monarchs"),
    ],
)
def test_the_word_that_is_counted_is_the_one_that_changes(name: str, several: str):
    assert words.plural(name) == several


def test_of_a_word_that_is_not_counted_the_first_word_is_counted_instead():
    nouns = {name: noun for noun in read_nouns(10_000) for name in noun.words}
    for name, several in (
        ("grapes", "bunches of grapes"),
        ("grape", "grapes"),
        ("bread", "loaves of bread"),
        ("eyeglasses", "glasses"),
        ("trousers", "pairs of jeans"),
        ("table tennis", "ping pong paddles"),
        ("tennis racket", "tennis rackets"),
    ):
        assert nouns[name].plural_of(name) == several


def test_no_word_that_is_a_plural_already_is_counted():
    counted = {name for noun in read_nouns(10_000) for name in noun.words if words.is_counted(name)}
    simple = {name for name in counted if not {"of", "with", "over"} & set(name.split())}
    ends_like_one = {name for name in simple if name.endswith("s") and not name.endswith(("ss", "us"))}
    assert ends_like_one == {
        "fleur-de-lis", "hundred points", "monkey covering its eyes", "rhinoceros", "skull and crossbones",
    }  # fmt: skip


@pytest.mark.parametrize(
    "told",
    [
        "an owl", "a red owl", "a unicorn", "a uniform", "an unimpressed face", "an unidentified thing", "a ufo",
        "an umbrella", "a ukulele", "a utensil", "an urn", "a usual thing", "an usher", "a ewe", "an egg", "a euro",
        "a one-eyed cat", "an onion", "an hourglass", "a house", "a herb", "an 8-bit pixel art", "a 3d render",
        "an x-ray", "a t-shirt", "an suv", "a tv", "an id card", "an nfl ball", "a bunch of grapes", "a loaf of bread",
        "a french horn", "grapes", "small red grapes", "black glasses", "milk", "french fries", "santa claus",
    ],
)  # fmt: skip
def test_an_article_follows_the_sound_and_what_is_not_counted_has_none(told: str):
    assert words.with_article(told.removeprefix("an ").removeprefix("a ")) == told


def test_no_style_of_what_is_drawn_when_none_is_asked_for_is_named_twice():
    assert len(set(words.PLAIN_STYLES)) == len(words.PLAIN_STYLES)
    assert set(words.PLAIN_STYLES) < set(words.STYLE)


def test_no_two_styles_colours_papers_or_places_share_a_name():
    for table in (words.STYLES, words.COLOURS, words.PAPERS, words.PLACES):
        assert len({entry.name for entry in table}) == len(table)


def test_the_characters_of_the_nouns_and_of_the_tables_are_collected_and_nothing_else():
    found = words.chinese_characters(read_nouns(3))
    assert {"猫", "狗", "马", "渲", "红", "夜", "个", "，"} <= found
    assert not [character for character in found if character.isascii() or character.isspace()]
    assert "猪" not in found
    assert "猪" in words.chinese_characters(read_nouns(5))
