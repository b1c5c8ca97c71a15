"""Several devices: a worker for each, and one queue."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fooo.catalog import Catalog
from fooo.engine import FakeEngine, Made
from fooo.engine.process import Patience, ProcessEngine
from fooo.errors import WorkerDied
from fooo.events import Event, JobDone, JobFailed
from fooo.monitor import Monitor
from fooo.plan import Plan
from fooo.record import Archive
from fooo.request import read_request
from fooo.service import Fooo, Job, JobState, Queue
from tests.changing_catalog import ChangingCatalog
from tests.conftest import NOW
from tests.engine.process.engines import Troubled
from tests.full_disk import FullDisk

PATIENCE = 30.0
"""Seconds for what takes hundredths on an idle machine."""

ProgramOf = Callable[..., Fooo]


class Ticking(FakeEngine):
    """A job takes one tick of the clock, which ticks once each engine draws."""

    def __init__(self, tick: threading.Barrier, name: str = "a card") -> None:
        super().__init__()
        self._tick, self._name = tick, name

    @property
    def device(self) -> str:
        return self._name

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        self._tick.wait(PATIENCE)
        yield from super().run(plan, monitor)


class Gated(FakeEngine):
    """Waits in each job until the test lets that go, or somebody stops it."""

    def __init__(self, gates: dict[str, threading.Event], begun: list[str]) -> None:
        super().__init__()
        self._gates, self._begun = gates, begun

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        prompt = plan.request.prompt
        self._begun.append(prompt)
        while prompt in self._gates and not self._gates[prompt].wait(0.01):
            if monitor.wish[0].name == "STOP":
                return
        yield from super().run(plan, monitor)


@pytest.fixture
def program_of(folders: ChangingCatalog, tmp_path: Path) -> Iterator[ProgramOf]:
    """Programs on one folder with these engines, one after the other."""
    made: list[Fooo] = []

    def build(engines: Sequence[FakeEngine | ProcessEngine], archive: Archive | None = None) -> Fooo:
        left = iter(engines)
        program = Fooo(
            catalog=folders,
            make_engine=lambda: next(left),
            more_engines=[lambda: next(left)] * (len(engines) - 1),
            archive=archive or Archive(tmp_path / "outputs"),
            draw_seed=lambda: 42,
            queue=Queue(tmp_path / "queue"),
            now=lambda: NOW,
        )
        made.append(program)
        return program

    yield build
    for program in made:
        program.close()


def submit(program: Fooo, prompt: str, *, count: int = 1, person: str = "", **more: Any) -> Job:
    fields = {"prompt": prompt, "output": {"count": count}, "sampling": {"steps": 2, "seed": 7}, **more}
    return program.submit(read_request(fields), person=person)


def last(job: Job) -> Event:
    return list(job.events())[-1]


def wait_until(true: Callable[[], bool]) -> None:
    for _ in range(int(PATIENCE / 0.01)):
        if true():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not come about")


def gated(*prompts: str) -> tuple[dict[str, threading.Event], list[str], list[FakeEngine]]:
    """Gates for these jobs, which jobs have begun, and two engines that wait there."""
    gates: dict[str, threading.Event] = {prompt: threading.Event() for prompt in prompts}
    begun: list[str] = []
    return gates, begun, [Gated(gates, begun), Gated(gates, begun)]


@pytest.mark.parametrize(("workers", "ticks"), [(1, 20), (2, 10)])
def test_two_workers_take_half_the_time_of_one(program_of: ProgramOf, workers: int, ticks: int):
    ticked: list[None] = []
    clock = threading.Barrier(workers, action=lambda: ticked.append(None))
    program = program_of([Ticking(clock) for _ in range(workers)])
    assert program.workers == workers
    jobs = [submit(program, f"job {number}", person=f"person {number % 3}") for number in range(20)]
    assert [last(job) for job in jobs] == [JobDone(1)] * 20
    # exactly: the clock is the engines' own, and ticks once they all draw
    assert len(ticked) == ticks


def test_the_jobs_of_one_person_run_beside_each_other_and_people_take_turns(program_of: ProgramOf):
    gates, begun, engines = gated("ann 1", "ann 2", "ann 3", "bob 1")
    program = program_of(engines)
    jobs = {prompt: submit(program, prompt, person=prompt[:3]) for prompt in ("ann 1", "ann 2")}
    wait_until(lambda: len(begun) == 2)
    jobs |= {prompt: submit(program, prompt, person=prompt[:3]) for prompt in ("ann 3", "bob 1")}
    assert [job.plan.request.prompt for job in program.jobs()] == ["ann 1", "ann 2", "bob 1", "ann 3"]
    assert [job.state for job in program.jobs()] == [JobState.RUNNING] * 2 + [JobState.WAITING] * 2
    gates["ann 2"].set()
    wait_until(lambda: len(begun) == 3)
    assert begun[2] == "bob 1"
    for gate in gates.values():
        gate.set()
    assert {last(job) for job in jobs.values()} == {JobDone(1)}


def test_an_idle_worker_that_holds_the_models_is_given_the_job(program_of: ProgramOf, folders: ChangingCatalog):
    gates = {prompt: threading.Event() for prompt in ("pocket", "sdxl")}
    begun: tuple[list[str], list[str]] = ([], [])  # by each worker
    sdxl = replace(folders.now.models["pocket/base"], name="sd_xl_base_1.0.safetensors")
    folders.now = replace(folders.now, models={**folders.now.models, sdxl.name: sdxl})
    program = program_of([Gated(gates, own) for own in begun])
    bases = {"pocket": "pocket/base", "sdxl": sdxl.name}
    asked = {name: {"base": base, "refiner_switch": 1} for name, base in bases.items()}
    jobs = [submit(program, name, models=models) for name, models in asked.items()]
    wait_until(lambda: all(begun))
    for gate in gates.values():
        gate.set()
    for number in range(10):
        wait_until(lambda: program.idle_workers == 2)
        name = "sdxl" if number % 3 else "pocket"
        jobs.append(submit(program, f"{name} {number}", models=asked[name]))
        assert last(jobs[-1]) == JobDone(1)
    assert [last(job) for job in jobs] == [JobDone(1)] * 12
    # either worker may have been given the first job
    assert sorted(sorted({prompt.split()[0] for prompt in own}) for own in begun) == [["pocket"], ["sdxl"]]


def test_a_job_waits_for_no_worker_that_is_busy_though_it_holds_the_models(program_of: ProgramOf):
    gates, begun, engines = gated("one")
    program = program_of(engines)
    assert last(submit(program, "zero")) == JobDone(1)
    wait_until(lambda: program.idle_workers == 2)
    one = submit(program, "one")
    wait_until(lambda: "one" in begun)
    assert last(submit(program, "two")) == JobDone(1)
    gates["one"].set()
    assert last(one) == JobDone(1)


def test_stopping_one_of_two_jobs_leaves_the_other(program_of: ProgramOf):
    gates, begun, engines = gated("one", "two")
    program = program_of(engines)
    one, two = submit(program, "one"), submit(program, "two")
    wait_until(lambda: len(begun) == 2)
    two.stop()
    assert last(two) == JobDone(0, stopped=True)
    assert one.state is JobState.RUNNING
    gates["one"].set()
    assert last(one) == JobDone(1)


def test_a_pause_lets_both_jobs_end_and_begins_no_third(program_of: ProgramOf):
    gates, begun, engines = gated("one", "two")
    program = program_of(engines)
    jobs = [submit(program, prompt) for prompt in ("one", "two", "three")]
    wait_until(lambda: len(begun) == 2)
    program.queue.pause()
    for gate in gates.values():
        gate.set()
    assert [last(job) for job in jobs[:2]] == [JobDone(1)] * 2
    assert program.device() == "no device + no device"  # both threads are past their jobs
    assert (jobs[2].state, sorted(begun)) == (JobState.WAITING, ["one", "two"])
    program.queue.resume()
    assert last(jobs[2]) == JobDone(1)


def test_both_jobs_that_ran_go_on_after_a_restart_and_none_twice(program_of: ProgramOf, tmp_path: Path):
    _, begun, engines = gated("one", "two")
    first = program_of(engines)
    ids = [submit(first, prompt, count=2).id for prompt in ("one", "two", "three")]
    wait_until(lambda: len(begun) == 2)
    first.close()
    again: list[str] = []
    second = program_of([Gated({}, again), Gated({}, again)])
    jobs = [second.job(job_id) for job_id in ids]
    assert [last(job) for job in jobs if job] == [JobDone(2)] * 3
    assert sorted(again) == ["one", "three", "two"]
    assert len(list((tmp_path / "outputs").rglob("*.png"))) == 6


def test_a_request_that_waited_for_its_model_is_drawn_once(
    program_of: ProgramOf, folders: ChangingCatalog, catalog: Catalog
):
    begun: list[str] = []
    program = program_of([Gated({}, begun), Gated({}, begun)])
    sdxl = {"models": {"base": "sd_xl_base_1.0.safetensors"}}
    ids = [program.submit_when_here(read_request({"prompt": f"job {number}", **sdxl})) for number in range(6)]
    base = replace(catalog.models["pocket/base"], name="sd_xl_base_1.0.safetensors")
    folders.now = replace(catalog, models={**catalog.models, base.name: base})
    program.queue.resume()  # or they look in two seconds
    wait_until(lambda: not program.queue.unplanned())
    jobs = [program.job(job_id) for job_id in ids]
    assert [last(job) for job in jobs if job] == [JobDone(1)] * 6
    assert sorted(begun) == [f"job {number}" for number in range(6)]


def test_on_a_full_disk_giving_one_picture_up_keeps_the_other(program_of: ProgramOf, tmp_path: Path):
    disk = FullDisk(tmp_path / "outputs")
    program = program_of([FakeEngine(), FakeEngine()], disk)
    jobs = {job.id: job for job in (submit(program, "one"), submit(program, "two"))}
    wait_until(lambda: all(job.state is JobState.RUNNING for job in jobs.values()))
    wait_until(lambda: len(program.queue.troubles) == 2)
    trouble = program.queue.trouble
    assert trouble
    assert trouble.unsaved
    lost = jobs.pop(trouble.unsaved.job_id)
    program.queue.give_up()
    assert isinstance(last(lost), JobFailed)
    disk.full = False  # and then the other one is tried again by itself
    assert [last(job) for job in jobs.values()] == [JobDone(1)]
    assert len(list((tmp_path / "outputs").rglob("*.png"))) == 1


def test_all_devices_are_named(program_of: ProgramOf):
    clock = threading.Barrier(1)
    program = program_of([Ticking(clock, "a card"), Ticking(clock, "the processor")])
    assert sorted(program.device().split(" + ")) == ["a card", "the processor"]


def test_a_crash_of_one_process_ends_its_job_and_the_other_draws_on(program_of: ProgramOf):
    engines = [ProcessEngine(Troubled, patience=Patience(after_stop=0.3, silence=PATIENCE)) for _ in range(2)]
    program = program_of(engines)
    crashes, hangs = submit(program, "abort"), submit(program, "hang")
    behind = [submit(program, f"job {number}") for number in range(3)]
    crashed = last(crashes)
    assert isinstance(crashed, JobFailed)
    assert isinstance(crashed.error, WorkerDied)
    # one worker hangs, and the other one, with a new process, draws all that waits
    assert [last(job) for job in behind] == [JobDone(1)] * 3
    assert hangs.state is JobState.RUNNING
    hangs.stop()
    assert last(hangs) == JobDone(0, stopped=True)
    assert last(submit(program, "after")) == JobDone(1)
