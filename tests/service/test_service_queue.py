"""What the program makes of its queue: restarts, full disks, requests that wait for files."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest

from fooo.catalog import Catalog
from fooo.engine import FakeEngine, Made
from fooo.errors import EngineError, QueueUnusable, RequestError, StorageFull
from fooo.events import JobDone, JobFailed, ShotDone, Step
from fooo.monitor import Monitor
from fooo.plan import Plan
from fooo.record import Archive
from fooo.request import read_request
from fooo.service import Fooo, Job, JobState, Queue, Trouble
from tests.changing_catalog import ChangingCatalog
from tests.conftest import NOW
from tests.full_disk import FullDisk

THREE = {"prompt": "a cat", "output": {"count": 3}, "sampling": {"steps": 4, "seed": 7}}
PATIENCE = 10.0
"""Seconds that a test waits for the drawing thread at most."""


class GatedEngine(FakeEngine):
    """Stops at a gate after its first pictures, and counts the shots that it was given."""

    def __init__(self, pictures: int = 1000) -> None:
        super().__init__()
        self.gate, self.at_gate = threading.Event(), threading.Event()
        self._before_gate = pictures
        self.drawn: list[int] = []

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        for made in super().run(plan, monitor):
            self.drawn.append(made.shot.seed)
            yield made
            if len(self.drawn) == self._before_gate:
                self.at_gate.set()
                self.gate.wait(PATIENCE)


ProgramOf = Callable[..., Fooo]


@pytest.fixture
def program_of(folders: ChangingCatalog, tmp_path: Path) -> Iterator[ProgramOf]:
    """Programs on one folder, one after the other."""
    made: list[Fooo] = []

    def build(
        engine: FakeEngine | None = None,
        archive: Archive | None = None,
        *,
        queue: Queue | None = None,
        in_memory: bool = False,
        now: Callable[[], datetime] = lambda: NOW,
    ) -> Fooo:
        program = Fooo(
            catalog=folders,
            make_engine=lambda: engine or FakeEngine(),
            archive=archive or Archive(tmp_path / "outputs"),
            draw_seed=lambda: 42,
            queue=None if in_memory else queue or Queue(tmp_path / "queue"),
            now=now,
        )
        made.append(program)
        return program

    yield build
    for program in made:
        if program.queue.trouble:
            program.queue.give_up()
        program.close()


def submit(program: Fooo, fields: Mapping[str, object] = THREE, **whose: Any) -> Job:
    return program.submit(read_request(dict(fields)), **whose)


def last(job: Job) -> object:
    return list(job.events())[-1]


Found = TypeVar("Found")


def wait_for(look: Callable[[], Found | None]) -> Found:
    """What the drawing thread brings about."""
    for _ in range(int(PATIENCE / 0.01)):
        if found := look():
            return found
        threading.Event().wait(0.01)
    raise AssertionError("it did not come about")


def trouble_of(program: Fooo) -> Trouble:
    """Why it does not go on."""
    return wait_for(lambda: program.queue.trouble)


def test_after_a_restart_the_job_goes_on_where_it_was_and_the_others_follow(program_of: ProgramOf):
    engine = GatedEngine(pictures=1)
    first = program_of(engine)
    running, waiting = submit(first), submit(first, {**THREE, "prompt": "a dog"})
    assert engine.at_gate.wait(PATIENCE)
    closing = threading.Thread(target=first.close)
    closing.start()
    threading.Timer(0.1, engine.gate.set).start()
    closing.join(PATIENCE)
    assert last(running) == JobDone(1, stopped=True)  # who watched it is told
    again = GatedEngine()
    second = program_of(again)
    jobs = [second.job(job.id) for job in (running, waiting)]
    assert [last(job) for job in jobs if job] == [JobDone(3), JobDone(3)]
    assert again.drawn == [8, 9, 7, 8, 9]
    assert [[done.record.shot.seed for done in job.pictures] for job in jobs if job] == [[7, 8, 9]] * 2
    assert len({done.path for job in jobs if job for done in job.pictures}) == 6


def test_the_steps_of_a_job_that_goes_on_count_those_that_are_left(program_of: ProgramOf):
    engine = GatedEngine(pictures=1)
    first = program_of(engine)
    job_id = submit(first).id
    assert engine.at_gate.wait(PATIENCE)
    threading.Timer(0.1, engine.gate.set).start()
    first.close()
    again = program_of().job(job_id)
    assert again
    assert last(again) == JobDone(3)
    steps = [event for event in again.events() if isinstance(event, Step)]
    assert [(step.shot, step.step) for step in steps] == [(shot, step) for shot in (1, 2) for step in range(1, 5)]
    assert [(step.done, step.total) for step in steps] == [(done, 8) for done in range(1, 9)]
    assert all(step.seconds_left >= 0 for step in steps)


def test_jobs_of_earlier_runs_are_known_with_their_pictures_and_their_ends(program_of: ProgramOf):
    class Breaking(FakeEngine):
        def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
            yield from super().run(plan, monitor)
            if plan.request.prompt == "breaks":
                raise EngineError("The card is gone; plug it in.")

    first = program_of(Breaking())
    done, failed = submit(first), submit(first, {**THREE, "prompt": "breaks"})
    assert isinstance(last(failed), JobFailed)
    first.close()
    second = program_of()
    before, after = (done, failed), second.jobs()
    assert [job.id for job in after] == [job.id for job in before]
    assert [job.plan for job in after] == [job.plan for job in before]
    assert [job.pictures for job in after] == [job.pictures for job in before]
    assert [job.state for job in after] == [JobState.DONE, JobState.FAILED]
    end = last(after[1])
    assert isinstance(end, JobFailed)
    assert str(end.error) == "The card is gone; plug it in."


def test_editing_a_style_does_not_change_a_queued_job(program_of: ProgramOf, folders: ChangingCatalog):
    first = program_of()
    first.queue.pause()
    asked = submit(first, {**THREE, "styles": ["Line Art"]})
    first.close()
    folders.now = replace(folders.now, styles={})
    second = program_of()
    second.queue.resume()
    job = second.job(asked.id)
    assert job
    assert last(job) == JobDone(3)
    assert {done.record.shot.texts.positive for done in job.pictures} == {"a cat, line art"}


def test_a_job_that_was_stopped_while_it_waited_is_not_drawn_by_the_next_program(program_of: ProgramOf):
    first = program_of()
    first.queue.pause()
    stopped, waits = submit(first), submit(first)
    stopped.stop()
    assert last(stopped) == JobDone(0, stopped=True)
    first.close()
    engine = GatedEngine()
    second = program_of(engine)
    second.queue.resume()
    job = second.job(waits.id)
    assert job
    assert last(job) == JobDone(3)
    assert len(engine.drawn) == 3


def test_a_program_in_memory_beside_one_that_serves_draws_its_own_at_once(program_of: ProgramOf):
    serving = program_of()
    serving.queue.pause()
    held = submit(serving)
    beside = program_of(in_memory=True)
    own = submit(beside)
    assert last(own) == JobDone(3)
    assert beside.jobs() == (own,)
    assert held.state is JobState.WAITING


def test_jobs_are_listed_as_they_ended_then_as_they_will_come(program_of: ProgramOf):
    engine = GatedEngine(pictures=1)
    program = program_of(engine)
    drawn = submit(program)
    assert engine.at_gate.wait(PATIENCE)
    ann = [submit(program, person="ann") for _ in range(2)]
    bob = submit(program, person="bob")
    urgent = submit(program, person="ann", priority=1)
    assert program.jobs() == (drawn, urgent, bob, *ann)
    ann[0].stop()
    program.queue.move(ann[1].id, before=urgent.id)
    assert program.jobs() == (ann[0], drawn, ann[1], bob, urgent)
    engine.gate.set()
    assert last(urgent) == JobDone(3)
    assert program.jobs() == (ann[0], drawn, ann[1], bob, urgent)


def test_a_paused_program_begins_nothing_until_it_goes_on(program_of: ProgramOf):
    program = program_of()
    program.queue.pause()
    job = submit(program)
    assert program.device() == "no device"  # the thread is at work
    assert (job.state, program.queue.is_paused) == (JobState.WAITING, True)
    program.queue.resume()
    assert last(job) == JobDone(3)


def test_trying_again_draws_only_what_is_missing(program_of: ProgramOf):
    class BreakingOnce(GatedEngine):
        def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
            for made in super().run(plan, monitor):
                yield made
                if len(self.drawn) == 2:
                    raise EngineError("The card is gone.")

    engine = BreakingOnce()
    program = program_of(engine)
    failed = submit(program, person="ann")
    assert isinstance(last(failed), JobFailed)
    again = program.queue.retry(failed.id)
    assert last(again) == JobDone(1)
    assert (engine.drawn, again.person) == ([7, 8, 9], "ann")
    for job_id, problem in ((again.id, "has made all its pictures"), ("nobody", "has not ended")):
        with pytest.raises(RequestError, match=problem):
            program.queue.retry(job_id)


def test_on_a_full_disk_the_picture_is_offered_and_going_on_saves_it(program_of: ProgramOf, tmp_path: Path):
    disk, engine = FullDisk(tmp_path / "outputs"), GatedEngine()
    program = program_of(engine, disk)
    job, behind = submit(program), submit(program)
    trouble = trouble_of(program)
    assert isinstance(trouble.error, StorageFull)
    assert trouble.unsaved
    assert (trouble.unsaved.job_id, trouble.unsaved.record.shot.seed) == (job.id, 7)
    assert np.ptp(trouble.unsaved.picture.pixels.reshape(-1, 3), axis=0).tolist() == [0, 0, 0]  # the flat one
    assert (job.state, behind.state, job.pictures) == (JobState.RUNNING, JobState.WAITING, ())
    program.queue.resume()  # still full
    assert trouble_of(program).unsaved
    disk.full = False
    program.queue.resume()
    assert [last(job), last(behind)] == [JobDone(3), JobDone(3)]
    assert program.queue.trouble is None
    assert engine.drawn == [7, 8, 9] * 2  # nothing was drawn again
    assert len(list((tmp_path / "outputs").rglob("*.png"))) == 6


def test_a_picture_that_is_given_up_fails_its_job_and_the_next_goes_on(program_of: ProgramOf, tmp_path: Path):
    disk = FullDisk(tmp_path / "outputs")
    program = program_of(archive=disk)
    job = submit(program)
    assert trouble_of(program)
    program.queue.give_up()
    end = last(job)
    assert isinstance(end, JobFailed)
    assert isinstance(end.error, StorageFull)
    disk.full = False
    assert last(submit(program)) == JobDone(3)


def test_a_picture_that_waits_for_a_full_disk_is_drawn_again_after_a_restart(program_of: ProgramOf, tmp_path: Path):
    first = program_of(archive=FullDisk(tmp_path / "outputs"))
    job_id = submit(first).id
    assert trouble_of(first)
    first.close()
    job = program_of().job(job_id)
    assert job
    assert last(job) == JobDone(3)


def test_without_anybody_to_free_the_disk_the_job_fails_at_once(program_of: ProgramOf, tmp_path: Path):
    job = submit(program_of(archive=FullDisk(tmp_path / "outputs"), in_memory=True))
    end = last(job)
    assert isinstance(end, JobFailed)
    assert isinstance(end.error, StorageFull)


class StubbornQueue(Queue):
    """Cannot be written for a while."""

    stubborn = False

    def submit(self, job_id: str, plan: Plan, *, person: str = "", priority: int = 0) -> None:
        self._refuse()
        super().submit(job_id, plan, person=person, priority=priority)

    def take(self) -> str | None:
        self._refuse()
        return super().take()

    def keep(self, job_id: str, shot: int) -> None:
        self._refuse()
        super().keep(job_id, shot)

    def _refuse(self) -> None:
        if self.stubborn:
            raise QueueUnusable("The queue is held by another program; close that one.")


def test_a_queue_that_cannot_be_written_is_told_at_once_and_nothing_is_queued(program_of: ProgramOf, tmp_path: Path):
    queue = StubbornQueue(tmp_path / "queue")
    program = program_of(queue=queue)
    queue.stubborn = True
    with pytest.raises(QueueUnusable):
        submit(program)
    assert program.jobs() == ()
    queue.stubborn = False
    if program.queue.trouble:  # the thread may have looked meanwhile
        program.queue.resume()
    assert last(submit(program)) == JobDone(3)


def test_a_picture_is_saved_once_though_the_queue_could_not_be_written(program_of: ProgramOf, tmp_path: Path):
    queue, engine = StubbornQueue(tmp_path / "queue"), GatedEngine(pictures=1)
    program = program_of(engine, queue=queue)
    job = submit(program)
    assert engine.at_gate.wait(PATIENCE)
    queue.stubborn = True
    engine.gate.set()
    assert isinstance(trouble_of(program).error, QueueUnusable)
    queue.stubborn = False
    program.queue.resume()
    assert last(job) == JobDone(3)
    assert len(list((tmp_path / "outputs").rglob("*.png"))) == 3


def test_a_clock_that_jumps_changes_no_order_and_loses_no_picture(program_of: ProgramOf, tmp_path: Path):
    jumps = iter([0, 86400 * 400, -86400 * 400, 3600, -1] * 10)
    program = program_of(now=lambda: NOW + timedelta(seconds=next(jumps)))
    program.queue.pause()
    jobs = [submit(program) for _ in range(3)]
    program.queue.resume()
    assert [last(job) for job in jobs] == [JobDone(3)] * 3
    assert program.jobs() == tuple(jobs)
    assert len(list((tmp_path / "outputs").rglob("*.png"))) == 9


SDXL = {"prompt": "a cat", "models": {"base": "sd_xl_base_1.0.safetensors"}}
"""Wants a published file that is not here."""


def test_a_request_waits_for_its_model_and_is_drawn_once_that_is_here(
    program_of: ProgramOf, folders: ChangingCatalog, catalog: Catalog
):
    program = program_of()
    job_id = program.submit_when_here(read_request(dict(SDXL)))
    assert [waiting.id for waiting in program.queue.unplanned()] == [job_id]
    assert program.job(job_id) is None
    base = replace(catalog.models["pocket/base"], name="sd_xl_base_1.0.safetensors")
    folders.now = replace(catalog, models={**catalog.models, base.name: base})
    program.queue.resume()  # or it looks in two seconds
    assert isinstance(last(wait_for(lambda: program.job(job_id))), JobDone)
    assert program.queue.unplanned() == ()


def test_a_request_whose_model_is_here_is_submitted_at_once(program_of: ProgramOf):
    program = program_of()
    job = program.job(program.submit_when_here(read_request(THREE)))
    assert job
    assert last(job) == JobDone(3)


def test_a_request_that_waits_for_its_model_survives_and_can_be_cancelled(program_of: ProgramOf):
    first = program_of()
    job_id = first.submit_when_here(read_request(dict(SDXL)))
    first.close()
    second = program_of()
    (waiting,) = second.queue.unplanned()
    assert waiting.id == job_id
    second.queue.cancel(job_id)
    assert second.queue.unplanned() == ()


def test_pictures_of_a_job_come_once_to_who_watches_it_over_the_restart(program_of: ProgramOf):
    engine = GatedEngine(pictures=2)
    first = program_of(engine)
    job_id = submit(first).id
    assert engine.at_gate.wait(PATIENCE)
    threading.Timer(0.1, engine.gate.set).start()
    first.close()
    job = program_of().job(job_id)
    assert job
    seeds = [event.record.shot.seed for event in job.events() if isinstance(event, ShotDone)]
    assert seeds == [7, 8, 9]
