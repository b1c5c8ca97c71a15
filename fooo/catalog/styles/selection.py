"""Which styles stand on a contact sheet."""

import random
from collections.abc import Collection, Sequence
from itertools import chain, zip_longest
from typing import TypeVar

from fooo.catalog.styles.style import POCKET_FAMILY, Style, in_families

T = TypeVar("T")


def suiting(styles: Collection[Style], *, pocket: bool) -> tuple[Style, ...]:
    """Those that suit a model. Args: pocket: Whether it is the embedded one, which draws its own only."""
    return tuple(style for style in styles if (style.family == POCKET_FAMILY) == pocket)


def varied(
    styles: Collection[Style], count: int, *, favourites: Collection[str], chosen: Collection[str], seed: int
) -> tuple[str, ...]:
    """The names of so many styles: favourites, then one of each family in turn, and at last what is chosen already.

    Args:
        styles: That may be among them.
        count: How many, at most.
        favourites: Names.
        chosen: Names.
        seed: Another one gives other styles.
    """
    rng = random.Random(seed)
    new = [style for style in styles if style.name not in chosen]
    liked = [style.name for style in new if style.name in favourites]
    others = in_families(style for style in new if style.name not in favourites)
    turns = zip_longest(*(_shuffled(family, rng) for family in _shuffled(tuple(others.values()), rng)))
    rest = (style.name for turn in turns for style in turn if style)
    known = (style.name for style in styles if style.name in chosen)
    return tuple(chain(_shuffled(liked, rng), rest, known))[:count]


def _shuffled(items: Sequence[T], rng: random.Random) -> list[T]:
    return rng.sample(items, len(items))
