import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fooo.errors import RequestError
from fooo.plan.prompt.grammar import Composed, Plain, Prompt, Weighted
from fooo.plan.prompt.parse import parse
from fooo.plan.prompt.write import unweighed, write, write_whole
from fooo.request import Dialect

MARKS = [
    "(", ")", "[", "]", "()", ":", "|", "\\", "<", ">", " ", "\n", ",", ".", "_", "{", "}", "AND", "BREAK", "BRE", "AK",
    "AN", "D", "embedding:", "embedding", "x.y/z-", "<lora:n:0.8>", "<lora:", "<lora:a b:te=.5:unet=1>", "<lyco:q>",
    "<style:S T>", "<hypernet:h:1>", "a", "b", "九", "1", "1.3", "0.4", "12", ".5", "-2", ":1)", ":0.5]",
    "999999999.9999999999",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(MARKS) | st.characters(), max_size=40).map("".join) | st.text()


def check_round_trip(text: str, dialect: Dialect) -> None:
    try:
        prompt = parse(text, dialect).prompt
    except RequestError:
        return  # too tangled: test_parse.py
    written = write(prompt, dialect)
    assert parse(written, dialect).prompt == prompt
    assert write(parse(written, dialect).prompt, dialect) == written


# 5,000 cases in tests/prove/test_words.py
@settings(max_examples=500, deadline=None)
@given(TEXTS, st.sampled_from(Dialect))
def test_what_is_written_parses_to_the_same_tree(text: str, dialect: Dialect):
    check_round_trip(text, dialect)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a cat", "a cat"),
        ("((w))", "((w))"),
        ("(w:1.1)", "(w)"),
        ("[[w]]", "[[w]]"),
        ("(w: 1.30)", "(w:1.3)"),
        ("(w:2.0)", "(w:2)"),
        ("(w:.00000001)", "(w:0.00000001)"),
        ("a (b", "a (b)"),
        ("(a [b) c]", "(a )[(b) c]"),
        ("[:a:.4]", "[a:0.4]"),
        ("[a:b:1.]", "[a:b:1.0]"),
        ("[a:b: 7]", "[a:b:7]"),
        ("[::7]", "[::7]"),
        ("[a:b]", r"[a\:b]"),
        ("[a|b:3]", r"[a\|b\:3]"),
        ("a  AND b :.50", "a AND b:0.5"),
        ("a:1 AND b", "a AND b"),
        ("a,BREAK b", "a, BREAK b"),
        ("<lyco: x : 1.0>", "<lora:x:1>"),
        ("<lora:x:te=1:unet=.5>", "<lora:x:1:0.5>"),
        ("<hypernet:x:1>", "<hypernet:x>"),
        (r"\(a\) \AND \BREAK \embedding:x \<lora:x:1>", r"\(a\) \AND \BREAK \embedding:x \<lora:x:1>"),
        ("a AND b:.3 <lora:x:1> <style:y>", "a AND b <lora:x:1> <style:y>:0.3"),
        (r"a AND 12\:30 <lora:x:1>", r"a AND 12\:30 <lora:x:1>"),
        ("a AND b:0.3 <lora:x:1> c", "a AND b:0.3 <lora:x:1> c"),
        ("a AND embedding:5", "a AND embedding:5"),
        (r"\a\b", "ab"),
        ("a\\", "a\\\\"),
        ("embedding:x.", r"embedding:x\."),
        ("(embedding:5 )", "(embedding:5 )"),
        (r"(a\:5)", r"(a\:5)"),
        ("a()embedding:x", "a()embedding:x"),
        (r"embedding:x\y", r"embedding:x\y"),
        (r"[\embedding:x:0.4]", r"[\embedding:x:0.4]"),
        (r"[\<lora:x>:0.4]", r"[\<lora:x>:0.4]"),
        (r"(\embedding:1.3)", r"(\embedding:1.3)"),
        ("12:30", "12:30"),
    ],
)
def test_there_is_one_way_to_write_a_tree(text: str, written: str):
    assert write(parse(text).prompt) == written


def test_a_number_that_would_weigh_is_escaped_where_it_would():
    asked = Prompt((Composed((Plain("at 12:30"),)),))
    assert write(asked, Dialect.FOOO) == "at 12:30"
    assert write(asked, Dialect.WEBUI) == r"at 12\:30"
    assert write(Prompt(asked.parts * 2)) == r"at 12\:30 AND at 12\:30"


def test_a_said_weight_is_written_without_those_that_it_stands_in_place_of():
    assert write(parse("a ((red:1.3)) fox", Dialect.FOOOCUS).prompt) == "a (red:1.3) fox"


@pytest.mark.parametrize("text", ["bread AND butter", "12:30", "[a:b:0.5] AND (c)", "a:1 AND b:2", r"\AND", "{x} AND"])
def test_a_whole_text_is_written_as_it_is_read(text: str):
    tree = parse(text, whole=True).prompt.parts[0].tree
    written = write_whole(tree)
    assert parse(written, whole=True).prompt.parts[0].tree == tree
    assert r"\AND" not in written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("16:9", r"16\:9"), (r"16\:9", r"16\:9"), ("1\\\\:9", "1\\\\\\:9"), ("x :.5 ", r"x \:.5 "), ("x:y", "x:y"),
        ("x\\", "x\\\\"), ("x\\\\", "x\\\\"), ("1:2 <lora:x:1>", r"1\:2 <lora:x:1>"), ("", ""), ("(a:9)", "(a:9)"),
    ],
)  # fmt: skip
def test_behind_any_text_a_weight_is_one_and_before_it_none(text: str, expected: str):
    assert unweighed(text) == expected
    parts = parse(f"{expected}:0.5 AND {expected} AND b").prompt.parts
    assert [part.weight for part in parts] == [0.5, 1, 1]


def test_in_fooocus_a_said_weight_stays_said():
    text = "((w:1.1))"
    prompt = parse(text, Dialect.FOOOCUS).prompt
    assert prompt.parts[0].tree == (Weighted((Weighted((Plain("w"),), 1.1, absolute=True),), 1.1),)
    assert write(prompt, Dialect.FOOOCUS) == text


@pytest.mark.parametrize(
    "text", ["(" * 100 + "w" + ")" * 100, "[" * 100 + "w", "([" * 50 + "a" + ")" * 50 + "b" + "]" * 20]
)
def test_the_deepest_brackets_are_written_too(text: str):
    check_round_trip(text, Dialect.FOOO)
    assert len(write(parse(text).prompt)) > 200
