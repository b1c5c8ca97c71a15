"""What the README shows is true: its commands and programs are run, its links lead somewhere."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fooo.record import read_record
from fooo.settings import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
(MAKE,) = re.findall(r"^python launch\.py (make .*)$", README, re.MULTILINE)


def run(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_command_line_and_python_give_the_pixels_that_the_readme_shows(tmp_path: Path):
    drawn = run("-c", PROGRAMS[0])
    by_program = Path(re.findall(r"^(.*\.png) ", drawn, re.MULTILINE)[0])
    assert drawn.count("Step\n") == 30
    words = [str(tmp_path) if word == "pictures" else word for word in shlex.split(MAKE)]
    by_command = Path(run("-m", "fooo", *words).strip())
    shown = np.asarray(Image.open(ROOT / "docs/pictures/red-apple.png")).astype(int)
    one, other = (np.asarray(Image.open(path)).astype(int) for path in (by_command, by_program))
    by_program.unlink()
    assert np.array_equal(one, other)
    # drawn on another machine: other processors round otherwise, by a few of 255 after 30 steps
    assert np.abs(one - shown).mean() < 2


def test_the_record_of_the_readmes_picture_is_read_as_it_says():
    assert run("-c", PROGRAMS[1]).strip() == "a red apple a red apple, 3d render 7"


@pytest.mark.parametrize("path", sorted((ROOT / "docs/pictures").glob("*.png")))
def test_pictures_were_made_by_fooo_and_screenshots_say_that_they_are(path: Path):
    assert path.name.startswith("page-") or read_record(path).steps_done == 30


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "models/README.md", "docs/adr/README.md"])
def test_links_and_pictures_are_there(document: str):
    text = (ROOT / document).read_text(encoding="utf-8")
    linked = re.findall(r"\]\((?!http)([^)#]+)\)|src=\"([^\"]+)\"", text)
    assert [
        each for pair in linked for each in pair if each and not (ROOT / document).parent.joinpath(each).exists()
    ] == []


def test_files_that_contributing_names_exist():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:fooo|tests|docs|styles)/[\w/.]+)`", text)
    assert len(named) > 8
    assert [name for name in named if not (ROOT / name).exists()] == []
