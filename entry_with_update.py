"""Fetches the newest Fooo when that is safe, then launches it: same arguments, same exit code.

Safe is a checkout without local changes that is only behind: it is fast-forwarded. Anything else is left as it is, and
one line says why.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SECONDS = 60


class NoUpdate(Exception):
    """One line that says why all stays as it is."""


def main() -> int:
    try:
        print(update(HERE), file=sys.stderr, flush=True)
    except NoUpdate as why:
        print(f"Not updated: {why}.", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        return 130
    # Only now, so that it is the new one.
    from launch import main as launch

    return launch(sys.argv[1:])


def update(checkout: Path) -> str:
    """What became of the checkout, in one line.

    Raises:
        NoUpdate: It stays as it is; says why.
    """
    if not (checkout / ".git").exists():
        raise NoUpdate("this folder is no git checkout; download the new version, or use git clone")
    # Files that git does not know may stay: should one be in the way, the merge itself refuses and changes nothing.
    if git(checkout, "status", "--porcelain", "--untracked-files=no"):
        raise NoUpdate("there are local changes, which stay as they are; git stash and git pull would bring the new")
    branch = git(checkout, "branch", "--show-current")
    if not branch:
        raise NoUpdate("no branch is checked out; git switch main brings it back")
    alone = f"the branch {branch} follows none on a server; git branch --set-upstream-to names one"
    upstream = git(checkout, "rev-parse", "--symbolic-full-name", "@{upstream}", why=alone)
    remote = git(checkout, "config", f"branch.{branch}.remote")
    git(checkout, "fetch", "--quiet", remote, why="the server cannot be reached; going on with what is here")
    if git(checkout, "rev-list", "--count", f"HEAD..{upstream}") == "0":
        return "Fooo is up to date."
    if git(checkout, "rev-list", "--count", f"{upstream}..HEAD") != "0":
        raise NoUpdate("this branch has commits of its own, which stay as they are; git pull --rebase would join both")
    before = git(checkout, "rev-parse", "--short", "HEAD")
    in_the_way = "a file of yours lies where a new one belongs, and stays; move it away"
    git(checkout, "merge", "--ff-only", "--no-overwrite-ignore", "--quiet", upstream, why=in_the_way)
    return f"Fooo is updated, from {before} to {git(checkout, 'rev-parse', '--short', 'HEAD')}."


def git(checkout: Path, *arguments: str, why: str | None = None) -> str:
    """What git says.

    Raises:
        NoUpdate: It is missing, or failed, or took too long; with `why` in place of git's own words.
    """
    # Never ask for a name or a password: nobody may be there to answer. And look at no other checkout than this.
    asking = {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS": "", "LC_ALL": "C"}
    asking["GIT_SSH_COMMAND"] = os.environ.get("GIT_SSH_COMMAND", "ssh") + " -o BatchMode=yes"
    elsewhere = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"}
    environment = {name: value for name, value in os.environ.items() if name not in elsewhere}
    try:
        done = subprocess.run(
            ["git", "-C", str(checkout), *arguments], env={**environment, **asking}, stdin=subprocess.DEVNULL,
            capture_output=True, encoding="utf-8", errors="replace", timeout=SECONDS, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        raise NoUpdate("git is not installed") from None
    except subprocess.TimeoutExpired:
        raise NoUpdate(f"the server did not answer for {SECONDS} s; going on with what is here") from None
    if done.returncode:
        raise NoUpdate(why or (done.stderr.strip().splitlines() or ["git failed"])[-1])
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
