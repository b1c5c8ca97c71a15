from collections.abc import Callable

import numpy as np
import pytest

from fooo.events import LegName, PassName, PassStep, ShotSkipped, Step
from fooo.image import Picture
from fooo.plan import Plan, Promise
from fooo.service import Job

PREVIEW = Picture(np.zeros((4, 4, 3), np.uint8))


def step(shot: int, number: int, seconds_left: float = 0) -> Step:
    return Step(shot=shot, leg=LegName.BASE, step=number, steps=4, done=number, total=8, seconds_left=seconds_left)


def test_of_a_pass_too_only_the_newest_preview_is_held(plan_of: Callable[..., Plan]):
    job = Job(plan_of())
    for done in range(3):
        job.monitor.tell(PassStep(0, PassName.ENLARGE, done, 2, PREVIEW))
    assert [event.preview for event in job.events_so_far() if isinstance(event, PassStep)] == [None, None, PREVIEW]


def test_what_is_promised_for_finishing_is_left_until_it_is_done(plan_of: Callable[..., Plan]):
    plan = plan_of(output={"count": 3})
    job = Job(plan, promise=Promise(seconds=90, finishing=30, pictures=3))
    told = [
        step(0, 1, 5),
        PassStep(0, PassName.ENLARGE, 1, 1),
        step(0, 4, 4),
        ShotSkipped(0),
        step(1, 1, 3),
    ]
    for event in told:
        job.monitor.tell(event)
    left = [event.seconds_left for event in job.events_so_far() if isinstance(event, Step)]
    assert left == pytest.approx([5 + 30, 4 + 20, 3 + 20])


def test_without_a_promise_a_step_is_told_as_it_is(plan_of: Callable[..., Plan]):
    job = Job(plan_of())
    job.monitor.tell(step(0, 1, 5))
    (told,) = job.events_so_far()
    assert told == step(0, 1, 5)
