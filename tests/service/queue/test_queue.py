import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from fooo.errors import QueueUnusable, RequestError
from fooo.events import ShotDone
from fooo.image import Picture
from fooo.plan import Plan
from fooo.record import Archive, Intent, Record
from fooo.request import Request
from fooo.service.queue import Queue, QueueState
from tests.conftest import NOW
from tests.stopwatch import seconds

EMPTY = Plan(request=Request(prompt="a cat"), shots=())
PICTURE = Picture(np.zeros((8, 8, 3), np.uint8))


class Crash(Exception):
    """Stands for the moment at which a program is killed."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outputs" / ".queue.sqlite"


@pytest.fixture
def queue() -> Iterator[Queue]:
    queue = Queue()
    yield queue
    queue.close()


def ids(queue: Queue) -> list[str]:
    return [queued.id for queued in queue.waiting()]


def take_all(queue: Queue) -> list[str]:
    taken: list[str] = []
    while job_id := queue.take():
        queue.end(job_id, QueueState.DONE)
        taken.append(job_id)
    return taken


def submit(queue: Queue, *names: str, priority: int = 0) -> None:
    """Jobs named by their person and a number, such as "ann 1"."""
    for name in names:
        queue.submit(name, EMPTY, person=name.split()[0], priority=priority)


def test_people_take_turns_each_with_their_own_order(queue: Queue):
    submit(queue, "ann 1", "ann 2", "ann 3", "bob 1", "cid 1", "bob 2")
    assert ids(queue) == ["ann 1", "bob 1", "cid 1", "ann 2", "bob 2", "ann 3"]
    assert take_all(queue) == ["ann 1", "bob 1", "cid 1", "ann 2", "bob 2", "ann 3"]


def test_who_had_a_turn_least_recently_is_next(queue: Queue):
    submit(queue, "ann 1", "bob 1")
    assert take_all(queue) == ["ann 1", "bob 1"]
    submit(queue, "bob 2", "ann 2", "new 1")
    assert take_all(queue) == ["new 1", "ann 2", "bob 2"]


def test_priority_counts_among_the_own_jobs_only(queue: Queue):
    submit(queue, "ann 1", "ann 2", "bob 1")
    submit(queue, "bob 9", priority=9)
    queue.prioritise("ann 2", 1)
    assert take_all(queue) == ["ann 2", "bob 9", "ann 1", "bob 1"]


def test_each_person_waits_as_long_as_the_others_on_average(queue: Queue):
    people = ("ann", "bob", "cid", "dan", "eve")
    submit(queue, *(f"{person} {number}" for person in people for number in range(100)))
    taken = take_all(queue)
    waits = [np.mean([place for place, name in enumerate(taken) if name.startswith(person)]) for person in people]
    # they asked one after the other for a hundred each: in a plain queue the last would wait nine times as long
    assert max(waits) < 1.2 * min(waits)


def test_a_job_is_moved_right_before_another_or_behind_all(queue: Queue):
    submit(queue, "ann 1", "ann 2", "ann 3")
    submit(queue, "ann 4", priority=2)
    queue.move("ann 3", before="ann 4")
    assert ids(queue) == ["ann 3", "ann 4", "ann 1", "ann 2"]
    queue.move("ann 4", before=None)
    assert ids(queue) == ["ann 3", "ann 1", "ann 2", "ann 4"]
    queue.move("ann 1", before="ann 1")
    assert ids(queue) == ["ann 3", "ann 1", "ann 2", "ann 4"]


def test_nobody_moves_before_another_persons_job_nor_what_has_ended(queue: Queue):
    submit(queue, "ann 1", "ann 2", "bob 1")
    with pytest.raises(RequestError, match="somebody else's"):
        queue.move("ann 1", before="bob 1")
    assert take_all(queue) == ["ann 1", "bob 1", "ann 2"]
    for change in (lambda: queue.move("ann 1", before=None), lambda: queue.prioritise("bob 1", 3)):
        with pytest.raises(RequestError, match="does not wait"):
            change()


def test_a_paused_queue_gives_nothing_also_after_a_restart(path: Path):
    queue = Queue(path)
    submit(queue, "ann 1")
    queue.pause()
    assert (queue.is_paused, queue.take()) == (True, None)
    queue.close()
    again = Queue(path)
    assert (again.is_paused, again.take()) == (True, None)
    again.resume()
    assert (again.is_paused, again.take()) == (False, "ann 1")
    again.close()


def test_after_a_restart_what_ran_goes_on_first_and_the_others_wait_in_their_order(path: Path):
    queue = Queue(path)
    submit(queue, "ann 1", "ann 2", "bob 1", "cid 1")
    queue.move("ann 2", before="ann 1")
    assert [queue.take(), queue.take()] == ["ann 2", "bob 1"]
    queue.end("ann 2", QueueState.DONE)
    queue.close()
    again = Queue(path)
    assert ids(again) == ["bob 1", "cid 1", "ann 1"]
    assert take_all(again) == ["bob 1", "cid 1", "ann 1"]
    again.close()


def test_plans_errors_and_people_are_as_they_were_after_a_restart(path: Path, plan_of: Callable[..., Plan]):
    plan = plan_of(prompt="a cat", output={"count": 2}, styles=["Line Art"])
    queue = Queue(path)
    queue.submit("one", plan, person="ann")
    queue.submit("two", plan, person="bob")
    assert queue.take() == "one"
    queue.end("one", QueueState.FAILED, error="The card is full.")
    queue.close()
    again = Queue(path)
    found = [(job.id, job.person, job.state, job.error, job.plan) for job in again.stored()]
    again.close()
    assert found == [
        ("one", "ann", QueueState.FAILED, "The card is full.", plan),
        ("two", "bob", QueueState.WAITING, None, plan),
    ]


def test_a_job_that_was_stopped_while_it_ran_does_not_go_on_after_a_crash(path: Path):
    queue = Queue(path)
    submit(queue, "ann 1", "ann 2")
    assert queue.take() == "ann 1"
    assert [queue.cancel("ann 1"), queue.cancel("ann 2")] == [False, True]
    queue.close()
    again = Queue(path)
    assert [(job.id, job.state) for job in again.stored()] == [
        ("ann 2", QueueState.STOPPED),
        ("ann 1", QueueState.STOPPED),
    ]
    again.close()


def test_a_job_that_ends_the_program_each_time_is_given_up(path: Path):
    for _ in range(10):
        queue = Queue(path)
        if not queue.stored():
            submit(queue, "ann 1")
        assert queue.take() == "ann 1"
        queue.close()
    last = Queue(path)
    assert last.take() is None
    assert [(job.state, job.error) for job in last.stored()] == [
        (
            QueueState.FAILED,
            "Fooo ended 10 times while it drew this; ask for something smaller, or try it once more.",
        )
    ]
    last.close()


def test_closing_the_program_again_and_again_gives_up_nothing(path: Path):
    for _ in range(12):
        queue = Queue(path)
        if not queue.stored():
            submit(queue, "ann 1")
        assert queue.take() == "ann 1"
        queue.put_back("ann 1")
        queue.close()


def kept_after_a_crash(path: Path, outputs: Path, record: Record, crash: Callable[[Intent], None]) -> list[ShotDone]:
    """What the queue knows of a picture after a program that crashed on its way."""
    queue = Queue(path)
    queue.submit("one", EMPTY)
    queue.take()

    def intend(intent: Intent) -> None:
        queue.intend("one", 0, intent, record)
        crash(intent)

    with suppress(Crash):
        Archive(outputs, by_day=False).save(PICTURE, record, now=NOW, intend=intend)
    queue.close()
    again = Queue(path)
    shots = again.finished_shots("one")
    pictures = [done for job in again.stored() for done in job.pictures]
    assert shots == frozenset(done.record.shot.number for done in pictures)
    again.close()
    return pictures


def test_a_picture_that_took_its_name_before_the_crash_counts(path: Path, tmp_path: Path, record: Record):
    pictures = kept_after_a_crash(path, tmp_path, record, lambda intent: None)
    assert [(done.record, done.path) for done in pictures] == [(record, *tmp_path.glob("*.png"))]


@pytest.mark.parametrize("left", [b"", b"half a picture"])
def test_a_picture_that_did_not_take_its_name_does_not_count_and_leaves_nothing(
    path: Path, tmp_path: Path, record: Record, left: bytes
):
    outputs = tmp_path / "pictures"

    def crash(intent: Intent) -> None:
        intent.part.write_bytes(left)
        if not left:  # where there are no links, the name is reserved
            intent.path.touch()
        raise Crash

    assert kept_after_a_crash(path, outputs, record, crash) == []
    assert list(outputs.iterdir()) == []


def test_another_programs_picture_under_the_name_is_neither_counted_nor_touched(
    path: Path, tmp_path: Path, record: Record
):
    outputs = tmp_path / "pictures"

    def crash(intent: Intent) -> None:
        intent.path.write_bytes(b"somebody else's")
        raise Crash

    assert kept_after_a_crash(path, outputs, record, crash) == []
    assert [each.read_bytes() for each in outputs.iterdir()] == [b"somebody else's"]


def test_two_programs_on_one_file_draw_their_own_and_what_one_leaves_the_next_takes_over(path: Path):
    first, second = Queue(path), Queue(path)
    submit(first, "ann 1", "ann 2")
    submit(second, "bob 1")
    first.pause()
    assert (ids(second), second.take(), second.take()) == (["bob 1"], "bob 1", None)
    third = Queue(path)  # begins while both live
    assert (third.stored(), third.take()) == ((), None)
    third.close()
    first.close()
    fourth = Queue(path)
    assert ids(fourth) == ["ann 1", "ann 2"]
    assert [job.id for job in fourth.stored()] == ["ann 1", "ann 2"]
    second.close()
    fourth.close()


def test_a_program_that_takes_over_another_seat_goes_on_with_what_ran_there(path: Path):
    first, second = Queue(path), Queue(path)
    submit(second, "bob 1", "bob 2")
    assert second.take() == "bob 1"
    first.close()
    second.close()
    next_one = Queue(path)
    assert ids(next_one) == ["bob 1", "bob 2"]
    next_one.close()


def test_a_request_waits_for_its_files_until_it_is_planned(path: Path):
    queue = Queue(path)
    request = Request(prompt="a cat", preset="sdxl")
    queue.wait_for_files("one", request, ["base.safetensors"], person="ann")
    assert queue.take() is None
    queue.close()
    again = Queue(path)
    assert [(each.id, each.person, each.request, each.files) for each in again.unplanned()] == [
        ("one", "ann", request, ("base.safetensors",))
    ]
    assert [again.planned("one", EMPTY), again.planned("one", EMPTY)] == [True, False]
    assert (again.unplanned(), again.take()) == ((), "one")
    again.close()


def test_a_request_that_ended_without_a_plan_is_still_known_with_its_reason(queue: Queue):
    queue.wait_for_files("one", Request(prompt="a"), ["base.safetensors"], person="ann")
    waiting = queue.without_plan("one")
    assert waiting
    assert (waiting.state, waiting.error) == (QueueState.WAITING_FOR_FILE, None)
    queue.end("one", QueueState.FAILED, error="It cannot be planned.")
    ended = queue.without_plan("one")
    assert ended
    assert (ended.state, ended.error, ended.person) == (QueueState.FAILED, "It cannot be planned.", "ann")
    assert (queue.unplanned(), queue.without_plan("two")) == ((), None)


def test_a_request_that_waits_for_files_can_be_cancelled(queue: Queue):
    queue.wait_for_files("one", Request(), ["base.safetensors"])
    assert queue.cancel("one")
    assert (queue.unplanned(), queue.planned("one", EMPTY)) == ((), False)


def test_a_plan_of_another_version_fails_in_a_sentence_and_spares_the_others(path: Path):
    queue = Queue(path)
    submit(queue, "ann 1", "ann 2")
    queue.close()
    with sqlite3.connect(path) as file:
        file.execute("""UPDATE plans SET plan = '{"shots": "many"}' WHERE job = 'ann 1'""")
    file.close()
    again = Queue(path)
    assert [job.id for job in again.stored()] == ["ann 2"]
    assert take_all(again) == ["ann 2"]
    again.close()


def test_what_ended_long_ago_is_forgotten(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("fooo.service.queue.recovery._MOST_ENDED", 2)
    queue = Queue(path)
    submit(queue, *(f"ann {number}" for number in range(4)))
    assert len(take_all(queue)) == 4
    submit(queue, "ann waits")
    queue.close()
    again = Queue(path)
    assert [job.id for job in again.stored()] == ["ann 2", "ann 3", "ann waits"]
    again.close()


def test_only_the_newest_that_have_ended_are_read_again(queue: Queue):
    submit(queue, *(f"ann {number}" for number in range(5)))
    assert len(take_all(queue)) == 5
    assert [job.id for job in queue.stored(most_ended=2)] == ["ann 3", "ann 4"]


def test_nothing_is_half_written_when_something_fails_on_the_way(queue: Queue):
    submit(queue, "ann 1")
    with pytest.raises(QueueUnusable):
        queue.submit("ann 1", EMPTY)
    assert ids(queue) == ["ann 1"]


def test_behind_five_thousand_jobs_submitting_and_listing_take_less_than_20_ms(
    path: Path, plan_of: Callable[..., Plan]
):
    queue = Queue(path)
    plan = plan_of(prompt="a cat in a garden", output={"count": 4})
    with queue._file.writing() as file:  # pyright: ignore[reportPrivateUsage] - all at once, or it takes a minute
        content = plan.model_dump_json()
        for number in range(5000):
            values = (f"job {number}", f"person {number % 7}", number, len(plan.shots))
            columns = "id, seat, person, priority, place, state, shots"
            file.execute(f"INSERT INTO jobs ({columns}) VALUES (?, 1, ?, 0, ?, 'waiting', ?)", values)
            file.execute("INSERT INTO plans VALUES (?, ?)", (f"job {number}", content))
    assert len(queue.waiting()) == 5000
    measured = {
        "submit": seconds(lambda: queue.submit(f"job at {time.perf_counter_ns()}", plan), enough=0.02, tries=10),
        "list": seconds(queue.waiting, enough=0.02, tries=10),
        "take": seconds(queue.take, enough=0.02, tries=10),
    }
    queue.close()
    assert max(measured.values()) < 0.02, measured


def ten_thousand_at_once(queue: Queue) -> None:
    """From the threads of twenty people, whose order each keeps and who take turns."""
    people, each = 20, 500

    def ask(person: int) -> None:
        for number in range(each):
            queue.submit(f"{person} {number}", EMPTY, person=str(person))

    with ThreadPoolExecutor(people) as pool:
        list(pool.map(ask, range(people)))
    waiting = ids(queue)
    assert sorted(waiting) == sorted(f"{person} {number}" for person in range(people) for number in range(each))
    assert [name.split()[1] for name in waiting] == [str(number) for number in range(each) for _ in range(people)]
    assert sorted(queue.take() or "" for _ in range(people)) == sorted(f"{person} 0" for person in range(people))


def test_of_ten_thousand_requests_at_once_none_is_lost_and_people_take_turns(queue: Queue):
    ten_thousand_at_once(queue)


@pytest.mark.prove
def test_so_it_is_on_a_disk(path: Path):
    """Of which each write waits for the disk."""
    queue = Queue(path)
    ten_thousand_at_once(queue)
    queue.close()


class LivingQueue(RuleBasedStateMachine):
    """Whatever is asked of a queue, and however often its program ends: it lists what it will give, each job once."""

    jobs = Bundle[str]("jobs")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "queue"
        self.queue = Queue(self.path)
        self.open: set[str] = set()
        self.running: str | None = None
        self.count = 0

    @rule(target=jobs, person=st.sampled_from("abc"), priority=st.integers(-1, 1))
    def submit(self, person: str, priority: int) -> str:
        self.count += 1
        name = f"{person} {self.count}"
        self.queue.submit(name, EMPTY, person=person, priority=priority)
        self.open.add(name)
        return name

    @rule()
    def take(self) -> None:
        if self.running is None:
            expected = next(iter(ids(self.queue)), None)
            self.running = self.queue.take()
            assert self.running == expected

    @rule()
    def end(self) -> None:
        if self.running:
            self.queue.end(self.running, QueueState.DONE)
            self.open.remove(self.running)
            self.running = None

    @rule(job=jobs)
    def cancel(self, job: str) -> None:
        if job != self.running:
            assert self.queue.cancel(job) == (job in self.open)
            self.open.discard(job)

    @rule(job=jobs, before=jobs)
    def move(self, job: str, before: str) -> None:
        waiting = self.open - {self.running}
        if {job, before} <= waiting and job[0] == before[0] and job != before:
            interrupted = {queued.id for queued in self.queue.waiting() if queued.interrupted}
            self.queue.move(job, before=before)
            own = [name for name in ids(self.queue) if name[0] == job[0] and name not in interrupted]
            if not interrupted & {job, before}:
                assert own.index(job) + 1 == own.index(before)

    @rule(job=jobs, priority=st.integers(-2, 2))
    def prioritise(self, job: str, priority: int) -> None:
        if job in self.open - {self.running}:
            self.queue.prioritise(job, priority)

    @rule()
    def restart(self) -> None:
        waited = ids(self.queue)
        self.queue.close()
        self.queue = Queue(self.path)
        assert ids(self.queue) == ([self.running] if self.running else []) + waited
        self.running = None

    @invariant()
    def what_waits_is_what_was_asked_for(self) -> None:
        listed = ids(self.queue)
        assert len(listed) == len(set(listed))
        assert set(listed) == self.open - {self.running}

    def teardown(self) -> None:
        listed = ids(self.queue)
        assert take_all(self.queue) == listed
        self.queue.close()
        self.folder.cleanup()


TestLivingQueue = LivingQueue.TestCase
TestLivingQueue.settings = settings(max_examples=10, stateful_step_count=25, deadline=None)
