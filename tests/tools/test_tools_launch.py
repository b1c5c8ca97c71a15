import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.launching import ROOT, Home, Ran, make_home, plain_python

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the Python made for these tests is laid out as on Linux"
)

TOOL = """
import json, sys
from importlib import metadata
print(json.dumps({"arguments": sys.argv[1:], "prefix": sys.prefix, "pytest": metadata.version("pytest")}))
sys.exit(5)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A fresh clone with a plain Python, in miniature, and a tool that tells how it was started."""
    folder = tmp_path_factory.mktemp("tools")
    home = make_home(folder, plain_python(folder / "python"))
    (home.checkout / "tools" / "pocket").mkdir(parents=True)
    for name in ("tools/__init__.py", "tools/launch.py"):
        shutil.copy2(ROOT / name, home.checkout / name)
    (home.checkout / "benchmarks").mkdir()
    for name in ("tools/pocket/__main__.py", "benchmarks/loop.py"):
        (home.checkout / name).write_text(TOOL)
    return home


def run(home: Home, *arguments: str) -> Ran:
    command = [home.python, *arguments]
    done = subprocess.run(
        command, env=home.environment(), cwd=home.checkout, capture_output=True, text=True, check=False
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def test_make_pocket_sheet_sets_up_the_tests_environment_and_draws_the_sheets_there(home: Home):
    [recipe] = re.findall(r"^pocket-sheet:.*\n\t\$\(PYTHON\) (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    ran = run(home, *shlex.split(recipe))
    assert ran.told == {"arguments": ["sheet"], "prefix": str(home.venv), "pytest": "9.2.0"}
    assert ran.code == 5
    assert ran.err.startswith("Making .venv/ for the packages")
    again = run(home, "-m", "tools.launch", "pocket", "judge", "--prompts", "3")
    assert again.told["arguments"] == ["judge", "--prompts", "3"]
    assert again.err == ""


def test_make_bench_runs_the_benchmark_there(home: Home):
    [recipe] = re.findall(r"^bench:.*\n\t\$\(PYTHON\) (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    ran = run(home, *shlex.split(recipe.replace("$(BENCH)", "--quick")))
    assert (ran.told["arguments"], ran.code) == (["--quick"], 5)


def test_the_launcher_itself_goes_on_in_the_same_environment(home: Home):
    assert home.start("doctor").told == {"arguments": ["doctor"], "prefix": str(home.venv)}


def test_a_tool_without_an_environment_that_can_be_made_ends_in_one_sentence(tmp_path: Path):
    poor = make_home(tmp_path, plain_python(tmp_path / "python", without="ensurepip"))
    (poor.checkout / "tools").mkdir()
    for name in ("tools/__init__.py", "tools/launch.py"):
        shutil.copy2(ROOT / name, poor.checkout / name)
    ran = run(poor, "-m", "tools.launch", "pocket", "sheet")
    assert ran.code == 1
    assert ran.err.count("\n") == 1
    assert "apt install python3-venv" in ran.err
