"""Which of the programs on one folder this is: each draws the jobs of its own seat."""

import sqlite3
from itertools import count
from pathlib import Path

from fooo.service.queue.database import is_busy


class Seat:
    """A number that no other living program on the same queue has.

    The lock is the operating system's: it ends with the program, however that ends, and knows no clock. SQLite takes it
    in the same way on every system; its file stays empty.

    Args:
        number: From 1.
        lock: Held until `leave`.
    """

    def __init__(self, number: int, lock: sqlite3.Connection) -> None:
        self.number = number
        self._lock = lock

    def leave(self) -> None:
        self._lock.close()


def take_first(queue: Path) -> Seat:
    """The first seat that is free. Raises: sqlite3.Error: The folder takes no lock."""
    for number in count(1):
        if seat := take(queue, number):
            return seat
    raise AssertionError("unreachable: the numbers never end")


def take(queue: Path, number: int) -> Seat | None:
    """The seat of that number; None while a program has it.

    Raises:
        sqlite3.Error: The folder takes no lock.
    """
    lock = sqlite3.connect(
        queue.with_name(f"{queue.name}-seat-{number}"), timeout=0, isolation_level=None, check_same_thread=False
    )
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        lock.close()
        if is_busy(error):
            return None
        raise
    return Seat(number, lock)
