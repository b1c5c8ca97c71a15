"""The file of the queue: opened, brought up to date, and every refusal of it told in a sentence."""

import sqlite3
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fooo.errors import QueueUnusable

_VERSIONS = (
    (
        """CREATE TABLE jobs (
            number INTEGER PRIMARY KEY, -- in the order of asking
            id TEXT NOT NULL UNIQUE,
            seat INTEGER NOT NULL,      -- of the program that draws it
            person TEXT NOT NULL,
            priority INTEGER NOT NULL,
            place INTEGER NOT NULL,     -- among those of its person and priority
            state TEXT NOT NULL,
            interrupted INTEGER NOT NULL DEFAULT 0,  -- had its turn when the program ended: goes on before all others
            stopping INTEGER NOT NULL DEFAULT 0,     -- the person has asked it to end
            tries INTEGER NOT NULL DEFAULT 0,        -- turns since its newest picture
            shots INTEGER NOT NULL,
            error TEXT,
            ended INTEGER               -- place among those that have ended
        )""",
        "CREATE INDEX jobs_open ON jobs (seat, state, person, priority DESC, place)",
        "CREATE INDEX jobs_place ON jobs (place)",
        "CREATE INDEX jobs_ended ON jobs (ended)",
        # beside the jobs, so that these are listed without reading through the plans
        "CREATE TABLE plans (job TEXT PRIMARY KEY, plan TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE requests (job TEXT PRIMARY KEY, request TEXT NOT NULL, files TEXT NOT NULL) WITHOUT ROWID",
        """CREATE TABLE pictures (
            job TEXT NOT NULL,
            shot INTEGER NOT NULL,
            path TEXT NOT NULL,
            part TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            record TEXT NOT NULL,
            kept INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (job, shot)
        ) WITHOUT ROWID""",
        "CREATE TABLE people (name TEXT PRIMARY KEY, turn INTEGER NOT NULL) WITHOUT ROWID",
        "CREATE TABLE paused (seat INTEGER PRIMARY KEY)",
    ),
)
"""What each version of the file adds to the one before it."""

_PATIENCE = 5.0
"""Seconds for another program to finish its writing."""

Value = str | int | None


class QueueDamaged(QueueUnusable):
    """The file is no database, or a broken one."""


class Database:
    """One connection, used by one thread at a time.

    Args:
        path: Made where there is none; None keeps all in memory.
        patience: Seconds to wait for a file that another program writes.

    Raises:
        QueueDamaged: It is no database of ours.
        QueueUnusable: It cannot be opened or written, or is from a newer version; it was not touched.
    """

    def __init__(self, path: Path | None, *, patience: float = _PATIENCE) -> None:
        self._path = path
        self._lock = threading.RLock()
        with self._told():
            if path:
                path.parent.mkdir(parents=True, exist_ok=True)
            # "BEGIN" and "COMMIT" are ours to say; the lock takes the place of sqlite3's check of threads
            self._connection = sqlite3.connect(
                path or ":memory:", timeout=patience, isolation_level=None, check_same_thread=False
            )
        try:
            self._prepare()
        except QueueUnusable:
            self.close()
            raise

    def read(self, sql: str, values: Sequence[Value] = ()) -> list[tuple[Value, ...]]:
        with self._lock, self._told():
            return self._connection.execute(sql, values).fetchall()

    @contextmanager
    def writing(self) -> Generator[sqlite3.Connection]:
        """All that is written inside is in the file together, or nothing is."""
        with self._lock, self._told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:  # neither its COMMIT nor what failed has ended it
                    self._connection.execute("ROLLBACK")

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _prepare(self) -> None:
        # of what is not ours nothing is changed, not even its journal's kind
        version = self._version()
        if version > len(_VERSIONS):
            raise QueueUnusable(
                f"The queue {self._path} was written by a newer Fooo; update this one, or move that file away."
            )
        broken = self.read("PRAGMA quick_check(1)") != [("ok",)]
        if broken or (version == 0 and self.read("SELECT 1 FROM sqlite_master")):
            raise QueueDamaged(f"The queue {self._path} is damaged; move that file away.")
        with self._told():
            # a reader and a writer do not wait for each other; what was committed survives also a power cut
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
        with self.writing() as file:
            for statements in _VERSIONS[self._version() :]:  # asked again: another program may have been quicker
                for statement in statements:
                    file.execute(statement)
            file.execute(f"PRAGMA user_version={len(_VERSIONS)}")

    def _version(self) -> int:
        return int(self.read("PRAGMA user_version")[0][0] or 0)

    @contextmanager
    def _told(self) -> Generator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise _in_words(error, self._path) from None


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another program has it."""
    return _code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _in_words(error: sqlite3.Error | OSError, path: Path | None) -> QueueUnusable:
    code = _code(error) if isinstance(error, sqlite3.Error) else None
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return QueueDamaged(f"The queue {path} is damaged; start Fooo again, which sets it aside.")
    problem, hint = {
        sqlite3.SQLITE_BUSY: ("is held by another program", "close that one, or try again later"),
        sqlite3.SQLITE_LOCKED: ("is held by another program", "close that one, or try again later"),
        sqlite3.SQLITE_READONLY: ("cannot be written", "look at the rights of the file and its folder"),
        sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "look at the rights of the file and its folder"),
        sqlite3.SQLITE_FULL: ("cannot grow: the disk is full", "free some space and try again"),
    }.get(code or 0, (f"cannot be used ({error})", "look at the disk and try again"))
    return QueueUnusable(f"The queue {path} {problem}; {hint}.")


def _code(error: sqlite3.Error) -> int | None:
    """SQLite's primary code: the last byte of the extended one."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
