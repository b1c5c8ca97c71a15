"""The program's own parts, and the machine that it runs on."""

import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

import fooo
from fooo.catalog import Catalog
from fooo.doctor.finding import Area, Finding, State, sentence
from fooo.logs import newest_report
from fooo.setup.packages import installed_torch
from fooo.setup.torch_build import cost_of, resolve, serves

GIB = 2**30
_PACKAGES = ("torch", "diffusers", "transformers", "safetensors", "gradio", "fastapi", "httpx", "pillow")
_LITTLE_MEMORY = 8 * GIB
"""Of the machine: an SDXL model is mapped from the disk, but what flows through it is not."""

_LITTLE_DISK, _NO_DISK = 10 * GIB, GIB // 2
"""One more model; some hundred pictures."""


def check_versions() -> Iterator[Finding]:
    yield Finding(area=Area.PROGRAM, name="Fooo", state=State.OK, found=fooo.__version__)
    yield Finding(
        area=Area.PROGRAM, name="Python", state=State.OK, found=f"{platform.python_version()} ({sys.executable})"
    )
    found, lacking = _versions()
    yield Finding(
        area=Area.PROGRAM,
        name="Packages",
        state=State.FAULT if lacking else State.OK,
        found=f"lacking {', '.join(lacking)}" if lacking else ", ".join(found),
        mend="Start with launch.py, which installs them." if lacking else "",
    )


def check_crashes(logs: Path) -> Iterator[Finding]:
    """The report of the last crash, if there was one."""
    if report := newest_report(logs):
        yield Finding(
            area=Area.PROGRAM,
            name="Last crash",
            state=State.WARNING,
            found=f"its report is {report}",
            mend="Show it with your question (without --log-prompts it holds none of your prompts), or delete it.",
        )


def check_catalog(catalog: Catalog) -> Iterator[Finding]:
    """How much there is to choose from, and what is wrong in files that people may write; not in those of models."""
    yield Finding(area=Area.PROGRAM, name="Styles", state=State.OK, found=str(len(catalog.styles)))
    yield Finding(area=Area.PROGRAM, name="Presets", state=State.OK, found=", ".join(catalog.presets))
    of_models = set(catalog.shelf.problems)
    for problem in [each for each in catalog.problems if each not in of_models]:
        told, _, mend = problem.rstrip(".").rpartition("; ")
        yield Finding(
            area=Area.PROGRAM, name="Catalog", state=State.WARNING, found=told or problem, mend=sentence(mend)
        )


def check_build(have: str | None, wanted: str) -> Finding:
    """Whether PyTorch can use the card that is here.

    Args:
        have: The build that is installed, as `fooo.setup.torch_build` names it.
        wanted: The build for this machine.
    """
    fits = have is not None and serves(have, wanted, exact=False)
    return Finding(
        area=Area.PROGRAM,
        name="PyTorch",
        state=State.OK if fits else State.WARNING,
        found=f"built for {cost_of(have or 'cpu').name}" + ("" if fits else f", and here is {cost_of(wanted).name}"),
        mend="" if fits else f"Start once with --torch {wanted}.",
    )


def installed_build() -> Finding:
    """As `check_build`, of this machine."""
    return check_build(installed_torch(), resolve(None))


def check_memory(total: int, available: int) -> Finding:
    """Args: total, available: Bytes of the machine's memory."""
    little = total < _LITTLE_MEMORY
    return Finding(
        area=Area.MACHINE,
        name="Memory",
        state=State.WARNING if little else State.OK,
        found=f"{total / GIB:.1f} GiB, {available / GIB:.1f} GiB of it free",
        mend="SDXL models will be slow: close other programs, or draw with the preset pocket." if little else "",
    )


def memory_here() -> Finding:
    """As `check_memory`, of this machine."""
    memory = psutil.virtual_memory()
    return check_memory(memory.total, memory.available)


def check_disk(name: str, folder: Path, free: int) -> Finding:
    """Args: name: What the folder is for. free: Bytes on its disk."""
    state = State.FAULT if free < _NO_DISK else State.WARNING if free < _LITTLE_DISK else State.OK
    return Finding(
        area=Area.MACHINE,
        name=name,
        state=state,
        found=f"{folder} ({free / GIB:.1f} GiB free)",
        mend="" if state is State.OK else "Free some space, or name a folder on a larger disk.",
    )


def folder_here(name: str, folder: Path) -> Finding:
    """As `check_disk`, after writing to the folder; it is made where it is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        return check_disk(name, folder, shutil.disk_usage(folder).free)
    except OSError as error:
        found = f"{folder} cannot be written ({error.strerror})"
        mend = "Look at its rights, or name another folder."
        return Finding(area=Area.MACHINE, name=name, state=State.FAULT, found=found, mend=mend)


def _versions() -> tuple[list[str], list[str]]:
    """Names with versions of the packages that are here, and names of those that are not."""
    found: list[str] = []
    lacking: list[str] = []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            lacking.append(name)
    return found, lacking
