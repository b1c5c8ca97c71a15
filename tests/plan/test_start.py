"""Beginning with a picture: which size is drawn, how many steps, what a record needs to do it again."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from fooo.catalog import Catalog
from fooo.errors import RequestError
from fooo.plan import Generate, Open, Plan, make_plan
from fooo.plan.sizes import fits, like
from fooo.request import Size, read_request

PICTURE, OTHER = "a" * 64, "b" * 64
NATIVE = Size(width=128, height=128)

Planned = Callable[..., Plan]


@pytest.fixture
def planned(catalog: Catalog) -> Planned:
    """Of a picture of the store of 200 x 150 pixels."""

    def plan(start: object, **fields: object) -> Plan:
        request = read_request({"prompt": "a cat", "start": start, **fields})
        return make_plan(request, catalog, fallback_seed=7, pictures={PICTURE: Size(width=200, height=150)})

    return plan


def vary(**fields: object) -> dict[str, object]:
    return {"kind": "vary", "picture": PICTURE, **fields}


def test_a_picture_is_opened_at_the_size_that_is_drawn_and_drawn_anew_in_part(planned: Planned):
    (shot,) = planned(vary()).shots
    opened, drawn = shot.passes
    assert opened == Open(size=drawn.size, picture=PICTURE)
    assert isinstance(drawn, Generate)
    assert (drawn.strength, drawn.size) == (0.5, Size(width=144, height=104))


@pytest.mark.parametrize(("counted", "steps"), [("all", 20), ("share", 9)])
def test_the_steps_are_fooocuss_or_the_webuis(planned: Planned, counted: str, steps: int):
    plan = planned(vary(strength=0.4, counted=counted), sampling={"steps": 20})
    assert plan.shots[0].generate.steps == steps
    assert plan.request.sampling.steps == steps


def test_planning_the_plans_own_request_again_gives_the_same_shots(catalog: Catalog, planned: Planned):
    pictures = {PICTURE: Size(width=200, height=150)}
    for start in (vary(strength=0.4, counted="share"), {"kind": "keep", "picture": PICTURE}):
        plan = planned(start, sampling={"steps": 20})
        again = make_plan(plan.request, catalog, fallback_seed=99, pictures=pictures)
        assert again.shots == plan.shots


def test_a_picture_that_is_only_kept_is_not_drawn(planned: Planned):
    (shot,) = planned({"kind": "keep", "picture": PICTURE}).shots
    assert shot.passes == (Open(size=Size(width=200, height=150), picture=PICTURE),)
    assert (shot.steps, shot.models, shot.generates) == (0, (), ())


def test_what_is_not_in_the_store_is_said_before_anything_is_loaded(planned: Planned):
    with pytest.raises(RequestError, match=r"^start.picture: is no picture that Fooo keeps"):
        planned({"kind": "keep", "picture": OTHER})


def test_more_steps_than_a_model_knows_are_refused(planned: Planned):
    with pytest.raises(RequestError, match=r"^start.strength: 200 steps at a strength of 0.1"):
        planned(vary(strength=0.1), sampling={"steps": 200})


@pytest.mark.parametrize(
    ("picture", "drawn"),
    [
        ((128, 128), (128, 128)),
        ((131, 135), (128, 128)),
        ((1, 1), (128, 128)),
        ((20_000, 10_000), (176, 88)),
        ((10_000, 100), (216, 72)),
        ((100, 10_000), (72, 216)),
        ((10, 20_000), (72, 216)),
        ((56, 160), (72, 216)),
    ],
)
def test_any_picture_is_drawn_anew_at_a_size_that_the_model_knows(picture: tuple[int, int], drawn: tuple[int, int]):
    size = like(Size(width=picture[0], height=picture[1]), NATIVE)
    assert fits(size, NATIVE)
    assert (size.width, size.height) == drawn


def test_a_presets_size_is_for_pictures_from_noise_and_a_persons_for_any(catalog: Catalog, planned: Planned):
    wide = replace(catalog.presets["pocket"], partial={**catalog.presets["pocket"].partial, "size": "16:9"})
    changed = replace(catalog, presets={**catalog.presets, "pocket": wide})
    request = read_request({"start": vary()})
    pictures = {PICTURE: Size(width=128, height=160)}
    assert str(make_plan(request, changed, fallback_seed=7, pictures=pictures).shots[0].size) == "128x160"
    assert str(planned(vary(), size="160x96").shots[0].size) == "160x96"
