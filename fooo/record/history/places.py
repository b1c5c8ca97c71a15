"""Where pictures lie below the folder of all, and what their paths say: whose, when, and whether thrown away."""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

TRASH = ".trash"
ENDINGS = (".png", ".jpg", ".jpeg", ".webp")
ID = re.compile(r"[0-9a-f]{24}")

_TURN = re.compile(r"(\d{8}-\d{6})-[0-9a-f]{8}")
"""A folder of the trash: what was thrown away at once, and when."""
_TURN_TIME = "%Y%m%d-%H%M%S"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NAME_TIME = "%Y-%m-%d_%H-%M-%S"
_NAME_LENGTH = len("2026-01-02_03-04-05")


@dataclass(frozen=True, slots=True)
class Stamp:
    """Tells one state of a file from another. Args: changed: In nanoseconds since 1970. size: In bytes."""

    changed: int
    size: int


@dataclass(frozen=True, slots=True)
class Place:
    """What the path of a picture says, relative to the folder of all and with slashes.

    Attributes:
        home: Where it lies, or lay before it was thrown away.
        thrown: When it was; None where it was not.
    """

    path: str
    home: str
    thrown: datetime | None

    @classmethod
    def of(cls, path: str) -> "Place":
        first, _, rest = path.partition("/")
        turn, _, home = rest.partition("/")
        thrown = time_of_turn(turn) if first == TRASH else None
        return cls(path, home if thrown else path, thrown)

    @property
    def id(self) -> str:
        return id_of(self.path)

    @property
    def folder(self) -> str:
        """Of the person whose it is; empty where it lies in no folder but its day's."""
        first, inside, _ = self.home.partition("/")
        return first if inside and not _DAY.fullmatch(first) else ""

    def made(self, changed: int) -> datetime:
        """When it was drawn, as its name says, else when it was changed."""
        name = self.home.rpartition("/")[2]
        try:
            return datetime.strptime(name[:_NAME_LENGTH], _NAME_TIME)
        except ValueError:
            return datetime.fromtimestamp(changed / 1e9)


def id_of(path: str) -> str:
    """What stands for a path, relative to the folder of all and with slashes: 96 bits of its SHA-256."""
    return hashlib.sha256(path.encode()).hexdigest()[:24]


def new_turn(now: datetime, mark: str) -> str:
    """The name of a folder of the trash. Args: mark: Eight hexadecimal digits that make it the only one."""
    return f"{now:{_TURN_TIME}}-{mark}"


def time_of_turn(name: str) -> datetime | None:
    """When what lies in such a folder was thrown away; None for any other name."""
    found = _TURN.fullmatch(name)
    try:
        return datetime.strptime(found[1], _TURN_TIME) if found else None
    except ValueError:
        return None


def scan(folder: Path) -> dict[str, Stamp]:
    """Every picture below the folder, by its path; of what is hidden the trash alone. Links are not followed."""
    found: dict[str, Stamp] = {}
    todo = [""]
    while todo:
        below = todo.pop()
        for entry in _entries(folder / below):
            path = f"{below}{entry.name}"
            if entry.name.startswith(".") and path != TRASH:
                continue
            if entry.is_dir(follow_symlinks=False):
                todo.append(f"{path}/")
            elif entry.name.lower().endswith(ENDINGS) and (stamp := _stamp(entry)):
                found[path] = stamp
    return found


def _entries(folder: Path) -> Iterator["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError:  # another program has removed it, or we may not look
        return


def _stamp(entry: "os.DirEntry[str]") -> Stamp | None:
    """None for what is no plain file, is gone, or has a name that is no text."""
    try:
        entry.name.encode()
        known = entry.stat(follow_symlinks=False)
    except (OSError, UnicodeEncodeError):
        return None
    return Stamp(known.st_mtime_ns, known.st_size) if entry.is_file(follow_symlinks=False) else None
