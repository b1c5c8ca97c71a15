"""What only an engine in a process of its own can meet: crashes, kills, hangs, and the ends of either side."""

import gc
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import psutil
import pytest

from fooo.catalog import Catalog
from fooo.engine import FakeEngine
from fooo.engine.process import Patience, ProcessEngine
from fooo.engine.process.child import Child
from fooo.engine.process.conversation import Conversation
from fooo.engine.process.messages import Ready, Run
from fooo.errors import EngineError, FoooError, ModelError, UnknownName, WorkerDied
from fooo.events import Event, JobDone, JobFailed, Loading, Step
from fooo.logs import Crash
from fooo.monitor import Monitor
from fooo.plan import Plan
from fooo.record import Archive
from fooo.request import read_request
from fooo.service import Fooo
from fooo.settings import ROOT
from tests.engine.process.engines import Ahead, Loads, Mute, Noise, Tells, Troubled, broken, hangs, noise, slow

PlanOf = Callable[..., Plan]
QUICK = {"steps": 5, "seed": 7}
SOON = 60.0
"""Seconds for what takes hundredths on an idle machine."""


@pytest.fixture(scope="module")
def engine() -> Iterator[ProcessEngine]:
    engine = ProcessEngine(Troubled, patience=Patience(after_stop=0.3, silence=SOON))
    yield engine
    engine.close()


def pid_of(engine: ProcessEngine, plan: Plan) -> int:
    """Of its worker."""
    told: list[Event] = []
    engine.prepare(plan, Monitor(told.append))
    (loading,) = told
    assert isinstance(loading, Loading)
    return int(loading.what)


