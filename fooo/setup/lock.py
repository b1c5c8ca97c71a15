"""One set-up at a time: of several starts the first installs, and the others wait for it."""

import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from fooo.setup.places import ROOT, VENV
from fooo.setup.steps import say

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


@contextmanager
def locked(environment: Path) -> Generator[None]:
    """No other start sets up `environment` meanwhile; waits for one that does."""
    path = lock_file(environment)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        if not try_lock(file):
            say("Another start is setting up; waiting for it.")
            while not try_lock(file):
                time.sleep(0.3)
        # The lock stays open in pip: killing only this process does not free it.
        os.set_inheritable(file.fileno(), True)
        yield


def lock_file(environment: Path) -> Path:
    # Not inside .venv, which may have to be removed while locked.
    return ROOT / ".fooo" / "setup.lock" if environment == VENV else environment / "fooo-setup.lock"


def try_lock(file: IO[Any]) -> bool:
    """Whether `file` is now locked for this process; freed when it is closed here and in every child."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
