from collections.abc import Callable
from pathlib import Path

import pytest

from fooo.catalog import Catalog
from fooo.events import Event, LegName, Loading, PassName, PassSkipped, PassStep, ShotDone, ShotSkipped, Step
from fooo.plan import Enlarge, Mend, Plan, Region
from fooo.record import Record
from fooo.request import Size
from fooo.service.measure import measure
from fooo.service.timings import Drawn, Enlarged, Mended, Timed

PlanOf = Callable[..., Plan]
BUILD = "SDXL base 128x128"
FOUND = Region(left=0, top=0, right=9, bottom=9)


def step(shot: int, number: int, leg: LegName = LegName.BASE) -> Step:
    return Step(shot=shot, leg=leg, step=number, steps=4, done=number, total=4, seconds_left=0)


def drawing(plan: Plan, told: list[tuple[float, Event]], catalog: Catalog, *, began: float, read: str | None) -> Timed:
    (timed,) = measure(plan, told, catalog.models, began=began, read=read, device="a card")
    assert isinstance(timed, Timed)
    return timed


@pytest.fixture
def two(plan_of: PlanOf) -> Plan:
    return plan_of(sampling={"steps": 4}, models={"refiner_switch": 0.5}, output={"count": 2})


def told_of(record: Record) -> list[tuple[float, Event]]:
    """Two pictures: reading 5 s, words 1 s, calls of 2 s by the base and 0.5 s by the refiner, 3 s at the end."""
    refined = LegName.REFINER
    return [
        (103.0, Loading("a")), (105.0, Loading("b")),
        (108.0, step(0, 1)), (110.0, step(0, 2)), (110.5, step(0, 3, refined)), (111.0, step(0, 4, refined)),
        (114.0, ShotDone(record, Path("a"))),
        (117.0, step(1, 1)), (119.0, step(1, 2)), (119.5, step(1, 3, refined)), (120.0, step(1, 4, refined)),
        (123.0, ShotDone(record, Path("b"))),
    ]  # fmt: skip


def test_the_time_is_parted_into_start_guesses_and_finish(two: Plan, catalog: Catalog, record: Record):
    timed = drawing(two, told_of(record), catalog, began=100, read="pocket/base")
    assert timed.base == Drawn(name="pocket/base", build=BUILD, call=2)
    assert timed.refiner == Drawn(name="pocket/refiner", build="SDXL refiner 128x128", call=0.5)
    assert (timed.start, timed.read, timed.cold_start, timed.finish) == (1, "pocket/base", 6, 3)
    assert (timed.guesses, timed.megapixels) == (2, 0.128**2)
    warm = drawing(two, told_of(record), catalog, began=105, read=None)
    assert (warm.start, warm.read, warm.cold_start) == (1, None, None)


def test_what_did_not_make_all_its_pictures_tells_nothing(two: Plan, catalog: Catalog, record: Record):
    told = told_of(record)
    for some in ([], told[:5], told[:-1], [*told[:-1], (123.0, ShotSkipped(1))]):
        assert measure(two, some, catalog.models, began=100, read="pocket/base", device="a card") == ()


def test_a_single_step_cannot_be_told_from_what_comes_before_it(plan_of: PlanOf, catalog: Catalog, record: Record):
    plan = plan_of(sampling={"steps": 1})
    told = [(1.0, step(0, 1)), (2.0, ShotDone(record, Path("a")))]
    assert measure(plan, told, catalog.models, began=0, read=None, device="a card") == ()


def test_pictures_drawn_together_share_their_calls(two: Plan, catalog: Catalog, record: Record):
    told: list[tuple[float, Event]] = [
        (second, step(shot, number)) for second, number in ((4.0, 1), (8.0, 2), (12.0, 3), (16.0, 4)) for shot in (0, 1)
    ]
    told += [(17.0, ShotDone(record, Path("a"))), (18.0, ShotDone(record, Path("b")))]
    timed = drawing(two, told, catalog, began=0, read=None)
    assert timed.base.call == pytest.approx(12 / 6)
    assert timed.finish == 1


def test_what_is_done_after_the_drawing_is_told_apart_from_it(plan_of: PlanOf, catalog: Catalog, record: Record):
    plan = plan_of(sampling={"steps": 3}, models={"refiner": None})
    drawn = plan.shots[0].generate
    mend = Mend(size=drawn.size, detector="hands", generate=drawn, words="", most=9, found=(FOUND, FOUND))
    enlarge = Enlarge(size=Size(width=512, height=512), upscaler="photo")
    repaint = drawn.model_copy(update={"size": enlarge.size})
    shot = plan.shots[0].model_copy(update={"passes": (drawn, mend, enlarge, repaint)})
    told: list[tuple[float, Event]] = [
        (3.0, step(0, 1)), (5.0, step(0, 2)), (7.0, step(0, 3)),
        (8.0, PassStep(0, PassName.MEND, 0, 6)), (20.0, PassStep(0, PassName.MEND, 6, 6)),
        (20.5, Loading("photo")), (60.0, PassStep(0, PassName.ENLARGE, 0, 2)),
        (64.0, PassStep(0, PassName.ENLARGE, 1, 2)), (68.0, PassStep(0, PassName.ENLARGE, 2, 2)),
        (75.0, step(0, 4)), (90.0, step(0, 5)), (105.0, step(0, 6)),
        (120.0, ShotDone(record.model_copy(update={"shot": shot}), Path("a"))),
    ]  # fmt: skip
    timed, enlarged, mended = measure(
        plan.model_copy(update={"shots": (shot,)}), told, catalog.models, began=0, read=None, device="a card"
    )
    assert isinstance(timed, Timed)
    assert (timed.base.call, timed.start, timed.finish) == (2, 1, 1.5)
    assert enlarged == Enlarged(device="a card", upscaler="photo", megapixels=0.128**2, seconds=8)
    assert mended == Mended(device="a card", detector="hands", found=2)


def test_an_enlarging_that_was_left_out_tells_nothing(plan_of: PlanOf, catalog: Catalog, record: Record):
    plan = plan_of(sampling={"steps": 3}, models={"refiner": None})
    told: list[tuple[float, Event]] = [
        (3.0, step(0, 1)), (5.0, step(0, 2)), (6.0, PassStep(0, PassName.ENLARGE, 0, 2)),
        (64.0, PassSkipped(0, PassName.ENLARGE)), (65.0, ShotDone(record, Path("a"))),
    ]  # fmt: skip
    (timed,) = measure(plan, told, catalog.models, began=0, read=None, device="a card")
    assert isinstance(timed, Timed)
    assert timed.finish == 1
