"""Test modules here are called test_pocket_...: pytest wants names that no other folder uses."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.pocket.making import FakeNpm, drawing_set, fake_npm
from tools.pocket.drawings import DrawingSet
from tools.pocket.scenes import Composer


@pytest.fixture(autouse=True)
def signals_stay_as_they_were() -> Iterator[None]:
    """A training run takes SIGTERM for itself."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def drawings() -> DrawingSet:
    return drawing_set()


@pytest.fixture(scope="session")
def composer(drawings: DrawingSet) -> Composer:
    return Composer(drawings)


@pytest.fixture
def npm(tmp_path: Path) -> FakeNpm:
    return fake_npm(tmp_path / "npm")
