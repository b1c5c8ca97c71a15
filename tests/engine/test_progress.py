from collections.abc import Callable

import pytest

from fooo.engine.progress import Progress
from fooo.events import LegName, Step
from fooo.plan import Plan
from fooo.request import Size

PlanOf = Callable[..., Plan]


def told(plan: Plan, calls: int, seconds_a_call: float) -> list[Step]:
    """What is told of a job whose pictures take so many calls each, all of them equally long."""
    now = [0.0]
    progress = Progress(plan, clock=lambda: now[0])
    events: list[Step] = []
    for shot in plan.shots:
        progress.begin([shot])
        for call in range(1, calls + 1):
            now[0] += seconds_a_call
            events.append(progress.step(shot, call / calls * shot.steps, LegName.BASE, None))
    return events


@pytest.mark.parametrize("calls", [10, 19, 25])
def test_the_time_left_is_right_from_the_first_call_on_however_many_calls_a_step_takes(plan_of: PlanOf, calls: int):
    events = told(plan_of(sampling={"steps": 10}, output={"count": 2}), calls, seconds_a_call=0.5)
    left = [event.seconds_left for event in events]
    assert left == pytest.approx([0.5 * (2 * calls - done) for done in range(1, 2 * calls + 1)], abs=1e-9)


def test_steps_are_told_in_whole_numbers_that_only_rise_to_all_of_them(plan_of: PlanOf):
    events = told(plan_of(sampling={"steps": 10}, output={"count": 2}), 19, seconds_a_call=0.5)
    steps = [event.step for event in events[:19]]
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == (1, 10)
    assert set(steps) == set(range(1, 11))
    assert [event.done for event in events] == [*steps, *(10 + step for step in steps)]


def test_a_picture_that_was_given_up_counts_as_done_and_its_rate_as_measured(plan_of: PlanOf):
    plan, now = plan_of(sampling={"steps": 10}, output={"count": 2}), [0.0]
    progress = Progress(plan, clock=lambda: now[0])
    progress.begin(plan.shots[:1])
    now[0] = 2.0
    progress.step(plan.shots[0], 1, LegName.BASE, None)
    progress.begin(plan.shots[1:])
    now[0] = 4.0
    event = progress.step(plan.shots[1], 1, LegName.BASE, None)
    assert (event.done, event.seconds_left) == (11, pytest.approx(2.0 * 9))


def test_pictures_drawn_together_share_the_time_of_their_calls(plan_of: PlanOf):
    plan, now = plan_of(sampling={"steps": 10}, output={"count": 4}), [0.0]
    progress = Progress(plan, clock=lambda: now[0])
    progress.begin(plan.shots[:2])
    told: list[Step] = []
    for call in range(1, 11):
        now[0] += 1.0
        told += [progress.step(shot, call, LegName.BASE, None) for shot in plan.shots[:2]]
    assert [event.done for event in told] == list(range(1, 21))
    # of two pictures a call tells both: behind each call as much is left as by half a second for each picture's step
    assert [event.seconds_left for event in told[1::2]] == pytest.approx([0.5 * (40 - 2 * n) for n in range(1, 11)])


def test_a_step_in_windows_counts_as_many_times_as_there_are_windows(plan_of: PlanOf):
    plan, now = plan_of(sampling={"steps": 4}, models={"refiner": None}), [0.0]
    first = plan.shots[0].generate
    window = {"size": Size(width=256, height=256), "window": Size(width=128, height=128), "steps": 3}
    repaint = first.model_copy(update=window)
    shot = plan.shots[0].model_copy(update={"passes": (first, repaint)})
    progress = Progress(plan.model_copy(update={"shots": (shot,)}), clock=lambda: now[0])
    progress.begin([shot])
    # nine windows of 112 x 112 pixels
    windowed = 9 * 112**2 / 128**2
    for step in range(1, 5):
        now[0] += 2.0
        event = progress.step(shot, step, LegName.BASE, None)
        assert event.seconds_left == pytest.approx(2.0 * (4 - step + 3 * windowed))
    now[0] += 500.0  # in which it was enlarged
    progress.go_on(shot, 4)
    for step in (5, 6, 7):
        now[0] += 2.0 * windowed
        event = progress.step(shot, step, LegName.BASE, None)
        assert event.seconds_left == pytest.approx(2.0 * windowed * (7 - step))
