import logging
import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from fooo.errors import QueueUnusable
from fooo.image import Picture
from fooo.plan import Plan
from fooo.record import Archive, ModelUsed, Record, write_record
from fooo.request import Request
from fooo.service.queue import Queue, QueueState, open_queue
from fooo.service.queue.database import Database
from tests.conftest import NOW

EMPTY = Plan(request=Request(prompt="a cat"), shots=())
PICTURE = Picture(np.zeros((8, 8, 3), np.uint8))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".queue.sqlite"


@contextmanager
def held_by_another(path: Path) -> Generator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


def left(path: Path, *names: str) -> None:
    """A queue with these jobs, its program gone."""
    with closing(Queue(path)) as queue:
        for name in names:
            queue.submit(name, EMPTY)


def test_a_queue_of_a_newer_version_is_refused_in_a_sentence_and_not_touched(path: Path):
    left(path, "one")
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA user_version = 99")
        file.commit()
    before = path.read_bytes()
    with pytest.raises(QueueUnusable, match="was written by a newer Fooo; update this one, or move that file away"):
        open_queue(path, path.parent)
    assert path.read_bytes() == before
    assert not list(path.parent.glob("*damaged*"))


def exchanged(content: bytes) -> bytes:
    return b"no database " * (len(content) // 12)


def overwritten(content: bytes) -> bytes:
    """Its first page, which says what is in it, is whole; nothing else is."""
    return content[:4096] + b"\xff" * (len(content) - 4096)


def cut_off(content: bytes) -> bytes:
    return content[: len(content) // 2]


@pytest.mark.parametrize("damage", [exchanged, overwritten, cut_off])
def test_a_damaged_queue_is_set_aside_and_a_new_one_takes_its_place(
    path: Path, damage: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture
):
    left(path, "one", "two")
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)
    with caplog.at_level(logging.WARNING), closing(open_queue(path, path.parent)) as queue:
        assert queue.waiting() == ()
        queue.submit("three", EMPTY)
        assert queue.take() == "three"
    assert path.with_name(".queue.sqlite.damaged-1").read_bytes() == damaged
    assert "was damaged and lies in .queue.sqlite.damaged-1 now" in caplog.text


def test_a_database_of_another_program_is_set_aside_whole(path: Path):
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
        other.commit()
    before = path.read_bytes()
    open_queue(path, path.parent).close()
    assert path.with_name(".queue.sqlite.damaged-1").read_bytes() == before


def test_each_damaged_queue_gets_a_name_of_its_own(path: Path):
    for content in (b"first " * 1000, b"second " * 1000):
        path.write_bytes(content)
        open_queue(path, path.parent).close()
    names = [path.with_name(f".queue.sqlite.damaged-{number}") for number in (1, 2)]
    assert [name.read_bytes()[:3] for name in names] == [b"fir", b"sec"]


def test_behind_a_damaged_queue_the_pictures_are_found_by_their_own_records(
    path: Path, plan_of: Callable[..., Plan], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("fooo.service.queue.kept._MOST_FOUND", 2)
    archive, records = Archive(path.parent), list[Record]()
    for number in range(3):
        plan = plan_of(prompt=f"cat {number}", sampling={"seed": number})
        model = ModelUsed(name="pocket/base", sha256="0" * 64)
        records.append(write_record(plan, plan.shots[0], models=(model,), seconds=1.0, steps_done=30))
        archive.save(PICTURE, records[-1], now=NOW.replace(minute=number))
    (path.parent / "not a picture.png").write_text("nothing")
    path.write_bytes(b"no database " * 1000)
    with closing(open_queue(path, path.parent)) as queue:
        found = queue.stored()
    assert [job.pictures[0].record for job in found] == records[1:]
    assert {job.state for job in found} == {QueueState.DONE}
    with closing(open_queue(path, path.parent)) as again:
        assert again.stored() == found


def test_a_queue_that_another_program_holds_is_told_and_goes_on_when_it_lets_go(path: Path):
    with closing(Queue(path, patience=0.05)) as queue:
        with held_by_another(path), pytest.raises(QueueUnusable, match="is held by another program"):
            queue.submit("one", EMPTY)
        queue.submit("one", EMPTY)
        assert [queued.id for queued in queue.waiting()] == ["one"]


def test_a_queue_that_is_held_when_it_is_opened_is_not_taken_for_damaged(path: Path):
    left(path, "one")
    # an exclusive lock in this mode also keeps readers out
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(QueueUnusable, match="is held by another program"):
            Queue(path, patience=0.05)
    assert not list(path.parent.glob("*damaged*"))


def test_a_queue_that_is_damaged_while_it_is_used_says_so_and_is_set_aside_by_the_next_program(
    path: Path, record: Record
):
    Archive(path.parent).save(PICTURE, record, now=NOW)
    with closing(Queue(path)) as queue:
        queue.submit("one", EMPTY)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:  # what the first holds in memory is old now
            other.execute("INSERT INTO paused VALUES (7)")
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        path.write_bytes(b"no database " * (path.stat().st_size // 12))
        with pytest.raises(QueueUnusable, match="start Fooo again, which sets it aside"):
            queue.submit("two", EMPTY)
    with closing(open_queue(path, path.parent)) as queue:
        (found,) = queue.stored()
    assert found.pictures[0].record == record
    assert list(path.parent.glob("*damaged-1"))


def write(database: Database, *statements: str) -> None:
    with database.writing() as file:
        for statement in statements:
            file.execute(statement)


PAUSE = "INSERT INTO paused VALUES (1)"
LARGE = f"INSERT INTO plans VALUES ('one', '{'x' * 100_000}')"


@pytest.mark.parametrize(
    ("statements", "sentence"),
    [
        (("PRAGMA query_only = 1", PAUSE), "cannot be written; look at the rights of the file"),
        ((PAUSE, "PRAGMA max_page_count = 1", LARGE), "cannot grow: the disk is full; free some space"),
    ],
    ids=["read-only", "full"],
)
def test_what_the_disk_refuses_is_told_with_the_next_step_and_leaves_the_queue_as_it_was(
    path: Path, statements: tuple[str, ...], sentence: str
):
    with closing(Database(path)) as database:
        with pytest.raises(QueueUnusable, match=sentence):
            write(database, *statements)
        assert database.read("SELECT * FROM paused") == []


@pytest.mark.parametrize("name", ["a folder", "a file/below"])
def test_a_place_where_no_file_can_be_is_told(tmp_path: Path, name: str):
    (tmp_path / "a folder").mkdir()
    (tmp_path / "a file").write_text("in the way")
    with pytest.raises(QueueUnusable, match="cannot be"):
        open_queue(tmp_path / name, tmp_path)


def test_a_queue_in_memory_writes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with closing(Queue()) as queue:
        queue.submit("one", EMPTY)
        assert not queue.is_kept
    assert list(tmp_path.iterdir()) == []
