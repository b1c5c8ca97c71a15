import subprocess
import sys
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fooo.errors import RequestError, UnknownName
from fooo.plan.prompt.dynamic import MOST_PROMPTS, fill_in, matrix, split_jobs
from fooo.request import LONGEST_TEXT, Dialect
from fooo.settings import ROOT
from tests.stopwatch import seconds

WILDCARDS = {
    "color": ["red", "green", "blue", "teal", "gold"],
    "animal": ["fox", "owl", "bear"],
    "birds/small": ["wren", "robin"],
    "coat": ["a __color__ coat", "a {long|short} __color__ cape"],
    "empty": [],
    "self": ["__self__"],
    "there": ["__back__"],
    "back": ["and __there__"],
    "grow": ["__grow__ __grow__", "leaf"],
    "long": ["x" * 3000],
    "blank": ["{9999$$$$" + "|" * 6000 + "}"],
}

FIXED: dict[str, list[str]] = {
    "__color__ __animal__": ["gold bear", "green fox", "red bear", "green owl", "green fox"],
    "__coat__, __birds/small__": [
        "a short gold cape, wren", "a short green cape, wren", "a long red cape, wren", "a green coat, robin",
        "a long green cape, wren",
    ],
    "{a|b|c} {a|b|c} {2$$x|y|z}": ["a a x, z", "c b y, x", "c b z, x", "a b y, z", "c c x, y"],
    "{2$$ and $$x|y|z} {1-3$$p|q|r} {0.3::u|v}": [
        "z and y p, q, r u", "y and x r u", "z and y r, q v", "y and z p, q v", "y and z r v",
    ],
}  # fmt: skip


def fill(text: str, seed: int = 1, **how: object) -> str:
    return fill_in(text, WILDCARDS, seed=seed, **how)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(("text", "filled"), FIXED.items())
def test_a_seed_gives_the_same_words_on_every_machine(text: str, filled: list[str]):
    assert [fill(text, seed) for seed in range(5)] == filled


def test_the_order_of_pythons_hashes_changes_nothing():
    code = (
        "from tests.plan.prompt.test_dynamic import FIXED, WILDCARDS; from fooo.plan.prompt.dynamic import fill_in;"
        "print([fill_in(text, WILDCARDS, seed=seed) for text in FIXED for seed in range(20)])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT,
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        ).stdout
        for hash_seed in ("0", "1", "12345")
    }  # fmt: skip
    assert len(outputs) == 1
    assert "fox" in outputs.pop()


@pytest.mark.parametrize(
    "text", ["a cat", "", "{}", "{x}", '{"a": 1}', "{prompt}", "}{", "{a", "a|b}", "snake__case", "____", "__ a __",
             r"\{a|b}", r"\__color__", "{a$$b}", "(a|b)", "[a|b]", "[[a]]", "[[]]", "a, [[b], c]"],
)  # fmt: skip
def test_what_asks_for_nothing_is_left_as_it_is(text: str):
    assert fill(text) == text


def test_a_wildcard_is_named_in_any_place():
    assert fill("x__color__y__color__.", seed=1).startswith("x")
    assert {fill("__birds/small__", seed) for seed in range(30)} == {"wren", "robin"}
    assert fill("___color___") in {f"_{color}_" for color in WILDCARDS["color"]}


def test_lines_are_filled_in_too():
    found = {fill("__coat__", seed) for seed in range(300)}
    colors = WILDCARDS["color"]
    assert found == {f"a {color} coat" for color in colors} | {
        f"a {length} {color} cape" for length in ("long", "short") for color in colors
    }


def test_wildcards_may_be_read_in_order():
    assert [fill("__animal__ __color__", number=number, in_order=True) for number in range(4)] == [
        "fox red", "owl green", "bear blue", "fox teal",
    ]  # fmt: skip


def test_all_options_are_drawn_and_nest():
    assert {fill("a {b|c{d|e}|}", seed) for seed in range(60)} == {"a b", "a cd", "a ce", "a "}
    assert {fill("{(a|b)|[c|d]|:(}", seed) for seed in range(60)} == {"(a|b)", "[c|d]", ":("}
    assert {fill("{__animal__|x}", seed) for seed in range(60)} == {*WILDCARDS["animal"], "x"}


