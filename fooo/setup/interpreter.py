"""Which Python runs the program: this one where it is there for that, else the one of `.venv/`, made when missing."""

import os
import shutil
import subprocess
import sys
import sysconfig
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from fooo.setup.lock import locked
from fooo.setup.packages import has_everything
from fooo.setup.places import PREFIX, STAMP, UNFINISHED, VENV
from fooo.setup.steps import SetupError, Steps, say

# The oldest Python that will do, and the first that is too new.
Supported = tuple[tuple[int, int], tuple[int, int]]


def uses_this_python(extras: set[str]) -> bool:
    """Whether the running Python is the one to use: an environment already, or one that has all that is needed."""
    if sys.prefix != sys.base_prefix or is_conda() or STAMP.exists() or (PREFIX / UNFINISHED).exists():
        return True
    if is_bare_container():
        return True
    return not VENV.exists() and has_everything(extras)


def is_conda() -> bool:
    """Whether this is an environment of conda's; its base, which holds conda itself, is not for us to fill."""
    # Only the base has condabin/.
    return (PREFIX / "conda-meta").is_dir() and not (PREFIX / "condabin").is_dir()


def is_bare_container() -> bool:
    """Whether this is a container's own Python with nothing of somebody else's in it: then it is there for us."""
    container = Path("/.dockerenv").exists() or Path("/run/.containerenv").exists() or "container" in os.environ
    managed = Path(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED").exists()
    if not container or managed or not os.access(sysconfig.get_path("purelib"), os.W_OK):
        return False
    return {found.metadata["Name"] for found in metadata.distributions()} <= {"pip", "setuptools", "wheel"}


def venv_python(steps: Steps, supported: Supported) -> Path:
    """The Python of `.venv/`, which is made, or made again when it does not start or was left half filled.

    Raises:
        SetupError: It cannot be made; says how to mend that.
    """
    if not is_sound(VENV, supported):
        with locked(VENV):
            if not is_sound(VENV, supported):
                make_venv(steps)
    return python_of(VENV)


def python_of(venv: Path) -> Path:
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def is_sound(venv: Path, supported: Supported) -> bool:
    """Whether the Python of `venv` starts, is a supported one, and is not half filled."""
    python = python_of(venv)
    # Without pyvenv.cfg it would start as the Python that it was made from.
    if (venv / UNFINISHED).exists() or not (venv / "pyvenv.cfg").exists() or not python.exists():
        return False
    oldest, too_new = supported
    version = f"import sys; sys.exit(not {oldest} <= sys.version_info[:2] < {too_new})"
    try:
        return subprocess.run([python, "-ISc", version], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def make_venv(steps: Steps) -> None:
    """A fresh `.venv/` with pip, in place of a broken one."""
    if find_spec("ensurepip") is None:
        raise SetupError(
            "This Python cannot make an environment: install its venv package"
            " (Debian, Ubuntu: sudo apt install python3-venv) and start again."
        )
    if VENV.is_symlink() or VENV.exists():
        say(".venv is broken (moved, its Python gone, or its setting up cut off): making it again.")
        remove_venv()
    steps.run("Making .venv/ for the packages (some seconds)", [sys.executable, "-m", "venv", str(VENV)])


def remove_venv() -> None:
    try:
        VENV.unlink() if VENV.is_symlink() or VENV.is_file() else shutil.rmtree(VENV)
    except OSError as error:
        raise SetupError(f"The broken .venv cannot be removed ({error}): delete {VENV} and start again.") from error
