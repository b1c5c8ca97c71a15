import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fooo.settings import ROOT
from tests.service.chaos import SHOTS


def survive(folder: Path, *, jobs: int, kills: int, seed: int, workers: int = 1) -> dict[str, Any]:
    """What is there after a program was killed that often."""
    command = [sys.executable, "-m", "tests.service.chaos", str(folder), *map(str, (jobs, kills, seed, workers))]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1500, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


def check(found: dict[str, Any], *, jobs: int, kills: int) -> None:
    assert found["kills"] == kills
    assert found["states"] == {"done": jobs}
    assert found["jobs"] == {f"job {number}": 1 for number in range(jobs)}
    assert found["pictures"] == {
        f"job {number}, seed {1000 * number + shot}": 1 for number in range(jobs) for shot in range(SHOTS)
    }
    assert (found["strays"], found["unlisted"]) == ([], [])


@pytest.mark.skipif(sys.platform == "win32", reason="forks, and kills as POSIX does")
def test_a_program_that_is_killed_again_and_again_makes_each_picture_once(tmp_path: Path):
    check(survive(tmp_path, jobs=16, kills=12, seed=5), jobs=16, kills=12)


@pytest.mark.skipif(sys.platform == "win32", reason="forks, and kills as POSIX does")
def test_with_two_workers_the_same_holds(tmp_path: Path):
    check(survive(tmp_path, jobs=12, kills=8, seed=3, workers=2), jobs=12, kills=8)
