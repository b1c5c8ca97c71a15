"""Which part of the picture each tile of the enlarged one is made of."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import ceil, floor

from fooo.image import Box

_FILTER = 3
"""Pixels of the source on each side that the resize behind the network looks at (Lanczos with three lobes)."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Of a tile, along one axis.

    Attributes:
        place: Its pixels in the enlarged picture.
        seen: The pixels of the source that the network is shown.
        start, end: Where the place begins and ends in the source.
    """

    place: slice
    seen: slice
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Tile:
    rows: Stretch
    columns: Stretch

    def box(self, scale: int) -> Box:
        """Where the tile's place lies in what the network makes of what it is shown, `scale` times as large."""
        left, top = self.columns.seen.start, self.rows.seen.start
        return Box(
            (self.columns.start - left) * scale,
            (self.rows.start - top) * scale,
            (self.columns.end - left) * scale,
            (self.rows.end - top) * scale,
        )

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of its place."""
        return self.columns.place.stop - self.columns.place.start, self.rows.place.stop - self.rows.place.start


def tiles(
    source: tuple[int, int], part: Box, target: tuple[int, int], *, most: int, context: int, multiple: int = 1
) -> list[Tile]:
    """The tiles of an enlarged picture, row by row.

    Args:
        source: Size of the picture.
        part: Which part of it is enlarged.
        target: Size of the enlarged part; no smaller than the part.
        most: Pixels of the source that a tile is shown along a side; more than twice the context.
        context: Pixels around a place that have a say in it.
        multiple: What a tile is shown begins at such pixels only.
    """
    around = context + _FILTER
    columns = _stretches(source[0], part.left, part.right, target[0], most, around, multiple)
    rows = _stretches(source[1], part.top, part.bottom, target[1], most, around, multiple)
    return [Tile(row, column) for row, column in product(list(rows), list(columns))]


def _stretches(
    length: int, start: float, end: float, target: int, most: int, around: int, multiple: int
) -> Iterator[Stretch]:
    """The fewest stretches of about equal length."""
    step = (end - start) / target
    count = 1 if end - start + 2 * around <= most or length <= most else ceil((end - start) / (most - 2 * around))
    for number in range(count):
        place = slice(number * target // count, (number + 1) * target // count)
        first, last = start + place.start * step, start + place.stop * step
        from_pixel = max(0, floor(first) - around) // multiple * multiple
        yield Stretch(place, slice(from_pixel, min(length, ceil(last) + around)), first, last)
