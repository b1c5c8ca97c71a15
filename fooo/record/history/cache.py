"""The file of the index, in SQLite: a cache that may be deleted at any time, and is made anew where it is damaged."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, TypeVar

from fooo.errors import StorageFull

_VERSION = 2
"""Of the table: a file of another one is made anew."""
_TABLE = (
    """CREATE TABLE pictures (
        path TEXT PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        home TEXT NOT NULL,         -- the id of where it lay before it was thrown away
        folder TEXT NOT NULL,       -- of the person whose it is
        thrown TEXT NOT NULL,
        made TEXT NOT NULL,
        place TEXT NOT NULL UNIQUE, -- in the order of time
        changed INTEGER NOT NULL,
        size INTEGER NOT NULL,
        words TEXT NOT NULL,
        styles TEXT NOT NULL,       -- each in a line of its own
        model TEXT NOT NULL,
        seed TEXT NOT NULL,
        width INTEGER NOT NULL,     -- 0 of what is no picture, which is remembered so that it is not read again
        height INTEGER NOT NULL,
        parent TEXT NOT NULL,       -- the SHA-256 of the file that it was begun with
        said TEXT NOT NULL,         -- all that is searched, in small letters
        favourite INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID""",
    "CREATE INDEX pictures_place ON pictures (place)",
    "CREATE INDEX pictures_parent ON pictures (parent)",
    "CREATE INDEX pictures_size ON pictures (size)",
    f"PRAGMA user_version={_VERSION}",
)
_PATIENCE = 5.0
"""Seconds for another program to finish its writing."""

T = TypeVar("T")


class Cache:
    """Safe from any thread, and for several programs at once: each work opens the file anew.

    Args:
        file: Made where there is none.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self, sql: str, values: Sequence[str | int] = ()) -> list[tuple[Any, ...]]:
        """The rows. Raises: StorageFull: The file cannot be used, not even made anew."""
        return self._work(lambda file: file.execute(sql, values).fetchall())

    def write(self, sql: str, rows: Sequence[Sequence[str | int]]) -> None:
        """Carry out a statement for each of the rows, all or none. Raises: StorageFull: As of `read`."""

        def work(file: sqlite3.Connection) -> None:
            file.execute("BEGIN IMMEDIATE")
            with file:
                file.executemany(sql, rows)

        self._work(work)

    def _work(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Raises: StorageFull: The file cannot be read or written, also when it was made anew."""
        try:
            return self._once(work)
        except sqlite3.Error as error:
            if _is_busy(error):
                raise self._told(error) from None
        self._remove()
        try:
            return self._once(work)
        except sqlite3.Error as error:
            raise self._told(error) from None

    def _once(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with suppress(OSError):  # what opens the file tells it
            self._file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._file, timeout=_PATIENCE, isolation_level=None)) as file:
            if _version(file) != _VERSION:
                self._prepare(file)
            return work(file)

    def _prepare(self, file: sqlite3.Connection) -> None:
        # a reader and a writer do not wait for each other; what a power cut takes is read from the pictures again
        file.execute("PRAGMA journal_mode=WAL")
        file.execute("BEGIN IMMEDIATE")
        with file:
            if _version(file) != _VERSION:  # asked again: another program may have been quicker
                file.execute("DROP TABLE IF EXISTS pictures")
                for statement in _TABLE:
                    file.execute(statement)

    def _remove(self) -> None:
        for ending in ("-wal", "-shm", ""):
            with suppress(OSError):
                self._file.with_name(self._file.name + ending).unlink(missing_ok=True)

    def _told(self, error: sqlite3.Error) -> StorageFull:
        return StorageFull(f"The list of pictures {self._file} cannot be used ({error}); free its folder.")


def _version(file: sqlite3.Connection) -> int:
    return int(file.execute("PRAGMA user_version").fetchone()[0])


def _is_busy(error: sqlite3.Error) -> bool:
    code: object = getattr(error, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
