import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fooo.plan.expansion import Facet, Library, Look, read_wish
from fooo.plan.expansion.words import MARK, length, plain, stem, tokens


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("a (red:1.3) [fox]", "a red fox"),
        ("((masterpiece)), <lora:my_lora:0.8> cat", "masterpiece cat"),
        ("a cat <style:Oil Painting>", "a cat"),
        ("a {red|blue} __animals/birds__ hat", "a red blue hat"),
        ("[cat:dog:0.4] in a hat", "cat dog in a hat"),
        ("a cat AND a dog:0.7 BREAK at night", "a cat a dog at night"),
        (r"a \(smiling\) cat", "a smiling cat"),
        ("long_hair, 1girl", "long hair 1girl"),
        ("embedding:bad-hands.pt a cat", "a cat"),
        ("A Dragon’s lair, 16:9", "a dragon lair 16 9"),
        ("ｆｕｌｌ ｗｉｄｔｈ", "full width"),
        ("一只猫，在窗台上。", "一只猫 在窗台上"),
    ],
)
def test_plain_words_are_left_of_the_syntax_of_prompts(prompt: str, words: str):
    assert " ".join(each for each in tokens(plain(prompt)) if each != MARK) == words


def test_two_chinese_characters_count_as_a_word():
    assert length(tokens(plain("a cat, 猫坐在窗台"))) == 2 + 3


@pytest.mark.parametrize(
    "forms",
    [
        "mist misty", "glow glowing glows", "light lights lighting lit", "colour colours colorful colored coloured",
        "sun sunny", "fog foggy", "photo photograph photography photographic", "detail detailed details",
        "cozy cosy", "blur blurred blurry", "grey gray", "gold golden", "soft softly softness",
        "dream dreamy dreamlike", "shadow shadows shadowy", "texture textures textured", "gloss glossy",
    ],
)  # fmt: skip
def test_forms_of_a_word_have_one_stem(forms: str):
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize("pair", ["glass grass", "red read", "tree three", "fur fun", "sea seal"])
def test_other_words_have_another_stem(pair: str):
    one, other = pair.split()
    assert stem(one) != stem(other)


@settings(deadline=None)
@given(st.text(string.ascii_lowercase, min_size=1, max_size=30))
def test_a_stem_is_never_empty_and_is_its_own_stem_or_shorter(word: str):
    assert stem(word)
    assert len(stem(word)) <= len(word) + 1


@pytest.mark.parametrize(
    ("prompt", "has"),
    [
        ("a close-up of a cat", "close fur pet"),
        ("a house at golden hour", "dusk outdoor warm"),
        ("a film still of a woman", "people"),
        ("dark chocolate", ""),
        ("a kitchen", "indoor"),
        ("a house", "outdoor"),
        ("a house in space", "space"),
        ("夜晚的花园，下雨", "night rain"),
        ("a landscape without fog", "outdoor wide"),
        ("two dogs", "few fur pet"),
    ],
)
def test_what_is_said_about_the_scene_is_heard(library: Library, prompt: str, has: str):
    heard = library.traits.names(read_wish(prompt, library).has)
    assert set(has.split()) <= set(heard)
    assert {"still", "calm", "dark", "fog"}.isdisjoint(heard)


@pytest.mark.parametrize(
    ("prompt", "lacks"),
    [
        ("a street, no people", "people crowd"),
        ("a street without people or fog, at night", "people fog"),
        ("a cloud-free beach", "clouds"),
        ("没有人的街道", "people"),
        ("a beach, not crowded", "crowd"),
        ("a deserted road", "people"),
    ],
)
def test_what_is_denied_is_lacking(library: Library, prompt: str, lacks: str):
    wish = read_wish(prompt, library)
    assert set(lacks.split()) <= set(library.traits.names(wish.lacks))
    assert not wish.has & wish.lacks


def test_a_denial_ends_with_its_phrase(library: Library):
    wish = read_wish("a street, no people, heavy rain", library)
    assert wish.has & library.traits.mask(["rain"])


@pytest.mark.parametrize(
    ("prompt", "looks"),
    [
        ("photo of a cat", [Look.PHOTO]),
        ("a cat, oil painting", [Look.PAINTING]),
        ("anime girl", [Look.ANIME]),
        ("3d render of a robot", [Look.THREE_D]),
        ("pencil sketch of a dog", [Look.LINE]),
        ("一只猫的油画", [Look.PAINTING]),
        ("动漫少女", [Look.ANIME]),
        ("a cat", []),
    ],
)
def test_the_look_is_read_from_the_prompt(library: Library, prompt: str, looks: list[Look]):
    assert list(read_wish(prompt, library).looks) == looks


def test_it_is_read_which_facets_the_person_spoke_about(library: Library):
    assert read_wish("a cat, soft window light, 85mm", library).facets == {Facet.LIGHT, Facet.LENS}


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_text_is_read(library: Library, text: str):
    wish = read_wish(text, library, around=text[::-1], avoid=text[:20])
    assert wish.length >= 0


@pytest.mark.parametrize("text", ["(" * 10_000, "的" * 10_000, "1" * 10_000, "_" * 10_000, "a:" * 5_000, "在" * 10_000])
def test_a_nonsensical_text_of_10000_characters_is_read(library: Library, text: str):
    assert read_wish(text, library).kind is None
