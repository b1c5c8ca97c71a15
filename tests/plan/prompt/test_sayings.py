import pytest

from fooo.catalog import Catalog, read_tokens
from fooo.plan.prompt.chunks import LearntToken, Mark
from fooo.plan.prompt.parse import parse
from fooo.plan.prompt.sayings import Learnt, Said, Saying, cut, said_at, said_first, stretches


def said(text: str, step: int = 0, steps: int = 10) -> Saying:
    (part,) = parse(text).prompt.parts
    return said_at(part.tree, step, steps)


def told(text: str, steps: int) -> list[tuple[int, str]]:
    """Where each stretch ends, and its words."""
    (part,) = parse(text).prompt.parts
    return [
        (each.until, "".join(word.text for word in each.saying if isinstance(word, Said)))
        for each in stretches(part.tree, steps)
    ]


def test_plain_words_are_said_as_they_stand_at_every_step():
    assert told("a red cat", 20) == [(20, "a red cat")]


def test_no_words_say_nothing_for_the_whole_picture():
    assert told("", 20) == [(20, "")]


def test_weights_of_nested_brackets_multiply():
    words = said("a ((red)) [cat] (dog:1.5)")
    weights = {each.text.strip(): round(each.weight, 4) for each in words if isinstance(each, Said)}
    assert weights == {"a": 1, "red": 1.21, "": 1, "cat": 0.9091, "dog": 1.5}


def test_a_break_stands_between_the_words():
    first, mark, second = said("a cat BREAK a dog")
    assert isinstance(first, Said)
    assert isinstance(second, Said)
    assert (first.text.strip(), mark, second.text.strip()) == ("a cat", Mark.BREAK, "a dog")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[cat:dog:0.5]", [(5, "cat"), (10, "dog")]),
        ("[cat:dog:3]", [(3, "cat"), (10, "dog")]),
        ("[cat::0.4]", [(4, "cat"), (10, "")]),
        ("[dog:0.4]", [(4, ""), (10, "dog")]),
        ("[cat:dog:12]", [(10, "cat")]),
        ("[cat:dog:0]", [(10, "dog")]),
        ("[a:[b:c:0.8]:0.2]", [(2, "a"), (8, "b"), (10, "c")]),
    ],
)
def test_a_schedule_changes_behind_its_step(text: str, expected: list[tuple[int, str]]):
    assert told(text, 10) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [("[cat:dog:0.5]", "cat"), ("[cat:dog:0.01]", "cat"), ("[cat:dog:1]", "cat"), ("[cat:dog:0]", "dog"),
     ("[cat:dog:0.0]", "dog"), ("[dog:0.4]", ""), ("[cat|dog]", "cat")],
)  # fmt: skip
def test_the_first_step_is_known_before_the_number_of_steps_is(text: str, words: str):
    (part,) = parse(text).prompt.parts
    assert said_first(part.tree) == ((Said(words),) if words else ())


def test_an_alternation_goes_round():
    assert told("[a|b|c]", 5) == [(1, "a"), (2, "b"), (3, "c"), (4, "a"), (5, "b")]


def test_a_weight_around_a_schedule_holds_in_both_of_its_halves():
    assert said("([cat:dog:0.5]:1.3)", 0) == (Said("cat", 1.3),)
    assert said("([cat:dog:0.5]:1.3)", 9) == (Said("dog", 1.3),)


def test_tags_say_nothing():
    assert "".join(each.text for each in said("a <lora:x:0.5>cat") if isinstance(each, Said)) == "a cat"


def test_an_embedding_is_said_by_its_name_with_the_weight_of_its_brackets():
    assert said("a (embedding:mine/x:1.2)cat") == (Said("a "), Learnt("mine/x", 1.2), Said("cat"))


def test_an_embedding_takes_as_many_tokens_as_it_has_vectors(catalog: Catalog):
    tokens = read_tokens(catalog.models["pocket/base"].folder / "tokenizer")
    saying = said("a embedding:x cat")
    (before,) = tokens.ids("a")
    (chunk,) = cut(saying, tokens, {"x": 2})
    assert chunk.ids == (before, LearntToken("x", 0), LearntToken("x", 1), *tokens.ids("cat"))
    first, second = cut(saying, tokens, {"x": 75})
    assert (len(first.ids), len(second.ids)) == (75, 1 + len(tokens.ids("cat")))
    assert len(cut(saying, tokens)[0].ids) == 2 + len(tokens.ids("cat"))