def test_weighted_options_are_drawn_by_weight():
    counts = Counter(fill("{3::a|b|0::c}", seed) for seed in range(2000))
    assert counts["a"] / 2000 == pytest.approx(0.75, abs=4 * (0.75 * 0.25 / 2000) ** 0.5)
    assert counts["c"] == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{2$$a|b}", {"a, b", "b, a"}),
        ("{2$$ and $$a|b}", {"a and b", "b and a"}),
        ("{2$$$$a|b}", {"ab", "ba"}),
        ("{2$$ a | b }", {"a, b", "b, a"}),
        ("{1-2$$a|b}", {"a", "b", "a, b", "b, a"}),
        ("{-2$$a|b}", {"a", "b", "a, b", "b, a"}),
        ("{2-1$$a|b}", {"a", "b", "a, b", "b, a"}),
        ("{2-$$a|b}", {"a, b", "b, a"}),
        ("{0$$a|b}", {""}),
        ("{1$$a}", {"a"}),
        ("{99999$$a|b}", {"a, b", "b, a"}),
        ("{2$$0::a|b}", {"b"}),
    ],
)
def test_several_options_are_different_and_joined(text: str, found: set[str]):
    assert {fill(text, seed) for seed in range(60)} == found


def test_editing_one_choice_leaves_what_the_others_gave():
    before = fill("{a|b|c} __color__ {p|q|r}, __animal__", seed=3)
    after = fill("{a|b|c|d} __color__ {p|q|r}, __birds/small__ __animal__", seed=3)
    assert before.split()[1:3] == after.split()[1:3]
    assert before.split()[-1] == after.split()[-1]


def test_prompt_and_negative_are_drawn_apart():
    drawn = {(fill("__color__", seed), fill("__color__", seed, at="negative")) for seed in range(100)}
    assert len(drawn) > 15


def test_arrays_go_through_every_combination_the_first_fastest():
    text = "[[a, b]] and [[c,d,e]]"
    for dialect in (Dialect.FOOO, Dialect.FOOOCUS):
        assert [fill(text, number=number, dialect=dialect) for number in range(7)] == [
            "a and c", "b and c", "a and d", "b and d", "a and e", "b and e", "a and c",
        ]  # fmt: skip


def test_arrays_take_what_was_drawn_and_leave_escaped_commas():
    assert fill("[[__animal__, {x|x}]]", number=1) == "x"
    assert fill(r"[[a\, b, c]] [[a\, b]]", number=0) == r"a\, b [[a\, b]]"
    assert fill("[[[a, b]]]", number=1) == "[b]"


def test_to_the_webui_arrays_are_brackets():
    assert fill("[[a, b]] {x|x}", dialect=Dialect.WEBUI) == "[[a, b]] x"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("__anmal__", "prompt: there is no '__anmal__'; did you mean: __animal__"),
        ("__empty__", "prompt: the wildcard __empty__ has no lines; write some, or choose another one"),
        ("a __self__", r"prompt: the wildcard file self\.txt contains itself \(self > self\); give it a line"),
        ("__there__", r"the wildcard file there\.txt contains itself \(there > back > there\)"),
        ("{0::a|0::b}", "of a variant every option is weighed 0; give at least one a greater number"),
        (
            "__long__ " * 4,
            f"prompt: has more than {LONGEST_TEXT} characters once its wildcards and variants are filled",
        ),
        ("x" * (LONGEST_TEXT + 1), f"has more than {LONGEST_TEXT} characters"),
        ("__blank____blank__", "needs more than 10000 draws"),
    ],
)
def test_what_cannot_be_filled_in_is_said_soon_and_in_one_sentence(text: str, sentence: str):
    with pytest.raises(RequestError, match=sentence):
        fill(text)
    assert seconds(lambda: fill(text)) < 0.1


def test_a_wildcard_that_grows_for_ever_ends():
    with pytest.raises(RequestError, match=r"grow\.txt contains itself"):
        fill("__grow__" * 50)


def test_a_chain_of_64_wildcards_is_followed():
    chain = {f"w{number}": [f"__w{number + 1}__"] for number in range(1, 64)} | {"w64": ["end"], "w0": ["__w1__"]}
    assert fill_in("__w1__", chain, seed=1) == "end"
    with pytest.raises(RequestError, match="stand in each other more than 64 deep"):
        fill_in("__w0__", chain, seed=1)


