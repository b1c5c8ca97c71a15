"""Pictures that are drawn in the same network calls, against the same ones drawn one after the other."""

from collections.abc import Callable

import numpy as np
import pytest

from fooo.catalog import Catalog
from fooo.engine import Engine, Made
from fooo.engine.held_models import HeldModels
from fooo.engine.local import LocalEngine, build_local_engine
from fooo.engine.together import alike, most_together
from fooo.events import Event, ShotSkipped, Step
from fooo.monitor import Monitor
from fooo.plan import Plan
from fooo.weights import DeviceKind, MemoryPolicy, Precision, find_device

PlanOf = Callable[..., Plan]
QUICK = {"steps": 4, "seed": 7}


@pytest.fixture(scope="module")
def together(catalog: Catalog) -> Engine:
    device = find_device(always_cpu=True)
    return LocalEngine(lambda: catalog, device, HeldModels(device), together=lambda policy, shot: 3)


@pytest.fixture(scope="module")
def alone(catalog: Catalog) -> Engine:
    return build_local_engine(lambda: catalog, always_cpu=True, threads=None)


class Told(list[Event]):
    """Hears every event; at one step of one picture, tells its monitor something."""

    def __init__(self, at: tuple[int, int] | None = None, then: Callable[[Monitor], None] = Monitor.stop) -> None:
        super().__init__()
        self.monitor = Monitor(self.hear)
        self._at, self._then = at, then

    def hear(self, event: Event) -> None:
        self.append(event)
        if isinstance(event, Step) and (event.shot, event.step) == self._at:
            self._then(self.monitor)

    @property
    def steps(self) -> list[tuple[int, int, int]]:
        return [(event.shot, event.step, event.done) for event in self if isinstance(event, Step)]

    @property
    def skipped(self) -> list[int]:
        return [event.shot for event in self if isinstance(event, ShotSkipped)]


def run(engine: Engine, plan: Plan, told: Told | None = None) -> list[Made]:
    return list(engine.run(plan, (Told() if told is None else told).monitor))


@pytest.mark.parametrize("sampler", ["dpmpp_2m", "euler_ancestral", "dpmpp_sde", "heun"])
def test_pictures_drawn_together_are_those_drawn_alone(together: Engine, alone: Engine, plan_of: PlanOf, sampler: str):
    plan = plan_of(prompt="a <red apple|cat|tree>", matrix=True, sampling={**QUICK, "sampler": sampler})
    some, each = run(together, plan), run(alone, plan)
    assert [made.batch_size for made in some] == [3, 3, 3]
    assert [made.batch_size for made in each] == [1, 1, 1]
    assert [made.shot for made in some] == [made.shot for made in each]
    for one, other in zip(some, each, strict=True):
        # sums of larger matrix products round otherwise, which may turn a value at the edge of two into the other
        assert np.abs(one.picture.pixels.astype(int) - other.picture.pixels).max() <= 1


def test_they_are_told_step_by_step_each_with_its_preview(together: Engine, plan_of: PlanOf):
    told = Told()
    assert len(run(together, plan_of(output={"count": 4}, sampling={**QUICK, "steps": 2}), told)) == 4
    assert told.steps == [
        (0, 1, 1), (1, 1, 2), (2, 1, 3), (0, 2, 4), (1, 2, 5), (2, 2, 6),
        (3, 1, 7), (3, 2, 8),
    ]  # fmt: skip
    steps = [event for event in told if isinstance(event, Step)]
    assert all(step.preview is not None for step in steps)
    assert steps[-1].seconds_left == 0


@pytest.mark.parametrize("keep", [False, True])
def test_stop_ends_all_of_them_at_their_step(together: Engine, plan_of: PlanOf, keep: bool):
    told = Told(at=(0, 2), then=lambda monitor: monitor.stop(keep=keep))
    made = run(together, plan_of(output={"count": 5}, sampling=QUICK), told)
    assert [(shot, step) for shot, step, _ in told.steps] == [(shot, step) for step in (1, 2) for shot in range(3)]
    assert [(each.shot.number, each.steps_done) for each in made] == ([(0, 2), (1, 2), (2, 2)] if keep else [])


@pytest.mark.parametrize("keep", [False, True])
def test_skip_means_the_first_of_those_that_are_still_drawn(together: Engine, plan_of: PlanOf, keep: bool):
    # told at a step of the last one, it is the first that ends, at its next step
    told = Told(at=(2, 2), then=lambda monitor: monitor.skip(keep=keep))
    made = run(together, plan_of(output={"count": 4}, sampling=QUICK), told)
    whole = [(1, 4), (2, 4), (3, 4)]
    assert [(each.shot.number, each.steps_done) for each in made] == ([(0, 3)] if keep else []) + whole
    assert told.skipped == ([] if keep else [0])


def test_two_skips_mean_the_first_two(together: Engine, plan_of: PlanOf):
    class Twice(Told):
        def hear(self, event: Event) -> None:
            super().hear(event)
            if isinstance(event, Step) and event.shot == 2 and event.step <= 2:
                self.monitor.skip()

    told = Twice()
    made = run(together, plan_of(output={"count": 3}, sampling=QUICK), told)
    assert [each.shot.number for each in made] == [2]
    assert told.skipped == [0, 1]


def test_only_pictures_that_differ_in_words_and_noise_are_drawn_together(plan_of: PlanOf):
    shots = plan_of(
        output={"count": 3},
        sampling={**QUICK, "variation": {"seed": 1, "strength": 0.2}},
        prompt="a <b|c>",
        matrix=True,
    ).shots
    assert len(alike(shots)) == len(shots) == 6
    other = shots[0].generate.model_copy(update={"guidance": 3.0})
    assert len(alike([*shots[:2], shots[2].model_copy(update={"passes": (other,)}), *shots[3:]])) == 2


@pytest.mark.parametrize(
    ("device", "rows", "sampling", "pictures"),
    [
        (DeviceKind.CPU, 16, {}, 1),
        (DeviceKind.CUDA, 16, {}, 4),
        (DeviceKind.CUDA, 5, {}, 2),
        (DeviceKind.CUDA, 5, {"guidance": 1}, 4),
        (DeviceKind.CUDA, 5, {"guidance_options": {"start": 0.2, "end": 0.6}}, 2),
        (DeviceKind.CUDA, 1, {}, 1),
    ],
)
def test_as_many_are_drawn_together_as_the_memory_has_rows_for(
    plan_of: PlanOf, device: DeviceKind, rows: int, sampling: dict[str, object], pictures: int
):
    half = Precision.BFLOAT16
    policy = MemoryPolicy(device=device, precision=half, vae_precision=half, rows=rows)
    assert most_together(policy, plan_of(sampling=sampling).shots[0]) == pictures
