"""environment.yaml, pyproject.toml and constraints.txt say the same, and conda's way leads to the same program."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.launching import copy_launcher, plain_python

ROOT = Path(__file__).resolve().parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONDA: dict[str, Any] = yaml.safe_load((ROOT / "environment.yaml").read_text())
ORACLE = (ROOT / "tests" / "oracle" / "requirements.txt").read_text()


def from_conda() -> list[str]:
    return [one for one in CONDA["dependencies"] if isinstance(one, str)]


def from_pip() -> list[str]:
    (pip,) = (cast(dict[str, list[str]], one) for one in CONDA["dependencies"] if not isinstance(one, str))
    return pip["pip"]


def pins() -> dict[str, str]:
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    pairs = [line.split("==") for line in lines]
    assert len({canonicalize_name(name) for name, _ in pairs}) == len(pairs), "a package is pinned twice"
    return {canonicalize_name(name): version for name, version in pairs}


def wanted() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"].values()
    return [Requirement(one) for one in [*PROJECT["dependencies"], *(one for extra in extras for one in extra)]]


def test_conda_makes_the_environment_that_the_readme_activates() -> None:
    assert CONDA["name"] == "fooo"


def test_conda_brings_python_and_pip_and_nothing_else() -> None:
    assert [re.split(r"[<>=]", one)[0] for one in from_conda()] == ["python", "pip"]


def test_conda_brings_a_python_that_the_project_takes() -> None:
    (python,) = (one.removeprefix("python") for one in from_conda() if one.startswith("python"))
    assert SpecifierSet(python) == SpecifierSet(PROJECT["requires-python"])


def test_the_launcher_takes_the_same_pythons() -> None:
    import launch

    takes = SpecifierSet(PROJECT["requires-python"])
    for minor in range(8, 20):
        assert takes.contains(f"3.{minor}.1") == (launch.OLDEST <= (3, minor) < launch.TOO_NEW)


def test_pip_is_told_the_same_by_conda_as_by_the_project_within_the_same_set() -> None:
    assert from_pip() == ["-c constraints.txt", *PROJECT["dependencies"]]


@pytest.mark.parametrize("requirement", wanted(), ids=str)
def test_every_dependency_is_pinned_inside_its_range(requirement: Requirement) -> None:
    assert requirement.specifier.contains(pins()[canonicalize_name(requirement.name)])


def test_the_oracles_are_exact_versions_that_nothing_else_asks_for() -> None:
    lines = [said for line in ORACLE.splitlines() if (said := line.partition("#")[0].strip())]
    named = [re.fullmatch(r"([\w-]+)==[\w.]+", line) for line in lines]
    assert [match and match[1] for match in named] == [
        "k-diffusion",
        "compel",
        "pyparsing",
        "peft",
        "spandrel",
        "einops",
    ]
    assert {match[1] for match in named if match}.isdisjoint(canonicalize_name(one.name) for one in wanted())


def conda_file(folder: Path) -> Path:
    """What `conda env create` hands to pip: the list in a file beside environment.yaml."""
    file = folder / "condaenv.requirements.txt"
    file.write_text("\n".join(from_pip()))
    return file


def test_pip_can_read_condas_list_and_finds_this_environment_to_fit_it(tmp_path: Path) -> None:
    shutil.copy2(ROOT / "constraints.txt", tmp_path)
    file = conda_file(tmp_path)
    pip = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "--quiet", "--report", "-"]
    done = subprocess.run([*pip, "-r", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["install"] == []


@pytest.mark.prove
@pytest.mark.timeout(1800)
@pytest.mark.skipif(sys.platform != "linux", reason="the Python made for this test is laid out as on Linux")
def test_what_condas_file_lists_is_all_that_the_program_needs(tmp_path: Path) -> None:
    prefix = tmp_path / "conda"
    python = plain_python(prefix, bare=True)
    (prefix / "conda-meta").mkdir()
    checkout = tmp_path / "checkout"
    copy_launcher(checkout)
    for name in ("entry_with_update.py", "pyproject.toml", "constraints.txt"):
        shutil.copy2(ROOT / name, checkout)
    pip = [python, "-m", "pip", "install", "--upgrade", "--quiet", "-r", conda_file(checkout)]
    subprocess.run(pip, check=True, cwd=checkout)
    activated = f"CONDA_PREFIX={prefix} exec {python} entry_with_update.py doctor"
    done = subprocess.run(["sh", "-c", activated], cwd=checkout, capture_output=True, text=True, check=False)
    assert json.loads(done.stdout) == {"arguments": ["doctor"], "prefix": str(prefix)}
    # Not one more package: only the word of entry_with_update.py.
    assert done.stderr == "Not updated: this folder is no git checkout; download the new version, or use git clone.\n"
    assert not (checkout / ".venv").exists()
