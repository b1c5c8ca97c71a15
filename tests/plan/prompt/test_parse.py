import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fooo.errors import RequestError
from fooo.plan.prompt.grammar import (
    Alternating,
    Break,
    Composed,
    Embedding,
    Hypernetwork,
    Lora,
    Node,
    Nodes,
    Notice,
    NoticeKind,
    Plain,
    Prompt,
    Scheduled,
    Share,
    Step,
    StyleName,
    Weighted,
    leaves,
)
from fooo.plan.prompt.parse import DEEPEST, LONGEST_PROMPT, parse
from fooo.plan.prompt.write import write
from fooo.request import Dialect
from tests.stopwatch import seconds

A, B, C = (Plain("a"),), (Plain("b"),), (Plain("c"),)


def tree(text: str, dialect: Dialect = Dialect.FOOO) -> Nodes:
    (part,) = parse(text, dialect).prompt.parts
    return part.tree


def kinds(text: str, dialect: Dialect = Dialect.FOOO) -> list[tuple[NoticeKind, int]]:
    return [(notice.kind, notice.position) for notice in parse(text, dialect).notices]


def weights(text: str, dialect: Dialect) -> list[tuple[str, float]]:
    return [(leaf.text, weight) for leaf, weight in leaves(tree(text, dialect)) if isinstance(leaf, Plain)]


@pytest.mark.parametrize("dialect", [Dialect.FOOO, Dialect.WEBUI])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("w", [("w", 1)]),
        ("(w)", [("w", 1.1)]),
        ("((w))", [("w", 1.21)]),
        ("(((w)))", [("w", 1.331)]),
        ("[w]", [("w", 0.9090909)]),
        ("[[w]]", [("w", 0.8264463)]),
        ("[[[w]]]", [("w", 0.7513148)]),
        ("(w:1.3)", [("w", 1.3)]),
        ("(w:.5)", [("w", 0.5)]),
        ("(w:1.)", [("w", 1)]),
        ("(w:-1)", [("w", -1)]),
        ("(w : +2 )", [("w ", 2)]),
        ("((w:1.3))", [("w", 1.43)]),
        ("((w):1.3)", [("w", 1.43)]),
        ("[(w:1.3)]", [("w", 1.1818182)]),
        ("(a, b:1.3)", [("a, b", 1.3)]),
        ("(a:b:1.3)", [("a:b", 1.3)]),
        ("a (b (c:1.2) d", [("a ", 1), ("b ", 1.1), ("c", 1.32), (" d", 1.1)]),
        ("a [b", [("a ", 1), ("b", 0.9090909)]),
        ("(a [b) c] d", [("a ", 1.1), ("b", 1), (" c", 0.9090909), (" d", 1)]),
        ("[a (b] c) d", [("a ", 0.9090909), ("b", 1), (" c", 1.1), (" d", 1)]),
        ("a) b] c", [("a) b] c", 1)]),
        (r"\(w\) \[v\] \\", [("(w) [v] \\", 1)]),
        (r"(w\):1.3)", [("w)", 1.3)]),
        (r"(w\:1.3)", [("w:1.3", 1.1)]),
        ("(w:1.2.3)", [("w:1.2.3", 1.1)]),
        ("(w:1e3)", [("w:1e3", 1.1)]),
        ("()(:1.3)[]", []),
        ("a()b", [("ab", 1)]),
        ("it costs 5:30 (or so)", [("it costs 5:30 ", 1), ("or so", 1.1)]),
    ],
)
def test_brackets_weigh_as_in_the_webui(text: str, expected: list[tuple[str, float]], dialect: Dialect):
    found = weights(text, dialect)
    assert [word for word, _ in found] == [word for word, _ in expected]
    assert [weight for _, weight in found] == pytest.approx([weight for _, weight in expected], rel=1e-6)


@pytest.mark.parametrize(
    ("text", "weight"), [("((w))", 1.21), ("((w:1.3))", 1.3), ("((w):1.3)", 1.43), ("(((w):1.3))", 1.43)]
)
def test_in_fooocus_a_number_stands_in_place_of_the_weights_around_it(text: str, weight: float):
    ((_, found),) = weights(text, Dialect.FOOOCUS)
    assert found == pytest.approx(weight)


def test_in_fooocus_square_brackets_and_capital_words_are_letters():
    text = "[red:blue:0.5] AND [a|b], BREAK (c)"
    assert parse(text, Dialect.FOOOCUS).prompt.parts == (
        Composed((Plain("[red:blue:0.5] AND [a|b], BREAK "), Weighted((Plain("c"),), 1.1))),
    )


