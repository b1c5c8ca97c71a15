"""A text's tokens in the chunks of 75 that a tower reads at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

CHUNK = 75
"""Tokens that a tower reads at once, without its two marks for begin and end."""
BACKTRACK = 20
"""Fewer tokens than this move to the next chunk, so that a chunk ends behind a comma."""


class Mark(Enum):
    BREAK = auto()
    """A new chunk begins here, however full the one before is."""


@dataclass(frozen=True, slots=True)
class LearntToken:
    """One token of an embedding. Args: number: From 0."""

    embedding: str
    number: int


Token = int | LearntToken
"""A token of the vocabulary by its number there, or one that only an embedding knows."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """Tokens of one weight."""

    ids: tuple[Token, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Chunk:
    """At most 75 tokens, and how much each counts."""

    ids: tuple[Token, ...] = ()
    weights: tuple[float, ...] = ()


def chunk(parts: Iterable[Weighed | Mark], comma: int) -> tuple[Chunk, ...]:
    """The tokens in order, in at least one chunk; as the webui cuts them.

    Where a chunk is full, what stands behind its last comma goes to the next one, if that is fewer than 20 tokens: a
    thing is not torn from its adjective.

    Args:
        parts: Tokens and breaks.
        comma: The token of a comma.
    """
    chunks: list[Chunk] = []
    ids: list[Token] = []
    weights: list[float] = []

    def close(keep: int) -> None:
        chunks.append(Chunk(tuple(ids[:keep]), tuple(weights[:keep])))
        del ids[:keep], weights[:keep]

    for part in parts:
        if part is Mark.BREAK:
            close(len(ids))
            continue
        assert isinstance(part, Weighed)
        for token in part.ids:
            if len(ids) == CHUNK:
                close(CHUNK if token == comma else _end(ids, comma))
            ids.append(token)
            weights.append(part.weight)
    if ids or not chunks:
        close(len(ids))
    return tuple(chunks)


def _end(ids: Sequence[Token], comma: int) -> int:
    """How many tokens of a full chunk stay in it."""
    for behind in range(min(BACKTRACK, len(ids))):
        if ids[len(ids) - 1 - behind] == comma:
            return len(ids) - behind
    return len(ids)
