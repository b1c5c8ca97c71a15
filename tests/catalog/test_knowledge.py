import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fooo.catalog import POCKET_FAMILY, Catalog, Knowledge
from fooo.catalog.knowledge import Suggestion, read_knowledge
from fooo.catalog.local_models import find_models
from fooo.errors import ModelError
from fooo.settings import ROOT
from tests.stopwatch import seconds

CONTENT: dict[str, Any] = {
    "nouns": [
        {"words": ["fox"], "plural": "foxes", "chinese": ["狐狸"]},
        {"words": ["mouse"], "plural": "mice", "chinese": ["老鼠"]},
        {"words": ["rabbit", "bunny"], "plural": "rabbits", "chinese": ["兔子"]},
        {"words": ["pine tree", "fir tree"], "plural": "pine trees", "chinese": ["松树"]},
        {"words": ["slice of pizza", "pizza"], "plural": "slices of pizza", "chinese": ["披萨"]},
        {"words": ["shirt", "t-shirt"], "plural": "shirts", "chinese": ["衬衫", "T恤"]},
        {"words": ["glasses"], "plural": "glasses", "chinese": ["眼镜"]},
        {"words": ["bird's nest"], "plural": "bird's nests", "chinese": ["鸟巢"]},
        {"words": ["umbrella"], "plural": "umbrellas", "chinese": []},
        {"words": ["unicorn"], "plural": "unicorns", "chinese": ["独角兽"]},
    ],
    "styles": [
        {"name": "3d render", "words": ["3d render", "3d render, soft light"], "chinese": ["3D渲染"]},
        {"name": "cartoon", "words": ["cartoon", "cartoon illustration"], "chinese": ["卡通"]},
    ],
    "colours": [
        {"words": ["red", "crimson"], "chinese": ["红色"]},
        {"words": ["orange"], "chinese": ["橙色"]},
    ],
    "papers": [{"words": ["light blue"], "chinese": ["浅蓝色"]}],
    "places": [{"words": ["on the grass", "in a meadow"], "chinese": ["在草地上"]}],
    "others": ["above", "tiny", "gradient"],
    "of a later version": 1,
}


@pytest.fixture(scope="module")
def knows(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    folder = tmp_path_factory.mktemp("model")
    (folder / "knows.json").write_text(json.dumps(CONTENT), encoding="utf-8-sig")
    found = read_knowledge(folder)
    assert found
    return found


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "a red fox, cartoon",
        "Two FOXES and 3 mice above a tiny bunny",
        "bunnies, slices of pizza, pizzas; fir trees",
        "a t-shirt, a T shirt, T-Shirts",
        "the fox's glasses, the fox’s bird’s nests",
        "a beautiful masterpiece of a fox, highly detailed, 4k, best quality",
        "(red fox:1.3), [[fox]], ((fox)) <lora:zyxomma:0.8> <style:frump> 1.5",
        "soft light, illustration, light, a fox in a meadow, grass, gradient light-blue background",
        "一只红色的狐狸，卡通",
        "红狐狸和橙色的兔子在草地上，草地",
        "两个3D渲染的T恤，浅蓝色背景",
        "fox 🦊❤️ — “fox” … fox!",
    ],
)
def test_what_it_has_learnt_is_not_beyond_it(knows: Knowledge, prompt: str):
    assert knows.beyond(prompt) == ()


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("an Astronaut on a fox, the astronaut, ASTRONAUT", ("Astronaut",)),
        ("a velociraptor and an astronaut", ("velociraptor", "astronaut")),
        ("(astronaut:1.2)", ("astronaut",)),
        ("a pine, a tree", ("pine", "tree")),
        ("a pine, tree", ("pine", "tree")),
        ("sci-fi fox, fox-zyx, don't", ("sci-fi", "zyx", "don't")),
        ("a 'zyxomma' and a zyxomma's fox", ("zyxomma", "zyxomma's")),
        ("宇航员在月球上", ("宇航员", "月球")),
        ("一只狐狸和宇航员", ("宇航员",)),
        ("a fox和spaceman", ("spaceman",)),
        ("कुत्ता fox", ("कुत्ता",)),
        ("eine Füchsin", ("eine", "Füchsin")),
    ],
)
def test_what_it_has_not_learnt_is_named_once_as_typed_in_order(knows: Knowledge, prompt: str, words: tuple[str, ...]):
    assert knows.beyond(prompt) == words


@given(st.text(max_size=200))
def test_what_is_named_stands_in_the_prompt_and_has_a_letter(prompt: str):
    knows = read_knowledge(ROOT / "models/pocket/base")
    assert knows
    for word in knows.beyond(prompt):
        assert word in prompt
        assert any(character.isalpha() for character in word)


