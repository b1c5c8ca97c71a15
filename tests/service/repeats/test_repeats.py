"""A request that is drawn again and again, until it is stopped."""

import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from fooo.catalog import Catalog
from fooo.engine import FakeEngine, Made
from fooo.errors import NotAllowed, OutOfMemory
from fooo.interface.people import Person, Quota, Role, repeat
from fooo.monitor import Monitor
from fooo.plan import Plan
from fooo.record import Archive
from fooo.request import Request, read_request
from fooo.service import Fooo, Job

ONE = read_request({"prompt": "a cat", "sampling": {"steps": 2, "seed": 7}})


@dataclass
class Counted:
    """An engine that draws as many jobs as it is let, and fails with the one of that number."""

    let: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    device: str = "no device"
    fails: int = 0
    begun: int = 0

    def prepare(self, plan: Plan, monitor: Monitor) -> None:
        return

    def close(self) -> None:
        return

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        self.let.acquire(timeout=20)
        self.begun += 1
        if self.begun == self.fails:
            raise OutOfMemory("The card is full; close other programs.")
        return FakeEngine().run(plan, monitor)


@pytest.fixture
def engine() -> Counted:
    return Counted()


@pytest.fixture
def program(catalog: Catalog, engine: Counted, tmp_path: Path) -> Generator[Fooo]:
    seeds = count(1)
    program = Fooo(
        catalog=lambda: catalog, make_engine=lambda: engine, archive=Archive(tmp_path), draw_seed=lambda: next(seeds)
    )
    yield program
    engine.let.release(100)
    program.close()


def until(true: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Whether it becomes true within that time."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


def begun(program: Fooo, person: str = "") -> Job:
    """The first of what is repeated."""
    job = program.submit(ONE, person=person)
    program.repeats.begin(person, job, lambda request: program.submit(request, person=person))
    return job


def asked_for(program: Fooo, number: int) -> Job:
    """The n-th job, once it was asked for."""
    assert until(lambda: len(program.jobs()) >= number)
    return program.jobs()[number - 1]


def end_of(job: Job) -> object:
    return list(job.events())[-1]


def test_the_next_is_asked_for_when_the_one_before_has_ended_with_a_new_seed(program: Fooo, engine: Counted) -> None:
    first = begun(program)
    assert len(program.jobs()) == 1
    engine.let.release()
    second = asked_for(program, 2)
    assert first.has_ended
    assert not second.has_ended
    assert second.plan.request.prompt == "a cat"
    assert until(lambda: (now := program.repeats.of("")) is not None and now.job is second)
    engine.let.release()
    third = asked_for(program, 3)
    assert len({job.plan.shots[0].seed for job in (first, second, third)}) == 3


def test_no_more_comes_once_it_is_ended_and_the_open_job_is_drawn_to_its_end(program: Fooo, engine: Counted) -> None:
    first = begun(program)
    program.repeats.end("")
    engine.let.release()
    assert end_of(first)
    assert not until(lambda: len(program.jobs()) > 1, 0.3)
    assert program.repeats.of("") is None


def test_a_stopped_job_is_the_last(program: Fooo, engine: Counted) -> None:
    first = begun(program)
    first.stop()
    engine.let.release()
    assert until(lambda: program.repeats.of("") is None)
    assert len(program.jobs()) == 1


def test_a_failed_job_is_the_last(program: Fooo, engine: Counted) -> None:
    engine.fails = 3
    begun(program)
    engine.let.release(9)
    assert until(lambda: program.repeats.of("") is None)
    assert len(program.jobs()) == 3


def test_a_quota_ends_it_with_its_sentence(program: Fooo, engine: Counted) -> None:
    guest = Person("ann", Role.GUEST, Quota(pictures_a_day=2))
    engine.let.release(9)
    repeat(program, program.submit(ONE, person="ann"), guest)
    assert until(lambda: (ended := program.repeats.of("ann")) is not None and ended.error is not None)
    ended = program.repeats.of("ann")
    assert ended is not None
    assert isinstance(ended.error, NotAllowed)
    assert "2 pictures a day" in str(ended.error)
    assert len(program.jobs()) == 2


def test_what_breaks_in_submitting_ends_it_with_a_sentence(program: Fooo, engine: Counted) -> None:
    def submit(request: Request) -> Job:
        raise ZeroDivisionError

    engine.let.release()
    program.repeats.begin("", program.submit(ONE), submit)
    assert until(lambda: (ended := program.repeats.of("")) is not None and "ZeroDivision" in str(ended.error))


def test_each_person_has_one_and_the_newer_takes_the_place_of_the_older(program: Fooo, engine: Counted) -> None:
    begun(program, "ann")
    begun(program, "bob")
    newer = begun(program, "ann")
    program.repeats.end("bob")
    assert (repeated := program.repeats.of("ann")) is not None
    assert repeated.job is newer
    engine.let.release(3)
    fourth = asked_for(program, 4)
    assert fourth.person == "ann"
    assert not until(lambda: len(program.jobs()) > 4, 0.3)


def test_a_program_that_closes_asks_for_nothing_more(program: Fooo, engine: Counted) -> None:
    job = begun(program)
    engine.let.release()
    program.close()
    assert program.repeats.of("") is None
    program.repeats.begin("", job, program.submit)
    assert program.repeats.of("") is None
