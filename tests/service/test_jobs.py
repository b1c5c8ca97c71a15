"""What is kept in memory of jobs that have ended, and where the rest is."""

import gc
import time
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest

from fooo.errors import EngineError
from fooo.events import JobDone, JobFailed, ShotDone
from fooo.plan import Plan
from fooo.record import Record
from fooo.service import Job, JobState, Queue
from fooo.service.jobs import MOST_ENDED, Jobs
from fooo.service.keeping import Hold
from tests.stopwatch import seconds

PlanOf = Callable[..., Plan]
PEOPLE = 3


def jobs_of(queue: Queue, *, most_ended: int = MOST_ENDED) -> Jobs:
    return Jobs(queue, Hold(), clock=time.monotonic, changed=lambda: None, most_ended=most_ended)


def end(jobs: Jobs, plan: Plan, *, person: str = "", error: str | None = None) -> Job:
    """A job that has had its turn."""
    job = jobs.add(plan, person=person)
    assert jobs.take() is job
    jobs.finish(job, JobFailed(EngineError(error)) if error else JobDone(len(job.pictures)))
    return job


def test_memory_stays_flat_over_5000_jobs_and_listing_them_is_quick(plan_of: PlanOf):
    jobs, plan = jobs_of(Queue()), plan_of()
    alive = [weakref.ref(end(jobs, plan, person=f"person {number % PEOPLE}")) for number in range(5000)]
    waiting = jobs.add(plan)
    gc.collect()
    assert sum(each() is not None for each in alive) == PEOPLE * MOST_ENDED
    assert len(jobs.all()) == PEOPLE * MOST_ENDED + 1

    def list_anew() -> None:
        jobs.prioritise(waiting.id, 1)  # what was listed holds no more
        jobs.all()

    assert seconds(list_anew, enough=0.02, tries=10) < 0.02


def test_the_newest_of_each_person_are_listed_and_those_before_are_read_from_the_queue(plan_of: PlanOf):
    jobs = jobs_of(Queue(), most_ended=2)
    ann = [end(jobs, plan_of(prompt=f"ann {number}"), person="ann", error=f"Error {number}.") for number in range(4)]
    bob = end(jobs, plan_of(prompt="bob"), person="bob")
    assert jobs.all() == (*ann[2:], bob)
    again = jobs.get(ann[0].id)
    assert again is not None
    assert again is not ann[0]
    assert (again.id, again.person, again.plan, again.state) == (ann[0].id, "ann", ann[0].plan, JobState.FAILED)
    assert str(list(again.events())[-1]) == str(JobFailed(EngineError("Error 0.")))
    assert jobs.get(ann[3].id) is ann[3]
    assert jobs.get("nobody") is None


def test_what_is_not_listed_any_more_can_be_tried_again_and_not_be_ended_twice(plan_of: PlanOf):
    jobs = jobs_of(Queue(), most_ended=1)
    first, _ = (end(jobs, plan_of(), person="ann", error="The card is gone.") for _ in range(2))
    jobs.cancel(first.id)
    again = jobs.get(first.id)
    assert again
    assert again.state is JobState.FAILED
    assert jobs.retry(first.id).plan == first.plan


def test_jobs_with_pictures_outlast_those_without(plan_of: PlanOf, record: Record):
    jobs = jobs_of(Queue(), most_ended=2)
    drawn = jobs.add(plan_of(), person="ann")
    jobs.take()
    drawn.monitor.tell(ShotDone(record, Path("picture.png")))
    jobs.finish(drawn, JobDone(1))
    stopped = [end(jobs, plan_of(), person="ann") for _ in range(5)]
    assert jobs.all() == (drawn, stopped[-1])


@pytest.mark.parametrize("workers", [2])
def test_jobs_that_are_drawn_at_once_are_listed_in_the_order_of_their_turns(plan_of: PlanOf, workers: int):
    jobs = jobs_of(Queue())
    asked = [jobs.add(plan_of(), person=f"person {number}") for number in range(4)]
    taken = [jobs.take() for _ in range(workers)]
    assert jobs.all() == (*taken, *asked[workers:]) == tuple(asked)