@pytest.mark.parametrize("piece", ["word ", "宇航员", "狐狸", "a-", "'", "w'", "<a:", "<", "((", "slice of ", "\u0301"])
def test_a_prompt_that_is_ten_times_as_long_takes_about_ten_times_as_long(knows: Knowledge, piece: str):
    def seconds_for(length: int) -> float:
        prompt = (piece * length)[:length]
        return seconds(lambda: knows.beyond(prompt))

    # a quadratic way would take a hundred times as long; the rest is room for a busy machine and small numbers
    assert seconds_for(10_000) < 40 * seconds_for(1_000) + 0.01


def test_suggestions_are_different_short_and_within_what_it_has_learnt(knows: Knowledge):
    for chinese in (False, True):
        for seed in range(50):
            prompts = knows.suggestions(random.Random(seed), 4, chinese=chinese)
            assert len(set(prompts)) == 4
            assert all(each.said == each.prompt for each in prompts), "it reads both"
            assert [knows.beyond(each.prompt) for each in prompts] == [()] * 4
            assert max(len(each.prompt) for each in prompts) < 50
            assert all(each.prompt.isascii() is not chinese for each in prompts)


def test_equal_seeds_suggest_the_same(knows: Knowledge):
    assert knows.suggestions(random.Random(1), 3) == knows.suggestions(random.Random(1), 3)
    assert knows.suggestions(random.Random(1), 3) != knows.suggestions(random.Random(2), 3)


def test_suggestions_are_written_as_a_person_would(knows: Knowledge):
    prompts = {each.prompt for seed in range(300) for each in knows.suggestions(random.Random(seed), 10)}
    assert {
        "a red fox, cartoon", "an orange fox, 3d render", "an umbrella, cartoon", "a unicorn, cartoon",
        "glasses, 3d render", "red glasses, cartoon", "a slice of pizza, cartoon",
    } <= prompts  # fmt: skip
    chinese = {each.prompt for seed in range(300) for each in knows.suggestions(random.Random(seed), 10, chinese=True)}
    assert {"红色的狐狸，卡通", "老鼠，3D渲染"} <= chinese


@pytest.mark.parametrize(
    ("noun", "asked"),
    [
        ("hourglass", "an hourglass"), ("heirloom", "an heirloom"), ("house", "a house"), ("horse", "a horse"),
        ("apple", "an apple"), ("oven", "an oven"), ("onion", "an onion"), ("one-eyed cat", "a one-eyed cat"),
        ("umbrella", "an umbrella"), ("urn", "an urn"), ("usher", "an usher"), ("unicorn", "a unicorn"),
        ("uniform", "a uniform"), ("utensil", "a utensil"), ("ukulele", "a ukulele"), ("UFO", "a UFO"),
        ("ewe", "a ewe"), ("european bison", "a european bison"), ("egg", "an egg"), ("owl", "an owl"),
        ("Oak", "an Oak"), ("utter mess", "an utter mess"), ("yak", "a yak"),
    ],
)  # fmt: skip
def test_the_article_goes_by_the_sound(tmp_path: Path, noun: str, asked: str):
    content = {"nouns": [{"words": [noun], "plural": f"{noun}s"}]}
    (tmp_path / "knows.json").write_text(json.dumps(content), encoding="utf-8")
    knows = read_knowledge(tmp_path)
    assert knows
    assert knows.suggestions(random.Random(1), 1) == (Suggestion(asked, asked),)


def test_there_are_never_more_suggestions_than_things(knows: Knowledge):
    assert len(knows.suggestions(random.Random(1), 100)) == 10
    assert len(knows.suggestions(random.Random(1), 100, chinese=True)) == 9
    assert knows.suggestions(random.Random(1), 0) == ()


def test_a_model_that_knows_nouns_only_suggests_these(tmp_path: Path):
    (tmp_path / "knows.json").write_text('{"nouns": [{"words": ["fox"], "plural": "foxes"}]}', encoding="utf-8")
    knows = read_knowledge(tmp_path)
    assert knows
    assert knows.suggestions(random.Random(1), 3, chinese=True) == (Suggestion("a fox", "a fox"),)


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    """The same things, learnt in English only."""
    folder = tmp_path_factory.mktemp("english")
    content = {**CONTENT, "reads_chinese": False}
    (folder / "knows.json").write_text(json.dumps(content), encoding="utf-8")
    found = read_knowledge(folder)
    assert found
    return found


@pytest.mark.parametrize(
    ("prompt", "beyond"),
    [
        ("a red fox, cartoon", ()),
        ("红色的狐狸", ("红色", "狐狸")),
        ("红狐狸在草地上", ("红", "狐狸", "在草地上")),
        ("两只兔子，卡通", ("兔子", "卡通")),
        ("狐狸宇航员", ("狐狸", "宇航员")),
        ("宇航员狐狸宇航服", ("宇航员", "狐狸", "宇航服")),
        ("a fox and 独角兽", ("独角兽",)),
    ],
)
def test_a_model_that_reads_english_only_has_no_chinese_name_learnt_and_each_is_a_word(
    english: Knowledge, prompt: str, beyond: tuple[str, ...]
):
    assert english.beyond(prompt) == beyond


