"""Two hundred jobs, and a program that is killed at more than sixty moments of its life."""

import sys
import time
from pathlib import Path

import pytest

from tests.prove.conftest import Figure
from tests.service.test_chaos import check, survive

pytestmark = [pytest.mark.prove, pytest.mark.timeout(1800)]

JOBS, KILLS = 200, 66


@pytest.mark.skipif(sys.platform == "win32", reason="forks, and kills as POSIX does")
@pytest.mark.parametrize("workers", [1, 2])
def test_two_hundred_jobs_end_once_through_sixty_kills(tmp_path: Path, figure: Figure, workers: int):
    started = time.monotonic()
    found = survive(tmp_path, jobs=JOBS, kills=KILLS, seed=9, workers=workers)
    check(found, jobs=JOBS, kills=KILLS)
    measured = f"{len(found['pictures'])} pictures once each, whole, {found['kills']} kills"
    figure(
        f"{JOBS} jobs, workers: {workers}, the program killed at random moments",
        measured,
        "each picture once, at least 60 kills",
    )
    figure("the same, seconds", f"{time.monotonic() - started:.0f}", "-")
