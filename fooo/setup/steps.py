"""Running the commands that set up, each told in one line; and what is said when one fails."""

import os
import subprocess
import sys
import time
from pathlib import Path

from fooo.setup.mends import mend
from fooo.setup.places import LOG, PREFIX, UNFINISHED


class SetupError(Exception):
    """Setting up cannot go on: one sentence for the person that says how to mend it."""


def say(text: str, end: str = "\n") -> None:
    # Not stdout: `make` prints the paths of its pictures there, for other programs to read.
    print(text, end=end, file=sys.stderr, flush=True)


def pip_command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pip", *arguments, "--disable-pip-version-check", "--no-input"]


class Steps:
    """Runs commands, each told in one line; what they say is shown only when that is wanted.

    Args:
        verbose: Show it, as FOOO_VERBOSE=1 does too.
        offline: pip asks no server.
    """

    def __init__(self, *, verbose: bool, offline: bool) -> None:
        self.verbose = verbose or bool(os.environ.get("FOOO_VERBOSE"))
        self.offline = offline

    def pip(self, saying: str, verb: str, *arguments: str) -> None:
        """Run pip, with a mark in the environment for as long as a cut would leave a package half there.

        Raises:
            SetupError: It failed; says how to mend that.
        """
        unfinished = PREFIX / UNFINISHED
        unfinished.touch()
        offline = ["--no-index"] if self.offline and verb == "install" else []
        self.run(saying, pip_command(verb, *arguments, *offline), log=LOG, unfinished=unfinished)

    def run(self, saying: str, command: list[str], *, log: Path | None = None, unfinished: Path | None = None) -> None:
        """Run `command`.

        Args:
            saying: What it does, for the person.
            command: The program and its arguments.
            log: Where to add what it says.
            unfinished: A mark to remove, unless the command failed after it began to write.

        Raises:
            SetupError: It failed; says how to mend that.
        """
        say(f"{saying} ...", end="\n" if self.verbose else " ")
        begun = time.monotonic()
        code, lines = self._listen(command, log)
        wrote = any(line.startswith("Installing collected packages") for line in lines)
        if unfinished and (code == 0 or not wrote):
            unfinished.unlink()
        if code:
            say("failed.")
            raise SetupError(mend(lines, prefix=PREFIX, log=log))
        say(f"done in {time.monotonic() - begun:.0f} s")

    def _listen(self, command: list[str], log: Path | None) -> tuple[int, list[str]]:
        """The exit code of `command`, and the lines that it said."""
        lines: list[str] = []
        # PIP_USER would lead out of the environment. Open files are passed on, for the lock among them.
        with Path(log or os.devnull).open("a", encoding="utf-8") as kept, subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
            encoding="utf-8", errors="replace", env={**os.environ, "PIP_USER": "0"}, close_fds=False,
        ) as process:  # fmt: skip
            for line in process.stdout or ():
                lines.append(line.strip())
                kept.write(line)
                if self.verbose:
                    say(line, end="")
        return process.returncode, lines