def eventually(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + SOON
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return False


def ignore(event: Event) -> None:
    """For a monitor to which nobody listens."""


def draws(engine: ProcessEngine, plan: Plan) -> int:
    return len(list(engine.run(plan, Monitor(ignore))))


@pytest.mark.parametrize(
    ("trouble", "says"),
    [("abort", "crashed (SIGABRT)"), ("exit", "crashed (code 3)"), ("stray", "begins with")],
)
def test_a_worker_that_crashes_ends_one_run_and_the_next_has_a_new_one(
    engine: ProcessEngine, plan_of: PlanOf, trouble: str, says: str
):
    before = pid_of(engine, plan_of())
    with pytest.raises(WorkerDied) as caught:
        draws(engine, plan_of(prompt=trouble))
    assert says in str(caught.value)
    assert "try again" in str(caught.value)
    assert draws(engine, plan_of(sampling=QUICK)) == 1
    assert pid_of(engine, plan_of()) != before
    assert not psutil.pid_exists(before)


def test_a_worker_that_the_system_kills_while_it_draws_says_that_memory_ran_out(engine: ProcessEngine, plan_of: PlanOf):
    def kill(event: Event) -> None:
        if isinstance(event, Loading):
            os.kill(int(event.what), signal.SIGKILL)

    with pytest.raises(WorkerDied, match="most likely because the memory ran out"):
        list(engine.run(plan_of(prompt="hang"), Monitor(kill)))


def test_a_worker_that_is_killed_while_nothing_is_drawn_is_replaced_without_a_word(
    engine: ProcessEngine, plan_of: PlanOf
):
    pid = pid_of(engine, plan_of())
    os.kill(pid, signal.SIGKILL)
    # its first thread may be gone before the others are, and only then is it dead
    assert eventually(lambda: pid not in {child.pid for child in multiprocessing.active_children()})
    assert draws(engine, plan_of(sampling=QUICK)) == 1


def test_a_worker_that_dies_before_it_has_begun_costs_no_job(
    engine: ProcessEngine, plan_of: PlanOf, caplog: pytest.LogCaptureFixture
):
    pid = pid_of(engine, plan_of())
    os.kill(pid, signal.SIGSTOP)  # it counts as alive, and hears nothing
    threading.Timer(0.3, os.kill, (pid, signal.SIGKILL)).start()
    assert draws(engine, plan_of(sampling=QUICK)) == 1
    assert "It had not begun" in caplog.text
    assert not psutil.pid_exists(pid)


def test_a_command_of_which_each_worker_dies_is_tried_twice_and_told_once(plan_of: PlanOf):
    crashes: list[Crash] = []
    engine = ProcessEngine(Mute, report=crashes.append)
    pid_of(engine, plan_of())
    with pytest.raises(WorkerDied, match="SIGABRT"):
        draws(engine, plan_of(prompt="abort"))
    engine.close()
    assert len(crashes) == 1


def test_a_worker_that_dies_while_its_picture_is_being_kept_ends_the_run_after_that_picture(
    engine: ProcessEngine, plan_of: PlanOf
):
    plan = plan_of(output={"count": 2}, sampling=QUICK)
    pid = pid_of(engine, plan)
    made = engine.run(plan, Monitor(ignore))
    assert next(made).shot.number == 0
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(WorkerDied):
        next(made)


def test_a_step_that_hangs_when_it_is_to_stop_is_ended_and_is_no_error(
    engine: ProcessEngine, plan_of: PlanOf, caplog: pytest.LogCaptureFixture
):
    pids: list[int] = []

    def stop(event: Event) -> None:
        if isinstance(event, Loading):
            pids.append(int(event.what))
            threading.Timer(0.1, monitor.stop).start()

    monitor = Monitor(stop)
    assert list(engine.run(plan_of(prompt="hang"), monitor)) == []
    assert "a new process draws" in caplog.text
    assert not psutil.pid_exists(pids[0])
    assert draws(engine, plan_of(sampling=QUICK)) == 1


def test_a_worker_that_says_nothing_for_too_long_is_ended(plan_of: PlanOf):
    child = Child(Troubled, silence=SOON)
    assert eventually(lambda: isinstance((child.receive(0.1) or [None])[0], Ready))
    impatient = Conversation(child, Monitor(ignore), Patience(silence=0.3))
    impatient.begin(Run(plan=plan_of(prompt="hang")))
    with pytest.raises(WorkerDied, match="said nothing for 0 seconds and was ended"):
        list(impatient.pictures())
    assert not child.alive


@pytest.mark.parametrize(("trouble", "kind"), [("model", ModelError), ("name", UnknownName)])
def test_an_error_crosses_as_itself_and_the_worker_lives(
    engine: ProcessEngine, plan_of: PlanOf, trouble: str, kind: type[FoooError]
):
    before = pid_of(engine, plan_of())
    with pytest.raises(kind):
        draws(engine, plan_of(prompt=trouble))
    assert pid_of(engine, plan_of()) == before


@pytest.mark.parametrize("trouble", ["bug", "leave"])
def test_a_bug_is_one_sentence_and_the_log_has_the_rest(
    engine: ProcessEngine, plan_of: PlanOf, caplog: pytest.LogCaptureFixture, trouble: str
):
    before = pid_of(engine, plan_of())
    with pytest.raises(EngineError, match="Something unexpected went wrong"):
        draws(engine, plan_of(prompt=trouble))
    assert "Traceback" in caplog.text
    assert pid_of(engine, plan_of()) == before


def test_what_the_worker_logs_is_in_our_log(engine: ProcessEngine, plan_of: PlanOf, caplog: pytest.LogCaptureFixture):
    with pytest.raises(EngineError):
        draws(engine, plan_of(prompt="bug"))
    assert ("fooo.tests", logging.WARNING, "it goes wrong") in caplog.record_tuples


def test_who_takes_no_further_picture_ends_the_run_and_keeps_the_worker(engine: ProcessEngine, plan_of: PlanOf):
    plan = plan_of(output={"count": 8}, sampling=QUICK)
    pid = pid_of(engine, plan)
    for _ in engine.run(plan, Monitor(ignore)):
        break
    assert draws(engine, plan_of(output={"count": 2}, sampling=QUICK)) == 2
    assert pid_of(engine, plan) == pid


def test_a_closed_engine_leaves_no_process_and_can_be_used_again(engine: ProcessEngine, plan_of: PlanOf):
    pid = pid_of(engine, plan_of())
    engine.close()
    engine.close()
    assert not psutil.pid_exists(pid)
    assert draws(engine, plan_of(sampling=QUICK)) == 1


def test_the_worker_of_a_forgotten_engine_ends(plan_of: PlanOf):
    engine = ProcessEngine(Troubled)
    worker = psutil.Process(pid_of(engine, plan_of()))
    del engine
    gc.collect()
    assert eventually(lambda: worker.status() == psutil.STATUS_ZOMBIE)
    multiprocessing.active_children()  # takes what is left of it


def test_nothing_is_begun_before_it_is_needed():
    before = multiprocessing.active_children()
    ProcessEngine(FakeEngine)
    assert multiprocessing.active_children() == before


def test_an_engine_that_cannot_be_made_says_why_each_time(plan_of: PlanOf):
    engine, before = ProcessEngine(broken), multiprocessing.active_children()
    for _ in range(2):
        with pytest.raises(EngineError, match="There is no device"):
            draws(engine, plan_of())
    assert multiprocessing.active_children() == before


def test_a_worker_that_comes_up_is_ended_at_once_when_the_program_closes():
    closing, before = threading.Event(), multiprocessing.active_children()
    engine = ProcessEngine(hangs, closing=closing)
    threading.Timer(0.3, closing.set).start()
    with pytest.raises(EngineError, match="is closing"):
        engine.begin()
    assert multiprocessing.active_children() == before


def test_a_worker_that_loads_what_nobody_asked_for_is_ended_at_once_when_the_program_closes(plan_of: PlanOf):
    closing = threading.Event()
    engine = ProcessEngine(Loads, closing=closing)
    pids: list[int] = []

    def close(event: Event) -> None:
        assert isinstance(event, Loading)
        pids.append(int(event.what))
        closing.set()

    with pytest.raises(EngineError, match="is closing"):
        engine.prepare(plan_of(), Monitor(close))
    assert pids
    assert not psutil.pid_exists(pids[0])


def test_a_stop_between_two_steps_ends_at_the_next_one(plan_of: PlanOf):
    engine = ProcessEngine(partial(slow, 0.05))
    told: list[Event] = []
    monitor = Monitor(told.append)
    stopped_after: list[int] = []

    def stop() -> None:
        eventually(lambda: len(told) >= 3)
        monitor.stop(keep=True)
        stopped_after.append(len(told))

    person = threading.Thread(target=stop)
    person.start()
    (made,) = engine.run(plan_of(sampling={"steps": 50, "seed": 1}), monitor)
    person.join()
    engine.close()
    assert made.steps_done == len(told)
    assert len(told) <= stopped_after[0] + 1


def test_events_are_heard_in_order_while_a_picture_is_used_when_the_engine_draws_ahead(plan_of: PlanOf):
    engine = ProcessEngine(Ahead)
    told: list[Event] = []
    monitor = Monitor(told.append)
    plan = plan_of(output={"count": 3}, sampling=QUICK)
    made = engine.run(plan, monitor)
    next(made)
    assert eventually(lambda: len(told) == 10)  # the second one's too
    rest = list(made)
    engine.close()
    assert [each.shot.number for each in rest] == [1, 2]
    steps = [event for event in told if isinstance(event, Step)]
    assert [(step.shot, step.step) for step in steps] == [(shot, step) for shot in range(3) for step in range(1, 6)]


def test_who_leaves_an_engine_that_draws_ahead_ends_its_run(plan_of: PlanOf):
    engine = ProcessEngine(Ahead)
    for _ in engine.run(plan_of(output={"count": 30}, sampling=QUICK), Monitor(ignore)):
        break
    assert draws(engine, plan_of(sampling=QUICK)) == 1
    engine.close()


def test_large_pictures_keep_every_bit_and_memory_stays_flat(plan_of: PlanOf):
    engine = ProcessEngine(Noise)
    plan = plan_of(output={"count": 12}, size={"width": 2048, "height": 2048})
    expected, here = noise(2048, 2048).pixels, psutil.Process()
    there = psutil.Process(pid_of(engine, plan))
    held: list[int] = []
    for made in engine.run(plan, Monitor(ignore)):
        assert np.array_equal(made.picture.pixels, expected)
        held.append(here.memory_info().rss + there.memory_info().rss)
    engine.close()
    # each is 12 MB: were one of them kept a turn, the last ones would stand 100 MB above the third
    assert max(held[3:]) - held[2] < 40e6


def test_many_events_arrive_in_order(plan_of: PlanOf):
    events = tuple(Loading(str(number)) for number in range(500))
    engine = ProcessEngine(partial(Tells, *events))
    told: list[Event] = []
    engine.prepare(plan_of(), Monitor(told.append))
    engine.close()
    assert told == list(events)


def test_in_the_program_a_crash_ends_one_job_with_a_sentence_and_the_next_is_drawn(
    engine: ProcessEngine, catalog: Catalog, tmp_path: Path
):
    program = Fooo(
        catalog=lambda: catalog,
        make_engine=lambda: engine,
        archive=Archive(tmp_path),
        draw_seed=lambda: 1,
    )
    jobs = [program.submit(read_request({"prompt": prompt, "sampling": QUICK})) for prompt in ("abort", "a cat")]
    ends = [list(job.events())[-1] for job in jobs]
    program.close()
    failed, done = ends
    assert isinstance(failed, JobFailed)
    assert isinstance(failed.error, WorkerDied)
    assert done == JobDone(1)


def test_closing_the_program_leaves_no_worker(catalog: Catalog, tmp_path: Path):
    program = Fooo(
        catalog=lambda: catalog,
        make_engine=lambda: ProcessEngine(Troubled),
        archive=Archive(tmp_path),
        draw_seed=lambda: 1,
    )
    job = program.submit(read_request({"prompt": "a cat", "sampling": QUICK}))
    pids = [int(event.what) for event in job.events() if isinstance(event, Loading)]
    assert psutil.pid_exists(pids[0])
    program.close()
    assert not psutil.pid_exists(pids[0])


PARENT = """
import sys
from fooo.engine.process import Patience, ProcessEngine
from fooo.monitor import Monitor
from fooo.plan import Plan
from tests.engine.process.engines import Troubled

plan = Plan.model_validate_json(sys.argv[1])
engine = ProcessEngine(Troubled, patience=Patience(after_stop=0.1))
list(engine.run(plan, Monitor(lambda event: print(event.what, flush=True))))
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_a_worker_that_computes_ends_with_its_parent_and_not_by_ctrl_c(plan_of: PlanOf, end: signal.Signals):
    plan = plan_of(prompt="hang").model_dump_json()
    program = [sys.executable, "-c", PARENT, plan]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = psutil.Process(int(parent.stdout.readline()))
        worker.send_signal(signal.SIGINT)
        time.sleep(0.1)
        assert worker.is_running()
        parent.send_signal(end)
        try:
            parent.wait(SOON)
        finally:
            parent.kill()
    assert eventually(lambda: not worker.is_running())
