"""Turns a pickle into a safetensors file, in a process of its own: here, a pickle is never opened."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from fooo.catalog.model_files.header import read_header
from fooo.errors import ModelError
from fooo.settings import bare_environment

PICKLES = frozenset({".ckpt", ".pt", ".pth", ".bin"})
"""Endings of files that can hold programs."""

_CHILD = Path(__file__).with_name("pickle_child.py")
_SLOWEST = 20e6
"""Bytes a second: half of what an old hard disk reads."""

_SECONDS_TO_START = 120
"""To import torch, on a slow disk."""

_CALLS = re.compile(r"GLOBAL ([\w.]+)")
"""As torch says of what a pickle asks for."""

_SAID = re.compile(r"refused: (.+)")
_NO_MEMORY = ("MemoryError", "can't allocate memory", "Cannot allocate memory", "bad_alloc")


def convert(path: Path, target: Path | None = None) -> Path:
    """The tensors of a pickle (`.ckpt`, `.pt`, `.pth`, `.bin`) as a safetensors file; the pickle stays as it is.

    Args:
        path: The pickle.
        target: Where the new file goes; None: beside it, under its name.

    Raises:
        ModelError: It would run programs, holds no weights, is damaged, or asks for more memory or time than its size
            explains; or there is a file of that name already. Nothing is left of the attempt.
    """
    target = target or path.with_suffix(".safetensors")
    if not path.is_file():
        raise ModelError(path, "is no file", "choose another one")
    if target == path:
        raise ModelError(path, "is called as if it were none", "give it the ending .ckpt first, if it is a pickle")
    if target.exists():
        raise ModelError(target, "is there already", "move it away first")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".converting-") as folder:
            new = Path(folder) / "new.safetensors"
            _run(path, new)
            read_header(new)
            new.replace(target)
    except OSError as error:
        raise ModelError(target, f"cannot be written ({error.strerror})", "look at the folder's rights") from None
    return target


def _run(path: Path, new: Path) -> None:
    seconds = int(_SECONDS_TO_START + path.stat().st_size / _SLOWEST)
    # -I: nothing of the person's environment or folders; -B: no bytecode is written
    command = [sys.executable, "-I", "-B", str(_CHILD), str(path.absolute()), str(new), str(seconds)]
    try:
        done = subprocess.run(
            command, env=bare_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            errors="replace", timeout=2 * seconds, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise _refused(path, "it takes longer than its size explains") from None
    if done.returncode:
        raise _refused(path, _reason(done.returncode, done.stderr))


def _reason(code: int, told: str) -> str:
    """Why the child ended. Args: code: Below 0: the number of the signal that ended it. told: Its last words."""
    if called := _CALLS.search(told):
        return f"it would run {called[1]}"
    if said := _SAID.search(told):
        return said[1].strip()
    if code < 0:
        return "it asks for more time or memory than its size explains"
    if any(sign in told for sign in _NO_MEMORY):
        return "it asks for more memory than its size explains, or than is free"
    return "it is damaged, or holds something else than weights"


def _refused(path: Path, why: str) -> ModelError:
    return ModelError(path, f"is refused: {why}", "get the model as a .safetensors file")
