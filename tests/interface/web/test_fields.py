from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fooo.errors import RequestError
from fooo.interface.web.fields import FIELDS, request_from, values_in, values_of
from fooo.request import Expansion, Request, read_request

TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=30)
NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=10)


def requests() -> st.SearchStrategy[Request]:
    """Requests with any of the shown fields set, and some that the page does not show."""
    sampling = st.fixed_dictionaries(
        {"seed": st.integers(-1, 2**63 - 1)},
        optional={"steps": st.integers(1, 200), "guidance": st.floats(1, 30), "sampler": NAMES},
    )
    fields: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {"prompt": TEXTS, "sampling": sampling, "output": st.fixed_dictionaries({"count": st.integers(1, 64)})},
        optional={
            "negative": TEXTS,
            "exactly": st.booleans(),
            "matrix": st.booleans(),
            "expansion": st.sampled_from(Expansion),
            "styles": st.lists(NAMES, max_size=3),
            "preset": NAMES,
            "size": st.just({"width": 128, "height": 64}),
            "models": st.fixed_dictionaries({"base": NAMES}),
        },
    )
    return fields.map(read_request)


@given(requests())
def test_what_is_shown_of_a_request_makes_it_again(request: Request) -> None:
    assert request_from(values_of(request), base=request) == request


@given(requests(), requests())
def test_what_is_shown_wins_over_what_lies_below_and_leaves_the_rest(shown: Request, below: Request) -> None:
    made = request_from(values_of(shown), base=below)
    assert values_of(made) == values_of(shown)
    assert (made.size, made.models, made.sampling.sampler) == (below.size, below.models, below.sampling.sampler)


def test_every_path_is_a_field_of_the_request_and_stands_once() -> None:
    assert set(values_of(Request())) == {field.path for field in FIELDS}
    assert len({field.element for field in FIELDS}) == len(FIELDS)


def test_an_emptied_number_is_left_open() -> None:
    base = read_request({"sampling": {"steps": 12, "guidance": 3.0}})
    made = request_from({"sampling.steps": None, "sampling.guidance": None}, base)
    assert "steps" not in made.sampling.model_fields_set
    assert "guidance" not in made.sampling.model_fields_set


def test_a_seed_larger_than_a_browsers_numbers_stays_exact() -> None:
    request = read_request({"sampling": {"seed": 2**63 - 1}})
    assert values_of(request)["sampling.seed"] == "9223372036854775807"
    assert request_from(values_of(request), Request()).sampling.seed == 2**63 - 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"sampling.seed": "seven"}, "sampling.seed"),
        ({"sampling.seed": "9" * 5000}, "sampling.seed"),
        ({"sampling.steps": 2.5}, "sampling.steps"),
        ({"sampling.guidance": 0}, "sampling.guidance"),
        ({"output.count": 65}, "output.count"),
        ({"prompt": "a\x00b"}, "prompt"),
        ({"expansion": "much"}, "expansion"),
    ],
)
def test_a_wrong_value_names_its_field(values: dict[str, Any], field: str) -> None:
    with pytest.raises(RequestError) as caught:
        request_from(values, Request())
    assert caught.value.field == field


def test_a_preset_shows_only_what_it_sets() -> None:
    assert values_in({"sampling": {"guidance": 4.0, "sampler": "euler"}, "styles": ["Cartoon"]}) == {
        "sampling.guidance": 4.0,
        "styles": ["Cartoon"],
    }
