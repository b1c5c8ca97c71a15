"""Which packages the project wants, and which of them this Python has."""

import json
import re
import subprocess
import tomllib
from importlib import metadata
from importlib.util import find_spec
from typing import Any

from fooo.setup.places import CONSTRAINTS, ORACLE, PROJECT
from fooo.setup.steps import pip_command
from fooo.setup.torch_build import build_of, resolve, serves


def requirements(extras: set[str]) -> list[str]:
    """What pyproject.toml asks for, with the optional dependencies that `extras` names."""
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    optional = project["optional-dependencies"]
    return [*project["dependencies"], *(one for extra in sorted(extras) for one in optional[extra])]


def oracle_arguments(extras: set[str]) -> list[list[str]]:
    """What to tell pip so that it takes the tests' oracle, in a call of its own; no call when no tests are wanted."""
    return [["--no-deps", "-r", str(ORACLE)]] if "test" in extras and ORACLE.exists() else []


def constraint_arguments() -> list[str]:
    """What to tell pip so that it takes the one tried version of everything."""
    return ["-c", str(CONSTRAINTS)]


def pinned_torch() -> str:
    """PyTorch's version in constraints.txt."""
    return re.findall(r"^torch==([^\s;]+)", CONSTRAINTS.read_text("utf-8"), re.MULTILINE)[0]


def installed_torch() -> str | None:
    """Which build of PyTorch is there; None: no PyTorch."""
    try:
        found = metadata.distribution("torch")
    except metadata.PackageNotFoundError:
        return None
    return build_of(found.version, found.requires or ())


def has_torch(wish: str | None) -> bool:
    """Whether the PyTorch that is there serves `wish`, or else the device."""
    have = installed_torch()
    return have is not None and serves(have, resolve(wish), exact=wish is not None)


def has_names(extras: set[str]) -> bool:
    """Whether every package that is asked for is there in some version: takes milliseconds and no pip."""
    wanted = requirements(extras)
    if oracle_arguments(extras):
        wanted += ORACLE.read_text("utf-8").splitlines()
    try:
        for name in re.findall(r"^[\w.-]+", "\n".join(wanted), re.MULTILINE):
            metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def has_everything(extras: set[str]) -> bool:
    """Whether pip would install nothing: asked without network, and only when every name is there at all."""
    if not has_names(extras) or find_spec("pip") is None:
        return False
    return all(
        dry_run("--no-index", *arguments) == [] for arguments in (requirements(extras), *oracle_arguments(extras))
    )


def dry_run(*arguments: str) -> list[dict[str, Any]] | None:
    """What `pip install` would install, as its report has it; None when it finds no way."""
    command = pip_command("install", "--dry-run", "--quiet", "--report", "-", *arguments)
    done = subprocess.run(command, capture_output=True, check=False)
    return json.loads(done.stdout)["install"] if done.returncode == 0 else None
