import json
from pathlib import Path

import pytest

from fooo.interface.i18n import LANGUAGES, read_languages
from fooo.interface.languages import Sentences
from tests.stopwatch import seconds

ZH = read_languages()["zh"].sentences

SAY = Sentences(
    {
        "is gone": "不见了",
        "{name} is gone": "{name}不见了",
        "{first} and {second}": "{second}和{first}",
        "The file {path} {problem}; {hint}.": "文件 {path} {problem}；{hint}。",
        "mend it": "请改正",
    }
)


@pytest.mark.parametrize(
    ("english", "said"),
    [
        ("is gone", "不见了"),
        ("mine is gone", "mine不见了"),
        ("one and two", "two和one"),
        ("one and two and three", "three和two和one"),
        ("The file a.txt is gone; mend it.", "文件 a.txt 不见了；请改正。"),
        ("The file a.txt is odd; mend it.", "文件 a.txt is odd；请改正。"),
        ("is going", "is going"),
        ("is gone ", "is gone "),
        ("", ""),
    ],
)
def test_a_sentence_is_said_in_the_language_and_what_it_does_not_know_stays(english: str, said: str) -> None:
    assert SAY(english) == said


def test_the_most_particular_sentence_is_taken() -> None:
    say = Sentences({"{name} is gone": "一", "the {name} is gone": "二", "the key is gone": "三"})
    assert [say(f"{name} is gone") for name in ("a key", "the cat", "the key")] == ["一", "二", "三"]


@pytest.mark.parametrize("word", ["{name}", "{0}", "{", "}{", "{first} and {second}", "\\1", r"\g<1>", "\n", "(.*)+$"])
def test_what_people_write_is_kept_as_it_is(word: str) -> None:
    assert Sentences({"{name} is gone": "{name}不见了"})(f"{word} is gone") == f"{word}不见了"


def test_a_language_without_sentences_leaves_them_in_english() -> None:
    assert read_languages()["en"].sentences("is gone") == "is gone"


@pytest.mark.parametrize(
    "hostile",
    [
        "a" * 10_000,
        "; " * 5_000,
        ": ; ." * 2_000,
        " and " * 2_000,
        "The model file " * 700,
        "{field}: {problem}; {hint}." * 400,
        "\n" * 10_000,
        "is gone" * 1_400,
        "(" * 10_000,
    ],
)
def test_hostile_text_takes_no_time(hostile: str) -> None:
    # 10,000 characters take some milliseconds; a search that goes back and forth would take minutes
    assert seconds(lambda: ZH(f"there is no {hostile!r}"), enough=0.2) < 0.2
    assert seconds(lambda: ZH(hostile), enough=0.2) < 0.2


def test_sentences_within_sentences_come_to_an_end() -> None:
    say = Sentences({"a{more}": "b{more}"})
    assert say("a" * 100).endswith("a" * 90)


def test_a_language_is_a_file_and_its_errors_are_another(tmp_path: Path) -> None:
    (tmp_path / "errors").mkdir()
    english = (LANGUAGES / "en.json").read_text(encoding="utf-8")
    for code in ("en", "de", "fr"):
        (tmp_path / f"{code}.json").write_text(english, encoding="utf-8")
    (tmp_path / "errors" / "de.json").write_text(json.dumps({"is gone": "ist weg"}), encoding="utf-8")
    said = {code: words.sentences("is gone") for code, words in read_languages(tmp_path).items()}
    assert said == {"en": "is gone", "de": "ist weg", "fr": "is gone"}
