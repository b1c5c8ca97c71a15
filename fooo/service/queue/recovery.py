"""What a program finds in the queue of one that has ended, however that ended."""

import sqlite3
from pathlib import Path

from fooo.record import Intent, was_carried_out
from fooo.service.queue.database import Database
from fooo.service.queue.rows import QueueState
from fooo.service.queue.seat import take

_MOST_TRIES = 10
"""Turns without a new picture: a job that ends the program each time must not do so for ever."""

_MOST_ENDED = 10_000
"""Jobs that have ended and are still listed; the pictures of those before them stay where they are."""

_OPEN = "('waiting', 'waiting for a file', 'running')"


def take_over(database: Database, path: Path, seat: int) -> None:
    """The open jobs of programs that have ended are this one's from now on.

    Args:
        database: Of the queue.
        path: Its file.
        seat: Of this program.

    Raises:
        sqlite3.Error: The folder takes no lock.
    """
    others = database.read(f"SELECT DISTINCT seat FROM jobs WHERE state IN {_OPEN} AND seat <> ?", (seat,))
    for number in (int(other or 0) for (other,) in others):
        if left := take(path, number):
            with database.writing() as file:
                file.execute(f"UPDATE jobs SET seat = ? WHERE seat = ? AND state IN {_OPEN}", (seat, number))
            left.leave()


def recover(database: Database, seat: int) -> None:
    """What ran when the program ended goes on; of each picture it is settled whether it is there."""
    with database.writing() as file:
        _settle_pictures(file, seat)
        ran = "seat = :seat AND state = 'running'"
        end(file, f"{ran} AND stopping", QueueState.STOPPED, seat=seat)
        why = f"Fooo ended {_MOST_TRIES} times while it drew this; ask for something smaller, or try it once more."
        end(file, f"{ran} AND tries >= {_MOST_TRIES}", QueueState.FAILED, error=why, seat=seat)
        again = "UPDATE jobs SET state = 'waiting', interrupted = 1 WHERE seat = ? AND state = 'running'"
        file.execute(again, (seat,))
        _forget(file)


def end(
    file: sqlite3.Connection,
    which: str,
    state: QueueState,
    *,
    error: str | None = None,
    job_id: str | None = None,
    seat: int = 0,
) -> bool:
    """End the open jobs of which the condition `which` is true; whether there were any.

    Args:
        file: Being written.
        which: In SQL, of `:id` and `:seat`.
        state: How they ended.
        error: Why they failed.
        job_id: The `:id`.
        seat: The `:seat`.
    """
    sql = f"""UPDATE jobs SET state = :state, error = :error, ended = (SELECT coalesce(max(ended), 0) + 1 FROM jobs)
        WHERE state IN {_OPEN} AND ({which})"""
    return bool(file.execute(sql, {"state": state.value, "error": error, "id": job_id, "seat": seat}).rowcount)


def _settle_pictures(file: sqlite3.Connection, seat: int) -> None:
    """Of those that were being written."""
    sql = "SELECT job, shot, path, part, sha256 FROM pictures JOIN jobs ON id = job WHERE seat = ? AND NOT kept"
    for job_id, shot, path, part, sha256 in file.execute(sql, (seat,)).fetchall():
        if was_carried_out(Intent(Path(path), Path(part), sha256)):
            file.execute("UPDATE pictures SET kept = 1 WHERE job = ? AND shot = ?", (job_id, shot))
            file.execute("UPDATE jobs SET tries = 0 WHERE id = ?", (job_id,))
        else:
            file.execute("DELETE FROM pictures WHERE job = ? AND shot = ?", (job_id, shot))


def _forget(file: sqlite3.Connection) -> None:
    """What ended long ago."""
    old = "SELECT id FROM jobs WHERE ended <= (SELECT max(ended) FROM jobs) - ?"
    for table in ("plans", "requests", "pictures"):
        file.execute(f"DELETE FROM {table} WHERE job IN ({old})", (_MOST_ENDED,))
    file.execute(f"DELETE FROM jobs WHERE id IN ({old})", (_MOST_ENDED,))
