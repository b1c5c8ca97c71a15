from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fooo.record import Record
from fooo.record.history import Found, History, Kept, Wanted
from tests.record.history.pictures import keep

NOON = datetime(2026, 3, 4, 12, 0, 0)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    return tmp_path / "outputs"


@pytest.fixture
def history(outputs: Path, clock: Clock) -> History:
    return History(outputs, now=clock)


@pytest.fixture
def three(outputs: Path, record: Record) -> list[Path]:
    """Of three days, the newest first; the second in oil, the third Ann's."""
    return [
        keep(outputs, record, "a red apple", made=NOON),
        keep(outputs, record, "a Lighthouse at night", made=NOON - timedelta(days=1), styles=("Fooo Oil Painting",)),
        keep(outputs, record, "a boat", made=NOON - timedelta(days=2), person="ann"),
    ]


def every(history: History, wanted: Wanted | None = None) -> tuple[Kept, ...]:
    history.refresh()
    return history.page(wanted or Wanted(), limit=100).pictures


def words(found: Found | tuple[Kept, ...]) -> list[str]:
    return [each.words for each in (found.pictures if isinstance(found, Found) else found)]