@given(st.text(st.sampled_from("()[]:.1230|ab, \\"), max_size=24))
def test_what_was_read_as_fooocus_weighs_the_same_in_our_own_dialect(text: str):
    prompt = parse(text, Dialect.FOOOCUS).prompt
    again = parse(write(prompt, Dialect.FOOO)).prompt

    def letters(tree: Nodes) -> list[tuple[str, float]]:
        found = [(leaf.text, weight) for leaf, weight in leaves(tree) if isinstance(leaf, Plain)]
        return [(letter, weight) for words, weight in found for letter in words]

    before, after = letters(prompt.parts[0].tree), letters(again.parts[0].tree)
    assert [letter for letter, _ in after] == [letter for letter, _ in before]
    # a factor is a quotient of two weights: some rounding in the last digits
    assert [weight for _, weight in after] == pytest.approx([weight for _, weight in before], rel=1e-9)


def by_ranges(text: str) -> list[tuple[str, float]]:
    """Each letter's weight, the other way: a bracket that closes multiplies everything since it was opened."""
    letters: list[list[str | float]] = []
    open_at: dict[str, list[int]] = {"(": [], "[": []}
    factor = {"(": 1.1, "[": 1 / 1.1}

    def multiply(start: int, by: float) -> None:
        for letter in letters[start:]:
            letter[1] = float(letter[1]) * by

    for said in re.findall(r":2\)|.", text, re.DOTALL):
        opener = {")": "(", "]": "["}.get(said[-1], "")
        if said in open_at:
            open_at[said].append(len(letters))
        elif opener and open_at[opener]:
            multiply(open_at[opener].pop(), 2.0 if len(said) > 1 else factor[opener])
        else:
            letters.extend([letter, 1.0] for letter in said)
    for opener, starts in open_at.items():
        for start in starts:
            multiply(start, factor[opener])
    return [(str(letter), float(weight)) for letter, weight in letters]


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(["a", "b ", "(", "(", "[", ")", "]", ":2)"]), max_size=30).map("".join))
def test_brackets_in_any_order_weigh_every_letter_as_ranges_do(text: str):
    prompt = parse(text).prompt
    found = [(letter, weight) for word, weight in weights(text, Dialect.FOOO) for letter in word]
    expected = by_ranges(text)
    assert "".join(letter for letter, _ in expected).strip() == "".join(letter for letter, _ in found).strip()
    without_ends = [pair for pair in expected if pair[0] != " "]
    assert [weight for letter, weight in found if letter != " "] == pytest.approx(
        [weight for _, weight in without_ends]
    )
    assert len(prompt.parts) == 1


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("[a:b:0.4]", Scheduled(A, B, Share(0.4))),
        ("[a:b:.4]", Scheduled(A, B, Share(0.4))),
        ("[a:b:12]", Scheduled(A, B, Step(12))),
        ("[a:b: 12 ]", Scheduled(A, B, Step(12))),
        ("[a:b:1.0]", Scheduled(A, B, Share(1.0))),
        ("[a:b:1]", Scheduled(A, B, Step(1))),
        ("[a::0.4]", Scheduled(A, (), Share(0.4))),
        ("[a:0.4]", Scheduled((), A, Share(0.4))),
        ("[:a:0.4]", Scheduled((), A, Share(0.4))),
        ("[::3]", Scheduled((), (), Step(3))),
        ("[a|b|c]", Alternating((A, B, C))),
        ("[a|]", Alternating((A, ()))),
        ("[[a:b:3]:c:0.5]", Scheduled((Scheduled(A, B, Step(3)),), C, Share(0.5))),
        ("[a|[b|c]]", Alternating((A, (Alternating((B, C)),)))),
        ("[(a:1.2):b:0.4]", Scheduled((Weighted(A, 1.2),), B, Share(0.4))),
        ("([a:b:0.4]:1.2)", Weighted((Scheduled(A, B, Share(0.4)),), 1.2)),
        ("[a:<lora:b:1>:5]", Scheduled(A, (Lora("b", 1, 1),), Step(5))),
        ("[a:b]", Weighted((Plain("a:b"),), 1 / 1.1)),
        ("[a:b:c:0.4]", Weighted((Plain("a:b:c:0.4"),), 1 / 1.1)),
        ("[a|b:0.4]", Weighted((Plain("a|b:0.4"),), 1 / 1.1)),
        (r"[a\:b:0.4]", Scheduled((), (Plain("a:b"),), Share(0.4))),
        (r"[a\|b|c]", Alternating(((Plain("a|b"),), C))),
        ("[a:b:0.4", Weighted((Plain("a:b:0.4"),), 1 / 1.1)),
        ("a|b", Plain("a|b")),
        ("(a|b)", Weighted((Plain("a|b"),), 1.1)),
    ],
)
def test_square_brackets_schedule_and_alternate(text: str, node: Node):
    assert tree(text) == (node,)


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("a BREAK b", (*A, Break(), *B)),
        ("a,\nBREAK\nb", (Plain("a,"), Break(), *B)),
        ("BREAK", (Break(),)),
        ("(a BREAK b:1.2)", (Weighted((*A, Break(), *B), 1.2),)),
        ("BREAKFAST OUTBREAK break", (Plain("BREAKFAST OUTBREAK break"),)),
        (r"\BREAK", (Plain("BREAK"),)),
        ("BREAK BREAK", (Break(), Break())),
    ],
)
def test_break_is_a_word_in_capitals(text: str, nodes: Nodes):
    assert tree(text) == nodes


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a AND b", [(A, 1), (B, 1)]),
        ("a:0.3 AND b :0.7 AND c: -1", [(A, 0.3), (B, 0.7), (C, -1)]),
        ("a AND", [(A, 1), ((), 1)]),
        ("SAND aANDb and", [((Plain("SAND aANDb and"),), 1)]),
        (r"a \AND b", [((Plain("a AND b"),), 1)]),
        ("(a AND b)", [((Weighted((Plain("a "),), 1.1),), 1), ((Plain("b)"),), 1)]),
        ("<style:a AND b> AND c", [((StyleName("a AND b"),), 1), (C, 1)]),
        (r"a AND b\:0.7", [(A, 1), ((Plain("b:0.7"),), 1)]),
        ("a:0.7", [((Plain("a:0.7"),), 1)]),
    ],
)
def test_and_parts_prompts_that_may_be_weighed(text: str, parts: list[tuple[Nodes, float]]):
    assert parse(text).prompt == Prompt(tuple(Composed(*part) for part in parts))


