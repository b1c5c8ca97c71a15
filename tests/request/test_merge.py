import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fooo.errors import RequestError
from fooo.request import Request, merge, only_set_fields, read_request

SIDES = st.sampled_from(range(64, 4097, 8))
SIZES = st.fixed_dictionaries({"width": SIDES, "height": SIDES})
SAFE_TEXT = st.text(st.characters(blacklist_categories=("Cc", "Cs")), max_size=200)


@given(
    prompt=SAFE_TEXT,
    styles=st.lists(st.text("abc ", min_size=1, max_size=9), max_size=3),
    seed=st.integers(-1, 2**63 - 1),
    steps=st.none() | st.integers(1, 200),
    refiner=st.none() | st.just("pocket/refiner"),
    size=st.none() | SIZES,
)
def test_any_request_survives_json(
    prompt: str, styles: list[str], seed: int, steps: int | None, refiner: str | None, size: Any
):
    request = read_request(
        {
            "prompt": prompt,
            "styles": styles,
            "size": size,
            "models": {"refiner": refiner},
            "sampling": {"seed": seed, "steps": steps},
        }
    )
    assert Request.model_validate_json(request.model_dump_json()) == request


def test_what_was_not_set_stays_unset():
    assert only_set_fields(read_request({"prompt": "a", "sampling": {"seed": 3}})) == {
        "prompt": "a",
        "sampling": {"seed": 3},
    }


def test_merging_goes_field_by_field_and_the_upper_wins():
    below = {"prompt": "low", "sampling": {"steps": 20, "seed": 1}, "styles": ["A", "B"]}
    above = {"sampling": {"seed": 2}, "styles": ["C"]}
    assert merge(below, above) == {"prompt": "low", "sampling": {"steps": 20, "seed": 2}, "styles": ["C"]}


def test_an_explicit_null_wins_over_the_value_below():
    assert merge({"models": {"refiner": "r"}}, {"models": {"refiner": None}}) == {"models": {"refiner": None}}


@pytest.mark.parametrize(
    ("partial", "field", "says"),
    [
        ({"prompt": "x" * 20_000}, "prompt", "has 20000 characters; shorten it to 10000"),
        ({"prompt": "a\x07b"}, "prompt", "unprintable character U+0007 at position 2"),
        ({"prompt": "a\x00"}, "prompt", "U+0000"),
        ({"prompt": 5}, "prompt", "5 is not right"),
        ({"output": {"count": 0}}, "output.count", "0 is out of range"),
        ({"sampling": {"seed": "1e99"}}, "sampling.seed", "1e99"),
        ({"sampling": {"seed": 1e99}}, "sampling.seed", "1e+99"),
        ({"sampling": {"seed": -2}}, "sampling.seed", "out of range"),
        ({"sampling": {"seed": 2**63}}, "sampling.seed", "out of range"),
        ({"sampling": {"guidance": float("nan")}}, "sampling.guidance", "nan"),
        ({"size": {"width": 128}}, "size.height", "is missing"),
        ({"promt": "a"}, "promt", "is not a field"),
    ],
)
def test_a_wrong_field_is_named_in_one_sentence(partial: dict[str, Any], field: str, says: str):
    with pytest.raises(RequestError) as told:
        read_request(partial)
    sentence = str(told.value)
    assert told.value.field == field
    assert says in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 250


@pytest.mark.parametrize(
    "prompt", ["一只红苹果", "🍎🍏 apple", "line one\nline two\ttab", "é̀ combined", "\u202eright to left"]
)
def test_every_language_and_line_breaks_are_welcome(prompt: str):
    assert read_request(json.loads(json.dumps({"prompt": prompt}))).prompt == prompt


def test_a_size_is_pixels_or_words():
    assert str(read_request({"size": {"width": 1366, "height": 768}}).size) == "1366x768"
    assert read_request({"size": "portrait 3:4"}).size == "portrait 3:4"


def test_a_wrong_side_is_named_as_the_field_it_is():
    with pytest.raises(RequestError, match=r"^size.width: 12 is out of range"):
        read_request({"size": {"width": 12, "height": 768}})


@pytest.mark.parametrize(
    ("fields", "field", "near"),
    [
        ({"promt": "a"}, "promt", "prompt"),
        ({"sampling": {"stepps": 3}}, "sampling.stepps", "steps"),
        ({"models": {"loras": [{"name": "a", "wieght": 1}]}}, "models.loras.0.wieght", "weight"),
        ({"size": {"width": 64, "height": 64, "heigth": 64}}, "size.heigth", "height"),
    ],
)
def test_a_field_that_is_not_known_is_offered_the_nearest_beside_it(fields: dict[str, Any], field: str, near: str):
    with pytest.raises(RequestError) as caught:
        read_request(fields)
    assert (caught.value.field, caught.value.hint) == (field, f"did you mean: {near}")
