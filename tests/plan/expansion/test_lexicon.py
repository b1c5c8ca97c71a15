from collections.abc import Callable

import pytest

from fooo.plan.expansion import Kind, Library
from fooo.plan.expansion.reading import DATA

KindOf = Callable[[str], Kind | None]

NOUNS = {
    Kind.PERSON: "baker woman child king nurse astronaut dancers people fisherman witch crowd soldier",
    Kind.ANIMAL: "dog cats butterfly wolves mice dragon owl horse shark bee penguin fox",
    Kind.LANDSCAPE: "river mountain forest beach desert clouds island waterfall sunset meadow galaxy",
    Kind.BUILDING: "bridge castle house street kitchen churches skyscraper city library lighthouse temple",
    Kind.FOOD: "soup bread strawberries pizza cake coffee noodles cheese salad apple sushi",
    Kind.OBJECT: "guitar car knives teapot sword rose chair clock robot bicycle violin umbrella",
    Kind.ABSTRACT: "idea truth justice theory pattern freedom method",
}

PROMPTS = {
    "a photo of a red fox": Kind.ANIMAL,
    "a bowl of ramen": Kind.FOOD,
    "a glass of red wine on a table": Kind.FOOD,
    "portrait of an old man": Kind.PERSON,
    "portrait": Kind.PERSON,
    "in a dark forest, a small girl with a lantern": Kind.PERSON,
    "a castle on a hill": Kind.BUILDING,
    "a girl in a dress with a geometric pattern": Kind.PERSON,
    "a cat sleeping on a sofa": Kind.ANIMAL,
    "a red sports car": Kind.OBJECT,
    "an orange cat": Kind.ANIMAL,
    "an orange": Kind.FOOD,
    "polar bear": Kind.ANIMAL,
    "teddy bear": Kind.OBJECT,
    "hot dog": Kind.FOOD,
    "roast chicken with potatoes": Kind.FOOD,
    "a field of sunflowers": Kind.LANDSCAPE,
    "two dogs running on the beach": Kind.ANIMAL,
    "abstract waves of colour": Kind.ABSTRACT,
    "masterpiece, best quality, 1girl, solo": Kind.PERSON,
    "a man riding a horse": Kind.PERSON,
    "a street without cars": Kind.BUILDING,
    "logo of a fox": Kind.ANIMAL,
    "flurbo glimmix": None,
    "一只猫坐在窗台上": Kind.ANIMAL,
    "戴帽子的猫": Kind.ANIMAL,
    "在森林里的小女孩": Kind.PERSON,
    "穿红色裙子的女孩在花园里": Kind.PERSON,
    "一碗牛肉面": Kind.FOOD,
    "小猫的油画": Kind.ANIMAL,
    "夜晚的城市": Kind.BUILDING,
    "竹林小径": Kind.LANDSCAPE,
    "猫咪咖啡馆": Kind.BUILDING,
    "水墨山水": Kind.LANDSCAPE,
    "一把吉他": Kind.OBJECT,
    "没有人的海滩": Kind.LANDSCAPE,
    "爱情": Kind.ABSTRACT,
    "森林里": Kind.LANDSCAPE,
    "一只 fox 在雪地里": Kind.ANIMAL,
}


def test_it_knows_more_than_2000_english_and_300_chinese_nouns(library: Library):
    assert len(library.lexicon.english) >= 6000
    assert len(library.lexicon.chinese) >= 300
    assert set(library.lexicon.english.values()) == set(Kind)


def test_it_is_small():
    assert (DATA / "nouns.json").stat().st_size <= 60 * 1024


def test_the_licence_of_wordnet_lies_beside_it():
    assert "WordNet 3.1 Copyright 2011 by Princeton University" in (DATA / "WORDNET-LICENCE.txt").read_text()


@pytest.mark.parametrize(("kind", "noun"), [(kind, noun) for kind, nouns in NOUNS.items() for noun in nouns.split()])
def test_a_common_noun_is_of_the_kind_that_is_pictured(kind_of: KindOf, kind: Kind, noun: str):
    assert kind_of(noun) is kind


@pytest.mark.parametrize(("prompt", "kind"), list(PROMPTS.items()))
def test_a_prompt_is_of_the_head_of_its_first_noun_phrase(kind_of: KindOf, prompt: str, kind: Kind | None):
    assert kind_of(prompt) is kind


def test_no_chinese_noun_stands_under_two_kinds():
    lines = (DATA / "nouns.zh.json").read_text(encoding="utf-8")
    words = [word for line in lines.splitlines() for word in line.strip(' ",[]').split()]
    chinese = [word for word in words if not word.isascii()]
    assert len(chinese) == len(set(chinese))
