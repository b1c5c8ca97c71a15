from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from fooo.errors import RequestError
from fooo.interface.i18n import read_languages
from fooo.interface.web.fields import (
    AUTOMATIC,
    FIELDS,
    NONE,
    Field,
    request_from,
    values_in,
    values_of,
    with_models,
    without_mode,
)
from fooo.request import Expansion, FileFormat, Request, only_set_fields, read_request

TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=30)
NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=10)


def requests() -> st.SearchStrategy[Request]:
    """Requests with any of the shown fields set, and some that the page does not show."""
    sharpness = st.floats(0, 30)
    pixels = st.just({"width": 128, "height": 64})
    loras = st.lists(
        st.fixed_dictionaries(
            {"name": NAMES, "weight": st.floats(-10, 10)}, optional={"text_weight": st.floats(-10, 10)}
        ),
        max_size=2,
    )
    sampling = st.fixed_dictionaries(
        {"seed": st.integers(-1, 2**63 - 1)},
        optional={"steps": st.integers(1, 200), "guidance": st.floats(1, 30), "sampler": NAMES, "sharpness": sharpness},
    )
    outputs = st.fixed_dictionaries({"count": st.integers(1, 64)}, optional={"format": st.sampled_from(FileFormat)})
    models = st.fixed_dictionaries(
        {}, optional={"base": NAMES, "refiner": st.none() | NAMES, "loras": loras, "vae": NAMES}
    )
    fields: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {"prompt": TEXTS, "sampling": sampling, "output": outputs},
        optional={
            "negative": TEXTS,
            "exactly": st.booleans(),
            "matrix": st.booleans(),
            "expansion": st.sampled_from(Expansion),
            "styles": st.lists(NAMES, max_size=3),
            "preset": NAMES,
            "size": pixels | NAMES,
            "models": models,
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
    assert (made.models.vae, made.sampling.sharpness) == (below.models.vae, below.sampling.sharpness)


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
        "sampling.sampler": AUTOMATIC,
        "styles": ["Cartoon"],
    }


def test_what_a_preset_draws_with_is_shown_as_automatic_and_the_persons_loras_stay() -> None:
    preset = {"size": {"width": 832, "height": 1216}, "models": {"base": "a", "refiner": "b", "loras": [{"name": "c"}]}}
    assert values_in(preset) == {"size": AUTOMATIC, "models.base": AUTOMATIC, "models.refiner": AUTOMATIC}


@pytest.mark.parametrize("words", ["portrait 3:4", "16:9", "square", "1920x1080"])
def test_a_size_is_said_in_words_or_pixels_and_automatic_leaves_it_open(words: str) -> None:
    assert request_from({"size": words}, Request()).size == words
    assert "size" not in request_from({"size": AUTOMATIC}, read_request({"size": words})).model_fields_set


def test_a_size_in_pixels_that_nobody_changed_stays_pixels() -> None:
    base = read_request({"size": {"width": 128, "height": 64}})
    assert values_of(base)["size"] == "128x64"
    assert request_from({"size": "128x64"}, base).size == base.size


def test_a_refiner_may_be_left_to_the_preset_or_left_out() -> None:
    out = request_from({"models.refiner": NONE}, read_request({"models": {"refiner": "b"}}))
    assert only_set_fields(out)["models"] == {"refiner": None}
    assert values_of(out)["models.refiner"] == NONE
    left = request_from({"models.refiner": AUTOMATIC}, out)
    assert "refiner" not in only_set_fields(left)["models"]
    assert values_of(left)["models.refiner"] == AUTOMATIC


def test_no_lora_at_all_is_only_said_where_one_was_taken_away() -> None:
    one = read_request({"models": {"loras": [{"name": "a"}]}})
    assert only_set_fields(request_from({"models.loras": []}, one))["models"] == {"loras": []}
    untouched = only_set_fields(request_from({"models.loras": []}, Request()))
    assert "loras" not in untouched.get("models", {}), "those of the preset would go"


def test_a_mode_takes_its_own_lora_along_and_leaves_the_persons() -> None:
    own, of_mode = {"name": "mine", "weight": 0.5}, {"name": "sdxl_lightning_4step_lora.safetensors"}
    base = read_request({"sampling": {"performance": "Lightning"}, "models": {"loras": [own, of_mode]}})
    left, shown = without_mode(base, values_of(base))
    assert [each["name"] for each in shown["models.loras"]] == ["mine"]
    assert [each.name for each in left.models.loras] == ["mine"]


def test_the_model_that_is_shown_draws_in_place_of_the_one_below() -> None:
    below = read_request({"prompt": "a cat", "models": {"base": "a"}})
    drawn = with_models(below, {"models.base": "b", "sampling.steps": 0})
    assert (drawn.models.base, drawn.prompt) == ("b", "a cat")


@pytest.mark.parametrize("field", [each for each in FIELDS if each.hint], ids=lambda field: field.path)
def test_the_sentence_beside_a_control_is_the_requests_own_text_of_its_field(field: Field) -> None:
    *groups, name = field.path.split(".")
    form: type[BaseModel] = Request
    for group in groups:
        form = cast(type[BaseModel], type(getattr(form(), group)))
    assert form.model_fields[name].description == read_languages()["en"](f"{field.label}_hint")