def test_the_nearest_of_ten_thousand_wildcards_is_offered_soon():
    many = {f"folder {number % 50}/name {number}": ["x"] for number in range(10_000)}
    with pytest.raises(UnknownName, match="did you mean: __folder 27/name 777__"):
        fill_in("__folder 27/nam 777__", many, seed=1)
    assert seconds(lambda: fill_in("__folder 27/nam 777__", many, seed=1)) < 0.1


HARD = [
    "{" * 3300 + "a" + "|b}" * 2200, "{a|b}" * 2000, "{99999$$" + "a|" * 4900 + "}", "{" * 10_000, "}" * 10_000,
    "{99999$$$$" + "9::|1::|" * 1200 + "}", "{1-99999$$a|b}" * 700, "{([|" * 2500, "{(" * 2500 + ")}" * 2500,
    "__a ___" * 1400, "_" * 10_000, "\\" * 10_000, "[[a," * 2500, "[[a,b]]" * 1400, "<a" * 5000, "<a|b>" * 2000,
    "__color__" * 1100, "a|" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("text", HARD)
def test_ten_thousand_characters_of_anything_take_less_than_a_tenth_of_a_second(text: str):
    assert seconds(lambda: fill(text)) < 0.1
    assert seconds(lambda: matrix(text)) < 0.1


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from([*"{}[]|$:<>_\\, ab2", "$$", "::", "__color__", "[[", "]]"]), max_size=30).map("".join),
    st.integers(0, 2**63),
    st.sampled_from(Dialect),
)
def test_equal_arguments_give_equal_texts(text: str, seed: int, dialect: Dialect):
    def drawn(call: Callable[[], object]) -> object:
        try:
            return call()
        except RequestError as error:
            return str(error)

    assert drawn(lambda: fill(text, seed, dialect=dialect)) == drawn(lambda: fill(text, seed, dialect=dialect))
    assert drawn(lambda: matrix(text)) == drawn(lambda: matrix(text))


@pytest.mark.parametrize(
    ("text", "prompts"),
    [
        ("a", ["a"]),
        ("a | b ,|c", ["a", "a, b", "a, c", "a, b, c"]),
        ("a|b|c|d", ["a", "a, b", "a, c", "a, b, c", "a, d", "a, b, d", "a, c, d", "a, b, c, d"]),
        ("|a", ["", "a"]),
        ("(a|b), [c|d], {e|f}", ["(a|b), [c|d], {e|f}"]),
        (r"a\|b", [r"a\|b"]),
        ("a {b|c}|d", ["a {b|c}", "a {b|c}, d"]),
        (
            "<corgi|cat> wearing <goggles|a hat>",
            ["corgi wearing goggles", "corgi wearing a hat", "cat wearing goggles", "cat wearing a hat"],
        ),
        ("<a|b>, x|y", ["a, x", "a, x, y", "b, x", "b, x, y"]),
        ("x|<a|b>", ["x", "x, a", "x, b"]),
        ("<a> <b c>", ["<a> <b c>"]),
        ("<lora:a:1> <x|y>", ["<lora:a:1> x", "<lora:a:1> y"]),
        (r"\<a|b>", [r"\<a", r"\<a, b>"]),
    ],
)
def test_a_matrix_holds_every_combination_once(text: str, prompts: list[str]):
    assert matrix(text) == tuple(prompts)


@pytest.mark.parametrize("text", ["a" + "|b" * 9, "<a|b>" * 9, "|" * 9000, "<a|b>" * 2000, "a|b|" + "<c|d>" * 7])
def test_a_matrix_of_too_many_is_refused(text: str):
    with pytest.raises(RequestError, match=f"prompt: asks for more than {MOST_PROMPTS} combinations"):
        matrix(text)


@pytest.mark.parametrize(
    ("text", "jobs"),
    [
        ("a", ["a"]),
        ("a\nb", ["a\nb"]),
        ("a\n---\nb\n ---- \nc", ["a", "b", "c"]),
        ("a\n# note\nb", ["a\nb"]),
        ("---\n\n---", [""]),
        ("# note", [""]),
        ("a --- b\n--\nc #d", ["a --- b\n--\nc #d"]),
        ("a\r\n---\r\nb", ["a\r", "b"]),
    ],
)
def test_a_line_of_dashes_begins_the_next_job(text: str, jobs: list[str]):
    assert split_jobs(text) == tuple(jobs)