def test_a_weight_stands_before_tags_or_behind_them():
    before, behind = (parse(f"a AND {text}").prompt for text in ("b:0.5 <lora:x:1>", "b <lora:x:1>:0.5"))
    assert [part.weight for part in before.parts] == [1, 0.5]
    assert before == behind


def test_only_in_the_webui_a_number_weighs_a_prompt_without_and():
    assert parse("a clock at 12:30", Dialect.FOOOCUS).prompt.parts == (Composed((Plain("a clock at 12:30"),)),)
    parsed = parse("a clock at 12:30", Dialect.WEBUI)
    assert parsed.prompt.parts == (Composed((Plain("a clock at 12"),), 30),)
    assert parsed.notices == (Notice(NoticeKind.WHOLE_WEIGHT, "prompt", ":30", 14),)


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("<lora:x:0.8>", Lora("x", 0.8, 0.8)),
        ("<lora:x>", Lora("x", 1, 1)),
        ("<lora:my best lora:-.5>", Lora("my best lora", -0.5, -0.5)),
        ("<lora:x:0.8:0.2>", Lora("x", 0.8, 0.2)),
        ("<lora:x:te=0.8:unet=0.2>", Lora("x", 0.8, 0.2)),
        ("<lora:x:te=0.8>", Lora("x", 0.8, 0.8)),
        ("<lora:x:unet=0.2>", Lora("x", 1, 0.2)),
        ("<lora:x:te=.8:0.3>", Lora("x", 0.8, 0.8)),
        ("<lora:x:0.3:unet=1.>", Lora("x", 0.3, 1)),
        ("<lora:folder/x_v1.0-b:1>", Lora("folder/x_v1.0-b", 1, 1)),
        ("<lyco:x:2>", Lora("x", 2, 2)),
        ("<style:Line Art>", StyleName("Line Art")),
        ("<hypernet:x:0.5>", Hypernetwork("x")),
        ("embedding:bad-hands_5", Embedding("bad-hands_5")),
        ("embedding:sdxl/v1.0/neg", Embedding("sdxl/v1.0/neg")),
        ("(embedding:x:1.2)", Weighted((Embedding("x"),), 1.2)),
    ],
)
def test_tags_and_embeddings_are_named(text: str, node: Node):
    assert tree(text) == (node,)


def test_an_embeddings_name_ends_before_punctuation():
    assert tree("embedding:x.") == (Embedding("x"), Plain("."))
    assert tree("a, embedding:x, b") == (Plain("a, "), Embedding("x"), Plain(", b"))


@pytest.mark.parametrize(
    "text", ["<lora:x:strong>", "<lora::1>", "<lora:x:1:2:3>", "<lora:x:dyn=4>", "<style: >", "<hypernet:>"]
)
def test_a_broken_tag_is_letters_and_reported(text: str):
    assert tree(text) == (Plain(text),)
    assert kinds(text) == [(NoticeKind.BROKEN_TAG, 1)]


