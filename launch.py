"""Fooo's front door: makes sure of the environment, then hands over to `fooo`.

Standard library only. A Python that is too old for the rest can still read this file, back to 3.6, and is told in one
sentence which one to use instead: so nothing newer stands here, and nothing of `fooo` is imported before that.
"""

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fooo.interface.arguments import Arguments
    from fooo.setup.steps import Steps

# The oldest Python that will do, and the first that is too new.
OLDEST, TOO_NEW = (3, 11), (3, 14)
STOPPED_BY_PERSON = 130
# What pytest is told where nobody says more: every core works, and no more of them than memory allows for (2 GB each);
# who is done first takes tests from the others, so that all end together.
ALL_TESTS = ("-n", "auto", "--maxprocesses", "4", "--dist", "worksteal")


def main(arguments: "Sequence[str]") -> int:
    """The exit code, after whatever set-up is missing and the program itself."""
    if not OLDEST <= sys.version_info[:2] < TOO_NEW:
        return refuse(wrong_python())
    try:
        from fooo.interface.arguments import parse

        return start(parse(arguments), arguments)
    except KeyboardInterrupt:
        return STOPPED_BY_PERSON


def wrong_python() -> str:
    have = ".".join(map(str, sys.version_info[:3]))
    other = next((name for name in ("python3.13", "python3.12", "python3.11") if shutil.which(name)), None)
    mend = f"start it with {other}, which is here" if other else "install one (python.org) and start with that"
    return f"Fooo needs Python 3.11, 3.12 or 3.13, and this is {have}: {mend}."


def refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr, flush=True)
    return 1


def start(asked: "Arguments", arguments: "Sequence[str]") -> int:
    """The exit code, in a Python that can read all of `fooo`; `asked` is what `arguments` mean."""
    from fooo.setup.places import ROOT
    from fooo.setup.steps import Steps
    from fooo.setup.supplies import USED_BY

    extras = {"test"} if asked.verb in {"test", "check"} else set[str]()
    steps = Steps(verbose=asked.verbose, offline=asked.offline)
    again = [str(ROOT / "launch.py"), *arguments]
    ended = settle(steps, extras, asked.torch, again, supplies=asked.verb in USED_BY)
    return hand_over(asked, arguments) if ended is None else ended


def settle(
    steps: "Steps", extras: "set[str]", torch: "str | None", again: "list[str]", *, supplies: bool = False
) -> "int | None":
    """None once this Python is the one to use and lacks nothing; else the exit code of `again` in the one to use.

    With `supplies`, what finishes pictures is fetched after a first set-up.
    """
    from fooo.setup.install import install_missing
    from fooo.setup.interpreter import uses_this_python, venv_python
    from fooo.setup.steps import SetupError, say
    from fooo.setup.supplies import fetch_supplies

    try:
        if not uses_this_python(extras):
            return replace_process([str(venv_python(steps, (OLDEST, TOO_NEW))), *again])
        if install_missing(steps, extras, torch) and supplies:
            fetch_supplies(steps)
    except SetupError as error:
        return refuse(str(error))
    except OSError as error:
        return refuse(f"Setting up stopped ({error}): make that place writable, or start as its owner.")
    except KeyboardInterrupt:
        say("\nStopped; the next start sets up what is missing.")
        return STOPPED_BY_PERSON
    return None


def hand_over(asked: "Arguments", arguments: "Sequence[str]") -> int:
    """The exit code of what was asked for, in this interpreter."""
    from fooo.setup.places import ROOT

    if asked.verb == "check":
        return check(str(ROOT))
    if asked.verb == "test":
        os.chdir(ROOT)
        if not asked.rest:
            # a worker a core: threads of their own would wait for each other
            os.environ.setdefault("OMP_NUM_THREADS", "1")
        return replace_process([sys.executable, "-m", "pytest", *(asked.rest or ALL_TESTS)])
    from fooo.__main__ import main as fooo

    return fooo(list(arguments))


def check(folder: str) -> int:
    """1 when the linter, the formatter, the type checker or the layers have something to say; all four speak."""
    layers = "from importlinter.cli import lint_imports_command as check; check(['--no-logo'])"
    commands = (
        ["-m", "ruff", "check"],
        ["-m", "ruff", "format", "--check"],
        ["-m", "pyright", "--pythonpath", sys.executable],
        ["-c", layers],
    )
    codes = [subprocess.call([sys.executable, *command], cwd=folder) for command in commands]
    return int(any(codes))


def replace_process(command: "list[str]") -> int:
    """The exit code of `command`, which takes this process's place where the system can do that."""
    if os.name == "posix":
        os.execv(command[0], command)
    with subprocess.Popen(command) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                pass  # It got the same Ctrl-C, and says itself how it ends.


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
