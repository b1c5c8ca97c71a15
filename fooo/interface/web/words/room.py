"""How much more a prompt can hold, in plain words, where that begins to matter."""

from collections.abc import Sequence

from fooo.interface.i18n import Words

_ROOM = 75
"""Tokens that CLIP reads at a time (Radford et al. 2021: 77 with those for begin and end)."""
_FROM = 60
"""Tokens from which a person may want to know: some ten words before the end."""


def told_of_room(chunks: Sequence[int], words: Words) -> str:
    """How many tokens are left, or in how many parts a longer prompt is read; empty where neither matters.

    Args:
        chunks: Tokens of each part.
        words: Of the page.
    """
    if len(chunks) > 1:
        return words("tokens_in_parts", count=" + ".join(map(str, chunks)), parts=len(chunks))
    if not chunks or chunks[0] < _FROM:
        return ""
    return words("tokens_left", count=_ROOM - chunks[0]) if chunks[0] < _ROOM else words("tokens_full")