def test_a_chinese_name_that_it_does_not_read_leads_to_its_english_one(english: Knowledge, knows: Knowledge):
    said = ("狐狸", "T恤", "红色", "红", "在草地上", "草地", "3D渲染", "宇航员", "fox", "")
    assert [english.english_of(word) for word in said] == [
        "fox", "shirt", "red", "red", "on the grass", "on the grass", "3d render", "", "", "",
    ]  # fmt: skip
    assert {knows.english_of(word) for word in said} == {""}, "it reads them as they are"


def test_it_suggests_what_it_reads_and_says_it_as_a_person_does(english: Knowledge):
    found = english.suggestions(random.Random(1), 5, chinese=True)
    assert len(found) == 5
    for each in found:
        assert each.prompt.isascii()
        assert not each.said.isascii()
        assert english.beyond(each.prompt) == ()
    said = {
        each.said: each.prompt
        for seed in range(300)
        for each in english.suggestions(random.Random(seed), 10, chinese=True)
    }
    assert said["红色的狐狸，卡通"] == "a red fox, cartoon"


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("狐狸", "fox"), ("红色的狐狸", "red fox"), ("一只狐狸，卡通", "fox, cartoon"),
        ("a 狐狸, cartoon", "a fox, cartoon"), ("宇航员和狐狸", "宇航员 and fox"),
        ("两只狐狸", "two foxes"), ("三只红色的狐狸，卡通", "three red foxes, cartoon"), ("2只狐狸", "two foxes"),
        ("四个，狐狸", "four, fox"),
        ("(狐狸:1.2)、卡通", "(fox:1.2), cartoon"), ("狐狸在草地上", "fox on the grass"),
        ("<lora:狐狸:1> 狐狸", "<lora:狐狸:1> fox"), ("a fox", ""), ("宇航员", ""), ("的", ""), ("", ""),
    ],
)  # fmt: skip
def test_chinese_names_are_written_in_english_where_it_reads_that_alone(
    knows: Knowledge, english: Knowledge, typed: str, written: str
):
    assert english.in_english(typed) == written
    assert knows.in_english(typed) == "", "it reads them as they are"


def test_a_model_without_the_file_says_nothing(tmp_path: Path):
    assert read_knowledge(tmp_path) is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is wrong at its beginning: Invalid JSON"),
        ("[" * 100_000, "is wrong at its beginning: Invalid JSON"),
        ("[]", "is wrong at its beginning: "),
        ("{}", "is wrong at nouns: Field required"),
        ('{"nouns": []}', "is wrong at nouns: "),
        ('{"nouns": [{"words": ["fox"]}]}', "is wrong at nouns.0.plural: Field required"),
        ('{"nouns": [{"words": [""], "plural": "a"}]}', "is wrong at nouns.0.words.0: "),
        ('{"nouns": [{"words": ["a"], "plural": "a"}], "styles": [{"words": []}]}', "is wrong at styles.0.words: "),
        (b"\xff\xfe", "is wrong at its beginning: Invalid JSON"),
    ],
)
def test_a_broken_file_is_named_in_one_sentence(tmp_path: Path, content: str | bytes, says: str):
    shutil.copytree(ROOT / "models/pocket/base/unet", tmp_path / "mine/unet")
    path = tmp_path / "mine" / "knows.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ModelError) as told:
        find_models([tmp_path])
    sentence = str(told.value)
    assert sentence.startswith(f"The model file {path} {says}")
    assert sentence.endswith("; mend or remove it.")
    assert "\n" not in sentence


def test_a_folder_in_its_place_is_told_too(tmp_path: Path):
    (tmp_path / "knows.json").mkdir()
    with pytest.raises(ModelError, match=r"knows\.json cannot be read"):
        read_knowledge(tmp_path)


def test_the_pocket_model_says_what_it_has_learnt_and_its_examples_are_within(catalog: Catalog):
    knows = catalog.models["pocket/base"].knows
    assert knows
    assert catalog.models["pocket/refiner"].knows is None
    for prompt in ("a red apple, glossy", "a cat, 3d render", "a castle, cartoon", "three strawberries"):
        assert knows.beyond(prompt) == ()


def test_the_pocket_model_tells_in_english_what_a_chinese_person_may_ask_for(catalog: Catalog):
    knows = catalog.models["pocket/base"].knows
    assert knows
    assert knows.beyond("红色的猫") == ("红色", "猫")
    assert [knows.english_of(word) for word in ("红色", "猫", "小汽车", "线稿", "宇航员")] == [
        "red", "cat", "car", "line art", "",
    ]  # fmt: skip


def test_the_pocket_model_has_learnt_the_styles_of_its_family(catalog: Catalog):
    knows = catalog.models["pocket/base"].knows
    assert knows
    styles = catalog.families()[POCKET_FAMILY]
    assert len(styles) == 11
    assert [knows.beyond(style.prompt.replace("{prompt}", "a red fox")) for style in styles] == [()] * 11
