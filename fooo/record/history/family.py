"""Which picture was made from which, and how their words differ."""

import difflib
import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from fooo.record.history.kept import Kept

_PIECE = re.compile(r"\s+|[\u3400-\u9fff]|[^\s\w]|[^\W\u3400-\u9fff]+")
"""A word, a space, a sign, or a Chinese character."""


@dataclass(frozen=True, slots=True)
class Family:
    """Args: parent: What the picture was made from, where the history has it. children: Made from it, newest first."""

    parent: Kept | None
    children: tuple[Kept, ...]


class Fate(StrEnum):
    """What became of words."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


def difference(before: str, after: str) -> tuple[tuple[Fate, str], ...]:
    """How words came from others: those of `after` in order, and where some of `before` are gone, those."""
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    found: list[tuple[Fate, str]] = []
    for kind, first, last, start, end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "".join(old[first:last]), "".join(new[start:end])
        parts = ((Fate.SAME, come),) if kind == "equal" else ((Fate.GONE, gone), (Fate.NEW, come))
        found += [(fate, text) for fate, text in parts if text]
    return tuple(found)


def content_of(path: Path) -> str:
    """The SHA-256 of a file; empty where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""
