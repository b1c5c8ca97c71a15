"""What fails for a while is tried again by itself, and a person may be quicker."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fooo.catalog import Catalog
from fooo.engine import FakeEngine, Made
from fooo.errors import QueueUnusable, StorageFull
from fooo.events import JobDone
from fooo.monitor import Monitor
from fooo.plan import Plan
from fooo.record import Archive
from fooo.request import read_request
from fooo.service import Fooo, Queue
from fooo.service.keeping import FIRST_PAUSE, LONGEST_PAUSE, Hold
from tests.full_disk import FullDisk

PATIENCE = 30.0
"""Seconds for what takes hundredths on an idle machine."""


class Failing:
    """Fails so often, and then succeeds. Attributes: tries: When, in seconds."""

    def __init__(self, times: int, error: Exception | None = None) -> None:
        self._left, self._error = times, error or QueueUnusable("The queue is held by another program; close that one.")
        self.tries: list[float] = []

    def __call__(self) -> str:
        self.tries.append(time.monotonic())
        if self._left:
            self._left -= 1
            raise self._error
        return "done"


def in_a_thread(do: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Done there; and what came of it, once it has."""
    came: list[object] = []

    def run() -> None:
        try:
            came.append(do())
        except (QueueUnusable, StorageFull) as error:
            came.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, came


def wait_until(true: Callable[[], object]) -> None:
    for _ in range(int(PATIENCE / 0.01)):
        if true():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not come about")


def test_it_is_tried_again_after_pauses_that_double_up_to_the_longest():
    do = Failing(5)
    assert Hold(first_pause=0.01, longest_pause=0.04).until_done(do) == "done"
    pauses = [later - sooner for sooner, later in zip(do.tries, do.tries[1:], strict=False)]
    # at least: on a busy machine each may be longer
    assert all(pause >= least for pause, least in zip(pauses, [0.01, 0.02, 0.04, 0.04, 0.04], strict=True))


def test_the_pauses_are_of_a_second_to_a_minute():
    assert (FIRST_PAUSE, LONGEST_PAUSE) == (1.0, 60.0)


def test_what_holds_it_up_is_told_all_the_while_and_no_longer(caplog: pytest.LogCaptureFixture):
    hold = Hold(first_pause=0.001, longest_pause=0.001)
    told: list[str] = []
    do = Failing(3)

    def look() -> str:
        told.extend(str(trouble.error) for trouble in hold.troubles)
        return do()

    assert hold.until_done(look) == "done"
    assert told == ["The queue is held by another program; close that one."] * 3
    assert hold.trouble is None
    assert [line.levelname for line in caplog.records] == [
        "WARNING"
    ] * 2  # once when it began and once when it was over


def test_a_person_need_not_wait_for_the_next_try():
    hold, do = Hold(first_pause=3600), Failing(1)
    thread, came = in_a_thread(lambda: hold.until_done(do))
    wait_until(lambda: hold.trouble)
    hold.go_on()
    thread.join(PATIENCE)
    assert (came, len(do.tries)) == (["done"], 2)


@pytest.mark.parametrize("end", [Hold.give_up, Hold.close])
def test_what_is_given_up_and_what_ends_with_the_program_fails_as_it_did(end: Callable[[Hold], None]):
    hold, error = Hold(first_pause=3600), StorageFull("The disk is full; free some space.")
    thread, came = in_a_thread(lambda: hold.until_done(Failing(9, error)))
    wait_until(lambda: hold.trouble)
    end(hold)
    thread.join(PATIENCE)
    assert came == [error]
    assert hold.trouble is None


class Gated(FakeEngine):
    """Says when its first picture is drawn, and waits there."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn, self.gate = threading.Event(), threading.Event()

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        for made in super().run(plan, monitor):
            self.drawn.set()
            self.gate.wait(PATIENCE)
            yield made


ProgramOf = Callable[..., Fooo]


@pytest.fixture
def program_of(catalog: Catalog, tmp_path: Path) -> Iterator[ProgramOf]:
    made: list[Fooo] = []

    def build(engine: FakeEngine, archive: Archive | None = None) -> Fooo:
        made.append(
            Fooo(
                catalog=lambda: catalog,
                make_engine=lambda: engine,
                archive=archive or Archive(tmp_path / "outputs"),
                draw_seed=lambda: 42,
                queue=Queue(tmp_path / "queue", patience=0.05),
            )
        )
        return made[-1]

    yield build
    for program in made:
        program.close()


TWO = {"prompt": "a cat", "output": {"count": 2}, "sampling": {"steps": 2, "seed": 7}}


def test_a_queue_that_another_program_holds_for_a_while_loses_and_doubles_nothing(
    program_of: ProgramOf, tmp_path: Path
):
    engine = Gated()
    program = program_of(engine)
    job, behind = (program.submit(read_request(TWO)) for _ in range(2))
    assert engine.drawn.wait(PATIENCE)
    other = sqlite3.connect(tmp_path / "queue", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    engine.gate.set()
    wait_until(lambda: program.queue.trouble)
    assert program.queue.trouble
    assert "is held by another program" in str(program.queue.trouble.error)
    other.execute("ROLLBACK")
    other.close()
    # nobody does anything
    assert [list(each.events())[-1] for each in (job, behind)] == [JobDone(2)] * 2
    assert program.queue.trouble is None
    assert len(list((tmp_path / "outputs").rglob("*.png"))) == 4


def test_a_disk_that_has_space_again_is_noticed_and_each_picture_is_kept_once(program_of: ProgramOf, tmp_path: Path):
    class FullOnce(FullDisk):
        def save(self, *args: Any, **more: Any) -> Path:
            self.full = self.tries == 0
            return super().save(*args, **more)

    disk = FullOnce(tmp_path / "outputs")
    job = program_of(FakeEngine(), disk).submit(read_request(TWO))
    assert list(job.events())[-1] == JobDone(2)
    assert (disk.tries, len(list((tmp_path / "outputs").rglob("*.png")))) == (3, 2)
