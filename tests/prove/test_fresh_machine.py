"""The whole way on a fresh machine: a clone, an empty environment, one command, a picture."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fooo.settings import ROOT
from tests.prove.conftest import Figure

pytestmark = [pytest.mark.prove, pytest.mark.timeout(1800)]

KEPT = ("HOME", "PATH", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CERT", "SSL_CERT_FILE")
"""Of the environment: where programs are, and where pip may fetch packages. No virtual environment, no settings."""


@dataclass(frozen=True)
class Clone:
    folder: Path
    python: str

    def launch(self, *arguments: str, within: tuple[str, ...] = ()) -> tuple[float, subprocess.CompletedProcess[str]]:
        """Seconds and result of `python3 launch.py ...` in the clone; `within` is a command that runs it."""
        kept = {name: value for name, value in os.environ.items() if name in KEPT}  # noqa: TID251
        command = [*within, self.python, "launch.py", *arguments]
        started = time.monotonic()
        done = subprocess.run(command, cwd=self.folder, env=kept, capture_output=True, text=True, check=False)
        return time.monotonic() - started, done

    def make(self, seed: int) -> tuple[float, np.ndarray]:
        seconds, done = self.launch("make", "a red apple", "--seed", str(seed), "--out", "out")
        assert done.returncode == 0, done.stderr
        return seconds, np.asarray(Image.open(self.folder / done.stdout.strip()))


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    folder = tmp_path_factory.mktemp("fresh") / "fooo"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    # a Python outside every environment: the one that the running environment was made from
    yield Clone(folder, str(Path(sys.base_prefix) / "bin/python3"))
    shutil.rmtree(folder)


def test_one_command_makes_a_picture_from_nothing_and_the_next_one_soon(clone: Clone, figure: Figure):
    first_seconds, first = clone.make(7)
    figure("`launch.py make` on a fresh clone, set-up included", f"{first_seconds:.0f} s", "<= 360 s")
    again_seconds, again = clone.make(7)
    figure("the same again", f"{again_seconds:.1f} s", "<= 12 s")
    _, other = clone.make(8)
    different = float(np.abs(first.astype(int) - other.astype(int)).mean())
    figure("pixels of seed 7 twice", "identical" if np.array_equal(first, again) else "different", "identical")
    figure("pixels of seed 8", f"differ by {different:.1f} of 255 in the mean", "differ")
    assert np.array_equal(first, again)
    assert different > 1
    assert first_seconds <= 360
    assert again_seconds <= 12


def test_a_second_start_installs_nothing_and_needs_no_network(clone: Clone, figure: Figure):
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("this system has no unshare, which takes the network away")
    # a network namespace of its own has nothing but a loopback that is down: any call out fails at once
    _, done = clone.launch("make", "a cat", "--out", "out", within=(unshare, "--net", "--map-root-user"))
    figure("a second start without any network", "draws" if done.returncode == 0 else done.stderr, "draws")
    assert done.returncode == 0, done.stderr
    assert "Installing" not in done.stderr


def test_help_is_quick(clone: Clone, figure: Figure):
    seconds = min(clone.launch("--help")[0] for _ in range(5))
    figure("`launch.py --help`, best of 5", f"{seconds:.2f} s", "<= 0.5 s")
    assert seconds <= 0.5


def test_the_package_is_light(figure: Figure):
    code = "import time; t = time.perf_counter(); import fooo; print(time.perf_counter() - t)"
    seconds = min(
        float(subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout)
        for _ in range(5)
    )
    figure("`import fooo`, best of 5", f"{seconds:.4f} s", "<= 0.3 s, without torch")
    assert seconds <= 0.3
