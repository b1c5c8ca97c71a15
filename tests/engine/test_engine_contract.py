"""What every engine does, the fake one and the real one alike."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from fooo.catalog import Catalog
from fooo.engine import Engine, FakeEngine, Made
from fooo.engine.held_models import HeldModels
from fooo.engine.local import LocalEngine, build_local_engine
from fooo.engine.process import ProcessEngine
from fooo.events import Event, LegName, ShotSkipped, Step
from fooo.monitor import Monitor
from fooo.plan import Plan
from fooo.weights import find_device

PlanOf = Callable[..., Plan]
QUICK = {"steps": 5, "seed": 7}


@pytest.fixture(scope="module")
def local(catalog: Catalog) -> Engine:
    return build_local_engine(lambda: catalog, always_cpu=True, threads=None)


@pytest.fixture(scope="module")
def ahead(catalog: Catalog) -> Engine:
    """Draws a picture while the one before it is used, as on a graphics card."""
    device = find_device(always_cpu=True)
    return LocalEngine(lambda: catalog, device, HeldModels(device), ahead=True)


@pytest.fixture(scope="module")
def process() -> Iterator[Engine]:
    """Another one, in a process of its own."""
    engine = ProcessEngine(FakeEngine)
    yield engine
    engine.close()


@pytest.fixture(params=["fake", "local", "ahead", "process"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return FakeEngine() if request.param == "fake" else request.getfixturevalue(request.param)


class Told(list[Event]):
    """Hears every event; at one step of one picture, tells its monitor something."""

    def __init__(self, *, at: tuple[int, int] | None = None, then: Callable[[Monitor], None] = Monitor.stop) -> None:
        super().__init__()
        self.monitor = Monitor(self.hear)
        self._at, self._then = at, then

    def hear(self, event: Event) -> None:
        self.append(event)
        if isinstance(event, Step) and (event.shot, event.step) == self._at:
            self._then(self.monitor)

    @property
    def steps(self) -> list[Step]:
        return [event for event in self if isinstance(event, Step)]


def run(engine: Engine, plan: Plan, told: Told) -> list[Made]:
    return list(engine.run(plan, told.monitor))


def test_every_shot_becomes_a_picture_of_its_size_in_order(engine: Engine, plan_of: PlanOf):
    plan = plan_of(output={"count": 2}, sampling=QUICK, size={"width": 128, "height": 64})
    made = run(engine, plan, Told())
    assert [each.shot for each in made] == list(plan.shots)
    assert {each.picture.size for each in made} == {(128, 64)}
    assert {each.steps_done for each in made} == {5}


def test_each_step_is_told_with_its_leg_a_preview_and_the_time_left(engine: Engine, plan_of: PlanOf):
    told = Told()
    run(engine, plan_of(output={"count": 2}, sampling=QUICK), told)
    assert [(step.shot, step.step, step.done) for step in told.steps] == [
        (shot, step, shot * 5 + step) for shot in range(2) for step in range(1, 6)
    ]
    assert [step.leg for step in told.steps[:5]] == [LegName.BASE] * 4 + [LegName.REFINER]
    assert all(step.preview is not None and step.preview.size == (16, 16) for step in told.steps)
    assert told.steps[-1].seconds_left == 0
    assert all(step.seconds_left >= 0 for step in told.steps)


def test_the_same_plan_gives_the_same_pixels_and_another_seed_other_ones(engine: Engine, plan_of: PlanOf):
    plan = plan_of(sampling=QUICK)
    (one,), (again,) = run(engine, plan, Told()), run(engine, plan, Told())
    (other,) = run(engine, plan_of(sampling={**QUICK, "seed": 8}), Told())
    assert np.array_equal(one.picture.pixels, again.picture.pixels)
    assert not np.array_equal(one.picture.pixels, other.picture.pixels)


def test_a_picture_is_the_same_alone_and_as_the_second_of_two(engine: Engine, plan_of: PlanOf):
    second = run(engine, plan_of(output={"count": 2}, sampling=QUICK), Told())[1]
    (alone,) = run(engine, plan_of(sampling={**QUICK, "seed": 8}), Told())
    assert np.array_equal(second.picture.pixels, alone.picture.pixels)


@pytest.mark.parametrize("keep", [False, True])
def test_stop_ends_at_the_step_and_keeps_the_half_picture_only_when_asked(engine: Engine, plan_of: PlanOf, keep: bool):
    told = Told(at=(0, 3), then=lambda monitor: monitor.stop(keep=keep))
    made = run(engine, plan_of(output={"count": 3}, sampling=QUICK), told)
    assert len(told.steps) == 3
    assert [each.steps_done for each in made] == ([3] if keep else [])


@pytest.mark.parametrize("keep", [False, True])
def test_skip_goes_on_with_the_next_picture(engine: Engine, plan_of: PlanOf, keep: bool):
    told = Told(at=(0, 2), then=lambda monitor: monitor.skip(keep=keep))
    made = run(engine, plan_of(output={"count": 2}, sampling=QUICK), told)
    assert [(each.shot.number, each.steps_done) for each in made] == ([(0, 2)] if keep else []) + [(1, 5)]
    assert (ShotSkipped(0) in told) is not keep


def test_a_stop_before_the_first_step_draws_nothing(engine: Engine, plan_of: PlanOf):
    told = Told()
    told.monitor.stop()
    assert run(engine, plan_of(sampling=QUICK), told) == []
    assert told.steps == []


def test_it_says_what_it_draws_on(engine: Engine):
    assert engine.device
