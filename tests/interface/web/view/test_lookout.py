from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from fooo.catalog import Catalog
from fooo.engine import FakeEngine, Made
from fooo.errors import OutOfMemory
from fooo.events import JobDone, LegName, Loading, MemoryChosen, PassName, PassStep, Placement, PrecisionRaised, Step
from fooo.image import Picture
from fooo.interface.people import HOST, Person, Quota, Role, repeat
from fooo.interface.web.view import Address, Lookout
from fooo.monitor import Monitor
from fooo.plan import Plan
from fooo.record import Archive
from fooo.request import Request, read_request
from fooo.service import Fooo

STEP = Step(shot=0, leg=LegName.BASE, step=1, steps=9, done=1, total=9, seconds_left=1.0)


@dataclass
class Gated:
    """An engine that waits at a gate before each job, says so, and breaks when told to."""

    gate: Event = field(default_factory=Event)
    at_gate: Event = field(default_factory=Event)
    broken: bool = False

    @property
    def device(self) -> str:
        return "no device"

    def prepare(self, plan: Plan, monitor: Monitor) -> None:
        return

    def close(self) -> None:
        return

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        monitor.tell(Loading("the base"))
        self.at_gate.set()
        self.gate.wait(30)
        if self.broken:
            raise OutOfMemory("The card is full; close other programs.")
        return FakeEngine().run(plan, monitor)


@pytest.fixture
def engine() -> Gated:
    return Gated()


@pytest.fixture
def program(catalog: Catalog, engine: Gated, tmp_path: Path) -> Generator[Fooo]:
    program = Fooo(catalog=lambda: catalog, make_engine=lambda: engine, archive=Archive(tmp_path), draw_seed=lambda: 7)
    yield program
    engine.gate.set()
    program.close()


@pytest.fixture
def lookout(program: Fooo) -> Lookout:
    return Lookout(program, lambda job, number: Address(f"{job.id}/{number}", f"{job.id}/{number} small"))


def ask(prompt: str, count: int = 1) -> Request:
    return read_request({"prompt": prompt, "output": {"count": count}})


def test_nothing_is_there_at_first(lookout: Lookout) -> None:
    view = lookout.look()
    assert (view.finished, view.drawing, view.waiting, view.failed, view.stopped) == ((), None, 0, {}, False)


def test_the_job_that_has_its_turn_is_drawn_and_the_others_wait(program: Fooo, lookout: Lookout, engine: Gated) -> None:
    first = program.submit(ask("first", 3))
    program.submit(ask("second"))
    program.submit(ask("third"))
    assert engine.at_gate.wait(10)
    view = lookout.look()
    assert view.drawing is not None
    assert (view.drawing.job, view.drawing.count, view.drawing.loading) == (first, 3, "the base")
    assert view.waiting == 2


def told(lookout: Lookout) -> object:
    drawing = lookout.look().drawing
    return drawing.memory if drawing else "nothing is drawn"


def test_how_the_memory_is_used_is_told_until_the_next_step(program: Fooo, lookout: Lookout, engine: Gated) -> None:
    job = program.submit(ask("a cat"))
    assert engine.at_gate.wait(10)
    chosen, raised = MemoryChosen(placement=Placement.STREAMED), PrecisionRaised("the base vae")
    assert told(lookout) is None
    for event, wanted in ((chosen, chosen), (Loading("the vae"), chosen), (STEP, None), (raised, raised), (STEP, None)):
        job.monitor.tell(event)
        assert told(lookout) == wanted


def test_the_first_job_is_told_what_was_chosen_while_its_models_were_loaded_before_it(
    program: Fooo, lookout: Lookout, engine: Gated
) -> None:
    chosen = MemoryChosen(placement=Placement.ONE_AT_A_TIME)
    for event in (chosen, Loading("the base")):
        lookout.hear(event)
    job = program.submit(ask("a cat"))
    assert engine.at_gate.wait(10)
    assert told(lookout) == chosen
    job.monitor.tell(STEP)
    job.monitor.tell(Loading("the vae"))
    assert told(lookout) is None
    program.submit(ask("a dog"))
    engine.gate.set()
    list(job.events())
    assert told(lookout) in {None, "nothing is drawn"}


