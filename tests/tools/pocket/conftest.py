"""Test modules here are called test_pocket_...: pytest wants names that no other folder uses."""

from pathlib import Path

import numpy as np
import pytest

from tests.tools.pocket.making import FakeNpm, drawing_set, fake_npm
from tools.pocket.drawings import DrawingSet
from tools.pocket.scenes import Composer
from tools.pocket.words import Drawings
from tools.pocket.work import Work


@pytest.fixture(scope="session")
def drawings() -> DrawingSet:
    return drawing_set()


@pytest.fixture(scope="session")
def composer(drawings: DrawingSet) -> Composer:
    return Composer(drawings)


@pytest.fixture
def npm(tmp_path: Path) -> FakeNpm:
    return fake_npm(tmp_path / "npm")


@pytest.fixture
def folder(drawings: DrawingSet, tmp_path: Path) -> Work:
    """A work folder with drawings in it."""
    order = list(Drawings)
    index = sorted((row, noun, order.index(name)) for (noun, name), row in drawings.index.items())
    np.savez(
        tmp_path / "drawings.npz",
        pixels=drawings.pixels,
        index=np.array([pair for _, *pair in index], np.int16),
        slugs=np.array([noun.slug for noun in drawings.nouns]),
    )
    return Work(tmp_path)