@pytest.mark.parametrize(
    "text", ["a < b > c", "<b>", "<lora:x", "<lora:x<", "embedding:", "embeddings:x", "<unknown:x>"]
)
def test_what_is_no_tag_is_letters(text: str):
    assert tree(text) == (Plain(text),)
    assert kinds(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a (b", [(NoticeKind.UNCLOSED, 3)]),
        ("a [b (c", [(NoticeKind.UNCLOSED, 3), (NoticeKind.UNCLOSED, 6)]),
        ("a :)", [(NoticeKind.STRAY, 4)]),
        ("(a [b) c]", [(NoticeKind.CROSSING, 6)]),
        ("a AND (b", [(NoticeKind.UNCLOSED, 7)]),
        ("a <hypernet:x:1>", [(NoticeKind.HYPERNETWORK, 3)]),
        ("(a) [b] \\(c", []),
    ],
)
def test_what_may_not_be_meant_is_noticed_with_its_position(text: str, expected: list[tuple[NoticeKind, int]]):
    assert kinds(text) == expected


def test_each_kind_of_notice_is_given():
    texts = ("([)", "(", ")", "<hypernet:x>", "<lora:>", "a:3", "（红色：1.2）")
    given = {notice.kind for text in texts for notice in parse(text, Dialect.WEBUI).notices}
    assert given | {NoticeKind.MISSING} == set(NoticeKind)  # which `read_template` gives


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("一个（红色的：1.2）苹果", ["（红色的：1.2）"]),
        ("（a:1.2), (b:1.2) （c：.5） (", ["（a:1.2)", "（c：.5）"]),
        ("（红色）", []),
        ("(红色：1.2)", []),
        ("（下午3：30）", []),
        (f"（{'红' * 50}：1.2）", []),
    ],
)
def test_a_weight_in_chinese_brackets_is_letters_and_noticed(text: str, said: list[str]):
    notices = [notice for notice in parse(text).notices if notice.kind is NoticeKind.WIDE_BRACKETS]
    assert [notice.said for notice in notices] == said
    assert [text[notice.position - 1 :].startswith(notice.said) for notice in notices] == [True] * len(said)


def test_of_a_long_mistake_its_beginning_is_told():
    (notice,) = parse(f"<lora:x:{'y' * 500}>", at="negative").notices
    assert (notice.at, len(notice.said), notice.said[-1]) == ("negative", 40, "…")


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("text", ["a fox:0.5", "a fox AND deep snow:0.5", "AND", "a:1 AND b:2 AND "])
def test_a_whole_text_is_one_prompt_without_a_weight(text: str, dialect: Dialect):
    parsed = parse(text, dialect, whole=True)
    assert parsed.prompt.parts == (Composed((Plain(text.strip()),)),)
    assert parsed.notices == ()


def test_a_text_full_of_mistakes_is_told_of_a_few():
    assert len(parse(")" * 5000).notices) == 20


@settings(max_examples=300, deadline=None)
@given(st.text(), st.sampled_from(Dialect))
def test_any_text_parses(text: str, dialect: Dialect):
    assert parse(text, dialect).prompt.parts


REPEATED = (
    "a, ", "(", "[", ")", "(a)", "([)]", "[a:b]", "[|]", "[:", ":", ": ", ":1", "\\", "AND ", "BREAK ", "<lora:",
    "11", " ", "<lora:a:1>", "embedding:a", "embedding:a...", "(a:1)", "(" * 90 + "[" * 9 + ")" * 90,
    "[:(]", "(" * 50 + "[a" * 50 + ")",
)  # fmt: skip


@pytest.mark.parametrize("unit", REPEATED)
@pytest.mark.parametrize("dialect", Dialect)
def test_ten_thousand_characters_of_anything_take_less_than_a_tenth_of_a_second(unit: str, dialect: Dialect):
    text = (unit * 10_000)[:10_000]
    assert seconds(lambda: parse(text, dialect)) < 0.1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "(" * 10_000,
            rf"negative: has more than {DEEPEST} brackets within each other at character {DEEPEST + 1}; close",
        ),
        ("[(" * 51, rf"at character {DEEPEST + 1}; close some of them, or write \\ before those that are letters\."),
        ("a AND " + "(" * 101, "at character 107"),
        ("([)]" * 101, "has more than 100 brackets that cross others"),
        ("a" * 10**6, f"negative: has 1000000 characters; shorten it to {LONGEST_PROMPT} at most"),
    ],
)
def test_what_nobody_means_is_refused_in_one_sentence(text: str, sentence: str):
    with pytest.raises(RequestError, match=sentence):
        parse(text, at="negative")
    assert seconds(lambda: parse(text)) < 0.1


def test_a_hundred_brackets_are_not_too_deep():
    ((word, weight),) = weights("(" * DEEPEST + "w" + ")" * DEEPEST, Dialect.FOOO)
    assert (word, weight) == ("w", pytest.approx(1.1**DEEPEST))


def test_75_words_are_parsed_in_less_than_5_ms():
    text = "a (red:1.2) fox, [old|young] oak [in fog:in sun:0.4], <lora:film:0.6> " * 9
    assert len(text.split()) > 75
    assert seconds(lambda: parse(text)) < 0.005