def test_while_a_picture_is_finished_it_is_shown_as_it_was_drawn(
    program: Fooo, lookout: Lookout, engine: Gated
) -> None:
    job = program.submit(ask("a cat"))
    assert engine.at_gate.wait(10)
    drawn = Picture(np.zeros((4, 4, 3), np.uint8))
    job.monitor.tell(PassStep(0, PassName.ENLARGE, 0, 2, drawn))
    drawing = lookout.look().drawing
    assert drawing is not None
    assert drawing.preview is drawn
    assert drawing.finishing is not None
    engine.gate.set()
    list(job.events())


def test_finished_pictures_come_newest_first(program: Fooo, lookout: Lookout, engine: Gated) -> None:
    engine.gate.set()
    for job in [program.submit(ask("first", 2)), program.submit(ask("second"))]:
        list(job.events())
    view = lookout.look()
    assert [(one.prompt, one.seed) for one in view.finished] == [("second", 7), ("first", 8), ("first", 7)]
    assert lookout.look().finished == view.finished


def test_stop_ends_the_job_that_is_drawn_and_not_the_next(program: Fooo, lookout: Lookout, engine: Gated) -> None:
    first, second = program.submit(ask("first")), program.submit(ask("second"))
    assert engine.at_gate.wait(10)
    lookout.stop(first.id, keep=False)
    view = lookout.look()
    assert view.drawing is not None
    assert view.drawing.ending
    engine.gate.set()
    for job in (first, second):
        list(job.events())
    assert (len(first.pictures), len(second.pictures)) == (0, 1)


def test_a_stopped_job_is_said_to_be_stopped(program: Fooo, lookout: Lookout, engine: Gated) -> None:
    job = program.submit(ask("first"))
    assert engine.at_gate.wait(10)
    lookout.stop(job.id, keep=False)
    engine.gate.set()
    list(job.events())
    assert lookout.look().stopped


def test_a_job_that_waits_or_is_over_is_neither_stopped_nor_skipped(
    program: Fooo, lookout: Lookout, engine: Gated
) -> None:
    first, second = program.submit(ask("first")), program.submit(ask("second"))
    assert engine.at_gate.wait(10)
    lookout.stop(second.id, keep=False)
    lookout.skip(second.id)
    engine.gate.set()
    list(first.events())
    lookout.stop(first.id, keep=False)
    lookout.skip(first.id)
    list(second.events())
    assert (len(first.pictures), len(second.pictures)) == (1, 1)


def test_why_a_job_failed_is_known_under_its_id_for_good(program: Fooo, lookout: Lookout, engine: Gated) -> None:
    engine.broken = True
    engine.gate.set()
    job = program.submit(ask("first"))
    list(job.events())
    engine.broken = False
    second = program.submit(ask("second"))
    list(second.events())
    view = lookout.look()
    assert {name: str(error) for name, error in view.failed.items()} == {
        job.id: "The card is full; close other programs."
    }
    assert view.newest == second.id


def test_stop_and_skip_with_nothing_to_end_do_nothing(lookout: Lookout) -> None:
    lookout.stop("", keep=True)
    lookout.skip("")


def test_what_is_repeated_is_told_and_stop_ends_it_with_the_job_whatever_was_seen_last(
    program: Fooo, lookout: Lookout, engine: Gated
) -> None:
    first = program.submit(ask("again"))
    repeat(program, first, HOST)
    assert lookout.look().repeating == first.id
    engine.gate.set()
    list(first.events())
    engine.gate.clear()
    lookout.stop(first.id, keep=False)
    view = lookout.look()
    engine.gate.set()
    assert view.repeating == ""
    for job in program.jobs()[1:]:
        assert list(job.events())[-1] == JobDone(0, stopped=True)


def test_why_no_more_is_drawn_is_told(program: Fooo, lookout: Lookout, engine: Gated) -> None:
    guest = Person("ann", Role.GUEST, Quota(pictures_a_day=1))
    job = program.submit(ask("again"), person="ann")
    repeat(program, job, guest)
    engine.gate.set()
    list(job.events())
    while lookout.look(guest).repeating:
        pass
    (error,) = lookout.look(guest).failed.values()
    assert "1 pictures a day" in str(error)
