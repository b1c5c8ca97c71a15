"""Contact sheets: one seed, a quick picture in each style, and each leads to the finished one."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from fooo.catalog import Catalog
from fooo.errors import RequestError, UnknownName
from fooo.plan import Generate, Plan, make_plan
from fooo.record import write_record
from fooo.request import Again, again, finished, read_request
from tests.detectors import CENTERFACE

PlanOf = Callable[..., Plan]
STYLES = ["Line Art", "Sticker", "Cartoon"]


def test_a_sheet_draws_each_style_once_by_one_seed_at_full_size_in_few_steps(plan_of: PlanOf) -> None:
    plan = plan_of(prompt="a {red|blue} cat", sheet=STYLES, sampling={"seed": 7, "steps": 30})
    whole = plan_of(prompt="a {red|blue} cat", sampling={"seed": 7, "steps": 30})
    assert [shot.texts.styles for shot in plan.shots] == [(name,) for name in STYLES]
    assert {shot.seed for shot in plan.shots} == {7}
    assert {shot.texts.words for shot in plan.shots} == {whole.shots[0].texts.words}
    for shot in plan.shots:
        (drawn,) = shot.passes
        assert isinstance(drawn, Generate)
        assert (drawn.steps, drawn.refiner, drawn.size) == (8, None, whole.shots[0].size)


def test_few_steps_stay_as_few(plan_of: PlanOf) -> None:
    assert {shot.steps for shot in plan_of(sheet=STYLES, sampling={"steps": 4}).shots} == {4}


def test_the_request_stays_that_of_the_finished_picture(plan_of: PlanOf) -> None:
    sheet, whole = plan_of(sheet=STYLES).request, plan_of().request
    assert sheet.model_copy(update={"sheet": ()}) == whole


def test_every_seed_has_every_style_and_256_are_the_most(plan_of: PlanOf) -> None:
    plan = plan_of(sheet=STYLES, output={"count": 2}, sampling={"seed": 7})
    assert [(shot.seed, shot.texts.styles[0]) for shot in plan.shots] == [(s, n) for s in (7, 8) for n in STYLES]
    with pytest.raises(RequestError, match="too many pictures"):
        plan_of(sheet=STYLES * 2, output={"count": 64})


def test_other_styles_come_behind_that_of_the_sheet(plan_of: PlanOf) -> None:
    plan = plan_of(prompt="a cat <style:Glossy>", sheet=["sticker"], styles=["Line Art"])
    assert plan.shots[0].texts.styles == ("Sticker", "Line Art", "Glossy")


def test_a_picture_of_a_sheet_is_drawn_again_as_it_was_and_finished_in_its_style(
    plan_of: PlanOf, catalog: Catalog
) -> None:
    plan = plan_of(prompt="a {red|blue} cat", sheet=STYLES, sampling={"seed": 7})
    for shot in plan.shots:
        own = write_record(plan, shot, models=(), seconds=1.0, steps_done=8).request
        (same,) = make_plan(own, catalog, fallback_seed=1).shots
        assert (same.seed, same.texts, same.passes) == (shot.seed, shot.texts, shot.passes)
        (whole,) = make_plan(finished(own), catalog, fallback_seed=1).shots
        assert (whole.seed, whole.texts.positive) == (shot.seed, shot.texts.positive)
        assert whole.generate.steps == plan.request.sampling.steps == 30


def test_what_is_done_with_a_picture_of_a_sheet_is_done_with_one_whole_picture(plan_of: PlanOf) -> None:
    plan = plan_of(sheet=STYLES)
    own = write_record(plan, plan.shots[1], models=(), seconds=1.0, steps_done=8).request
    varied = again(Again.VARY_SUBTLE, "0" * 64, own)
    assert (varied.sheet, varied.styles) == ((), ("Sticker",))


def test_nothing_is_done_to_the_pictures_behind_their_drawing(catalog: Catalog) -> None:
    asked = read_request({"prompt": "a cat", "sheet": STYLES, "faces": {"on": True}})
    plan = make_plan(asked, replace(catalog, detectors=(CENTERFACE,)), fallback_seed=1)
    assert all(len(shot.passes) == 1 for shot in plan.shots)
    assert plan.request.faces.on


@pytest.mark.parametrize(
    "more", [{"exactly": True}, {"start": {"kind": "keep", "picture": "0" * 64}, "enlarge": {"by": 2}}]
)
def test_a_sheet_that_would_compare_nothing_is_refused(catalog: Catalog, more: dict[str, object]) -> None:
    asked = read_request({"prompt": "a cat", "sheet": STYLES, **more})
    with pytest.raises(RequestError, match="sheet"):
        make_plan(asked, catalog, fallback_seed=1)


def test_an_unknown_style_is_told(plan_of: PlanOf) -> None:
    with pytest.raises(UnknownName):
        plan_of(sheet=["no such style"])
