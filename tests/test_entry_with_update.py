import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GIT = str(Path(shutil.which("git") or "git").parent)
LAUNCH = "import json, sys\ndef main(arguments):\n    print('{version}', json.dumps(arguments))\n    return 5\n"


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Clone:
    """A server's repository, one more clone to push news from, and the person's checkout."""

    folder: Path

    @property
    def checkout(self) -> Path:
        return self.folder / "checkout"

    def git(self, where: str, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.folder / where,
            capture_output=True,
            text=True,
            check=False,
            env=self.environment(),
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def environment(self, **more: str) -> dict[str, str]:
        person = {f"GIT_{who}_{what}": "a@b.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        return {"PATH": GIT, "HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1", **person, **more}

    def commit(self, where: str, files: dict[str, str]) -> None:
        for name, text in files.items():
            (self.folder / where / name).write_text(text)
        self.git(where, "add", "--force", *files)
        self.git(where, "commit", "--quiet", "-m", "news")

    def publish(self, **files: str) -> None:
        """The server gets a new version."""
        named = {name.replace("_", "."): text for name, text in files.items()}
        self.commit("maker", {"launch.py": LAUNCH.format(version="new"), **named})
        self.git("maker", "push", "--quiet")

    def head(self) -> str:
        return self.git("checkout", "rev-parse", "HEAD")

    def start(self, *arguments: str, **more: str) -> Ran:
        done = subprocess.run(
            [sys.executable, self.checkout / "entry_with_update.py", *arguments],
            env=self.environment(**more), cwd=self.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    clone = Clone(tmp_path)
    clone.git("", "init", "--quiet", "--bare", "--initial-branch=main", "server")
    clone.git("", "clone", "--quiet", "server", "maker")
    clone.git("maker", "switch", "--quiet", "--create", "main")
    shutil.copy2(ROOT / "entry_with_update.py", tmp_path / "maker")
    entry = (ROOT / "entry_with_update.py").read_text()
    clone.commit(
        "maker",
        {
            "entry_with_update.py": entry,
            "launch.py": LAUNCH.format(version="old"),
            ".gitignore": "__pycache__/\n*.mine\n",
        },
    )
    clone.git("maker", "push", "--quiet", "--set-upstream", "origin", "main")
    clone.git("", "clone", "--quiet", "server", "checkout")
    return clone


def test_a_clean_checkout_that_is_behind_is_brought_forward_and_the_new_one_launched(clone: Clone) -> None:
    clone.publish()
    ran = clone.start("make", "a red apple", "-n", "2")
    assert ran.out == 'new ["make", "a red apple", "-n", "2"]\n'
    assert ran.code == 5
    assert ran.err.startswith("Fooo is updated, from ")
    assert clone.head() == clone.git("maker", "rev-parse", "HEAD")


def test_a_checkout_that_is_up_to_date_says_so(clone: Clone) -> None:
    assert clone.start() == Ran(5, "old []\n", "Fooo is up to date.\n")


def change_a_file(clone: Clone) -> None:
    (clone.checkout / "launch.py").write_text(LAUNCH.format(version="mine"))


def stage_a_file(clone: Clone) -> None:
    change_a_file(clone)
    clone.git("checkout", "add", "launch.py")


def delete_a_file(clone: Clone) -> None:
    (clone.checkout / ".gitignore").unlink()


def lay_a_file_in_the_way(clone: Clone) -> None:
    (clone.checkout / "extra.txt").write_text("mine")


def lay_an_ignored_file_in_the_way(clone: Clone) -> None:
    (clone.checkout / "extra.mine").write_text("mine")


def commit_something(clone: Clone) -> None:
    clone.commit("checkout", {"mine.txt": "mine"})


def detach(clone: Clone) -> None:
    clone.git("checkout", "checkout", "--quiet", "--detach")


def remove_the_remote(clone: Clone) -> None:
    clone.git("checkout", "remote", "remove", "origin")


def take_a_branch_of_ones_own(clone: Clone) -> None:
    clone.git("checkout", "switch", "--quiet", "--no-track", "--create", "mine")


def lose_the_server(clone: Clone) -> None:
    (clone.folder / "server").rename(clone.folder / "gone")


def ask_a_server_that_is_off(clone: Clone) -> None:
    clone.git("checkout", "remote", "set-url", "origin", "http://127.0.0.1:9/fooo.git")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (change_a_file, "local changes"),
        (stage_a_file, "local changes"),
        (delete_a_file, "local changes"),
        (lay_a_file_in_the_way, "lies where a new one belongs"),
        (lay_an_ignored_file_in_the_way, "lies where a new one belongs"),
        (commit_something, "commits of its own"),
        (detach, "no branch"),
        (remove_the_remote, "follows none"),
        (take_a_branch_of_ones_own, "follows none"),
        (lose_the_server, "cannot be reached"),
        (ask_a_server_that_is_off, "cannot be reached"),
    ],
)
def test_anything_but_a_clean_checkout_stays_as_it_is_and_is_launched(
    clone: Clone, spoil: Callable[[Clone], None], why: str
) -> None:
    clone.publish(extra_txt="theirs", extra_mine="theirs")
    spoil(clone)
    before = (clone.head(), clone.git("checkout", "status", "--porcelain", "--branch"), contents(clone.checkout))
    ran = clone.start("doctor")
    assert ran.err.startswith("Not updated: ")
    assert why in ran.err
    assert ran.err.count("\n") == 1
    assert '["doctor"]' in ran.out
    assert not ran.out.startswith("new")
    assert ran.code == 5
    assert (clone.head(), contents(clone.checkout)) == (before[0], before[2])


def contents(folder: Path) -> dict[str, str]:
    files = (file for file in folder.rglob("*") if file.is_file() and not {".git", "__pycache__"} & set(file.parts))
    return {str(file.relative_to(folder)): file.read_text() for file in files}


def test_files_that_git_does_not_know_are_no_hindrance(clone: Clone) -> None:
    (clone.checkout / "picture.png").write_text("mine")
    clone.publish()
    assert clone.start().out == "new []\n"
    assert (clone.checkout / "picture.png").read_text() == "mine"


def test_a_downloaded_folder_without_git_is_launched(clone: Clone) -> None:
    shutil.rmtree(clone.checkout / ".git")
    ran = clone.start("--port", "7000")
    assert (ran.code, ran.out) == (5, 'old ["--port", "7000"]\n')
    assert "no git checkout" in ran.err


def test_without_git_it_is_launched(clone: Clone, tmp_path: Path) -> None:
    ran = clone.start(PATH=str(tmp_path / "nothing"))
    assert (ran.code, ran.out) == (5, "old []\n")
    assert "git is not installed" in ran.err


def test_another_checkout_that_git_was_told_of_is_left_alone(clone: Clone) -> None:
    clone.publish()
    clone.git("", "clone", "--quiet", "server", "other")
    clone.git("other", "reset", "--quiet", "--hard", "HEAD~1")
    before = clone.git("other", "rev-parse", "HEAD")
    clone.start(GIT_DIR=str(clone.folder / "other" / ".git"), GIT_WORK_TREE=str(clone.folder / "other"))
    assert clone.git("other", "rev-parse", "HEAD") == before
    assert clone.head() == clone.git("maker", "rev-parse", "HEAD")


def test_a_server_that_never_answers_is_given_up(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    import entry_with_update

    slow = clone.folder / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text(f'#!/bin/sh\ncase "$*" in *fetch*) exec sleep 30;; esac\nexec {shutil.which("git")} "$@"\n')
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(slow.parent), prepend=":")
    monkeypatch.setattr(entry_with_update, "SECONDS", 0.5)
    with pytest.raises(entry_with_update.NoUpdate, match="did not answer"):
        entry_with_update.update(clone.checkout)
