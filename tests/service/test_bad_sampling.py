"""What cannot be denoised is a sentence from `submit`, before anything is loaded."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from fooo.catalog import Catalog
from fooo.engine import Engine
from fooo.errors import RequestError
from fooo.record import Archive
from fooo.request import Strength, read_request
from fooo.service import Fooo


@pytest.fixture
def program(catalog: Catalog, tmp_path: Path) -> Iterator[Fooo]:
    """One that has no engine: whoever makes one has begun to load."""

    def make_engine() -> Engine:
        raise AssertionError("something was loaded")

    program = Fooo(catalog=lambda: catalog, make_engine=make_engine, archive=Archive(tmp_path), draw_seed=lambda: 42)
    yield program
    program.close()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"sampling": {"steps": 0}}, "sampling.steps: 0 is out of range"),
        ({"sampling": {"steps": 10_000}}, "sampling.steps: 10000 is out of range"),
        ({"sampling": {"guidance": 0}}, "sampling.guidance: 0 is out of range"),
        ({"sampling": {"guidance": float("nan")}}, "sampling.guidance: nan is not right; input should be a finite"),
        ({"sampling": {"guidance": float("inf")}}, "sampling.guidance: inf is"),
        ({"models": {"refiner_switch": 0}}, "models.refiner_switch: 0 is out of range"),
        ({"models": {"refiner_method": "both"}}, "models.refiner_method: 'both' is not right"),
        ({"models": {"clip_skip": 0}}, "models.clip_skip: 0 is out of range"),
        ({"models": {"clip_skip": 13}}, "models.clip_skip: 13 is out of range"),
        ({"models": {"clip_skip": 5}}, "models.clip_skip: pocket/base reads with 4 layers, .*; choose 1 to 4"),
        ({"sampling": {"sampler": "DPM++ 2M Karas"}}, "sampling.sampler: there is no 'DPM.. 2M Karas'"),
        ({"sampling": {"schedule": "karas"}}, "sampling.schedule: there is no 'karas'; did you mean: karras"),
        ({"sampling": {"sampler_options": {"eta": 2}}}, "sampling.sampler_options.eta: 2 is out of range"),
        ({"sampling": {"sampler_options": {"s_noise": float("nan")}}}, "sampling.sampler_options.s_noise: nan"),
        ({"sampling": {"sampler_options": {"churn": 1}}}, "sampling.sampler_options.churn: is not a field"),
        ({"sampling": {"guidance_options": {"adaptive": 0}}}, "sampling.guidance_options.adaptive: 0 is out of range"),
        ({"sampling": {"guidance_options": {"rescale": 1.1}}}, "sampling.guidance_options.rescale: 1.1 is out"),
        (
            {"sampling": {"guidance_options": {"start": 0.8, "end": 0.2}}},
            "sampling.guidance_options.end: the guidance ends at 0.2 of the steps and begins at 0.8; choose",
        ),
        ({"sampling": {"guidance_options": {"end": 0}}}, "sampling.guidance_options.end: the guidance ends at 0 of"),
        ({"sampling": {"sharpness": 31}}, "sampling.sharpness: 31 is out of range"),
        ({"sampling": {"tiling": "diagonal"}}, "sampling.tiling: 'diagonal' is not right"),
        ({"sampling": {"variation": {"seed": 5}}}, "sampling.variation.strength: is missing"),
        ({"sampling": {"variation": {"strength": 1.5}}}, "sampling.variation.strength: 1.5 is out of range"),
        ({"sampling": {"seeds": [{"seed": 1, "weight": 0}]}}, "sampling.seeds.0.weight: 0 is out of range"),
        ({"sampling": {"seeds": [{"seed": n} for n in range(17)]}}, "sampling.seeds: .* is not right; .* at most 16"),
        ({"sampling": {"free_u": {"b1": -1}}}, "sampling.free_u.b1: -1 is out of range"),
        ({"sampling": {"size_scale": {"positive": 0}}}, "sampling.size_scale.positive: 0 is out of range"),
    ],
)
def test_it_is_said_by_field_at_once(program: Fooo, fields: dict[str, Any], sentence: str):
    with pytest.raises(RequestError, match=f"^{sentence}"):
        program.submit(read_request({"prompt": "a cat", **fields}))
    assert program.jobs() == ()


@pytest.mark.parametrize("strength", [0, -0.1, 1.1, float("nan")])
def test_a_strength_is_above_0_and_at_most_1(strength: float):
    with pytest.raises(ValidationError):
        TypeAdapter(Strength).validate_python(strength)
