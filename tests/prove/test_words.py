"""The words: any text prints back, and what is typed is planned or refused before a person notices."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fooo.catalog import RANDOM_STYLE, Catalog
from fooo.errors import RequestError
from fooo.plan import make_plan, parse
from fooo.plan.prompt.dynamic import fill_in
from fooo.request import Dialect, read_request
from tests.plan.prompt.test_write import TEXTS, check_round_trip
from tests.prove.conftest import Figure
from tests.stopwatch import seconds

pytestmark = pytest.mark.prove

CASES = 5_000
WORDS_75 = "a (red:1.2) fox, [old|young] oak [in fog:in sun:0.4], <lora:film:0.6> " * 9
PICTURES = {"output": {"count": 32}}
PLANNED = {
    "no styles": {"prompt": "a red fox in the snow"},
    "two styles, gentle expansion": {
        "prompt": "a red fox in the snow", "styles": ["Sticker", "Line Art"], "expansion": "gentle",
    },
    "two styles, rich expansion": {
        "prompt": "a red fox in the snow", "styles": ["Sticker", "Line Art"], "expansion": "rich",
    },
    "75 words with schedules, a style, rich expansion": {
        "prompt": "a (red:1.2) fox, [old|young] oak [in fog:in sun:0.4], " * 9, "styles": ["Sticker"],
        "expansion": "rich",
    },
    # each is read, dressed and counted by itself
    "each with its own words and style, rich expansion": {
        "prompt": "a {red|green|blue} __animal__ in the __color__ snow", "styles": [RANDOM_STYLE], "expansion": "rich",
    },
}  # fmt: skip
REFUSED = {
    "10,000 nested brackets": "(" * 10_000,
    "1 MB of prompt": "a cat, " * 150_000,
    "a wildcard that contains itself": "__self__",
    "a wildcard that is not there": "__nothing__",
}


def milliseconds(found: float) -> str:
    return f"{found * 1000:.2f} ms"


def test_any_text_prints_back_to_the_tree_that_it_came_from(figure: Figure):
    held: list[str] = []

    @settings(max_examples=CASES, deadline=None)
    @given(TEXTS, st.sampled_from(Dialect))
    def holds(text: str, dialect: Dialect) -> None:
        check_round_trip(text, dialect)
        held.append(text)

    holds()
    figure("any text parses, prints back, parses to the same tree", f"{len(held)} cases", f">= {CASES}")
    assert len(held) >= CASES


def test_a_prompt_of_75_words_is_parsed_soon(figure: Figure):
    assert len(WORDS_75.split()) >= 75
    found = seconds(lambda: parse(WORDS_75))
    figure("a parse of 75 words with brackets, schedules, LoRAs", milliseconds(found), "< 5 ms")
    assert found < 0.005


@pytest.mark.parametrize("name", PLANNED)
def test_32_pictures_are_planned_soon(catalog: Catalog, figure: Figure, name: str):
    request = read_request({**PLANNED[name], **PICTURES})
    found = seconds(lambda: make_plan(request, catalog, fallback_seed=1))
    figure(f"planning 32 pictures: {name}", milliseconds(found), "< 20 ms")
    assert found < 0.02


@pytest.mark.parametrize("name", REFUSED)
def test_what_nobody_means_is_refused_soon(figure: Figure, name: str):
    def ask() -> None:
        request = read_request({"prompt": REFUSED[name]})
        parse(fill_in(request.prompt, {"self": ["__self__"]}, seed=1))

    with pytest.raises(RequestError):
        ask()
    found = seconds(ask)
    figure(f"refusing {name}", milliseconds(found), "< 100 ms")
    assert found < 0.1
