"""Networks are made of pieces that repeat: told from the tensors' names, and whether a piece lacks any."""

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from fooo.catalog.model_files.header import AGAIN
from fooo.errors import ModelError

Leaves = frozenset[str]
"""The names of a piece's tensors, behind the piece's own."""


def both(*names: str) -> Leaves:
    """The weight and the bias of each."""
    return frozenset(f"{name}.{kind}" for name in names for kind in ("weight", "bias"))


def read_pieces(names: Iterable[str], place: re.Pattern[str]) -> dict[str, set[str]]:
    """The leaves of each piece. Args: place: Group 1 is a piece's name with its dot, group 2 the leaf's."""
    pieces: dict[str, set[str]] = {}
    for name in names:
        if match := place.fullmatch(name):
            pieces.setdefault(match[1], set()).add(match[2])
    return pieces


def lacking(pieces: Mapping[str, Collection[str]], kinds: Iterable[Leaves]) -> list[str]:
    """The names that the pieces lack; of which kind a piece is, any one of its leaves tells."""
    of_leaf = {leaf: kind for kind in kinds for leaf in kind}
    wanted = {
        piece: next((of_leaf[leaf] for leaf in leaves if leaf in of_leaf), Leaves()) for piece, leaves in pieces.items()
    }
    return [piece + leaf for piece, leaves in wanted.items() for leaf in sorted(leaves - set(pieces[piece]))]


def gaps(pieces: Iterable[str]) -> list[str]:
    """Pieces that are missing in a row: those whose number is smaller than that of one that is there."""
    rows: dict[str, set[int]] = {}
    for piece in pieces:
        row, _, number = piece.removesuffix(".").rpartition(".")
        if number.isdecimal():
            rows.setdefault(row, set()).add(int(number))
    return [f"{row}.{number}" for row, there in rows.items() for number in range(len(there)) if number not in there]


def require(path: Path, part: str, missing: Collection[str]) -> None:
    """Raises: ModelError: Something is missing."""
    if missing:
        few = "a tensor" if len(missing) == 1 else f"{len(missing):,} tensors"
        raise ModelError(path, f"lacks {few} of its {part}, such as {min(missing)}", AGAIN)
