"""Where the things of a scene lie on its sheet."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

Size = tuple[int, int]
"""Width and height, pixels."""


class Layout(StrEnum):
    CENTRE = "centre"
    LEFT = "left"
    RIGHT = "right"
    TOP = "top"
    BOTTOM = "bottom"
    SIDE_BY_SIDE = "side by side"
    ABOVE = "above"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Spot:
    """The square that a thing is drawn in, pixels; it may reach over the border."""

    left: int
    top: int
    side: int


def find_spots(
    layout: Layout, things: int, count: int, scale: str | None, rng: np.random.Generator, size: Size
) -> tuple[Spot, ...]:
    """One for each of two things, or for each of the `count` of one thing; `scale` as a scene has it."""
    middles = _middles(layout, things, count, scale, rng, size)
    return tuple(Spot(_begin(x, side, size[0]), _begin(y, side, size[1]), side) for x, y, side in middles)


def _middles(
    layout: Layout, things: int, count: int, scale: str | None, rng: np.random.Generator, size: Size
) -> list[tuple[float, float, int]]:
    """Middle and side of each thing, pixels."""
    width, height = size
    unit = min(size)
    if layout is Layout.GROUP:
        return _group(count, rng, size)
    if things == 2:
        if layout is Layout.ABOVE:
            side = round(min(height * 0.49, width * 0.9) * rng.uniform(0.92, 1.0))
            return [
                (_near(rng, width / 2, unit), _near(rng, height * share, unit, 0.012), side) for share in (0.26, 0.74)
            ]
        side = round(min(width * 0.49, height * 0.9) * rng.uniform(0.92, 1.0))
        return [(_near(rng, width * share, unit, 0.012), _near(rng, height / 2, unit), side) for share in (0.26, 0.74)]
    if scale == "small":
        side = round(unit * rng.uniform(0.42, 0.54))
        x = {Layout.LEFT: 0.25, Layout.RIGHT: 0.75}.get(layout, 0.5)
        y = {Layout.TOP: 0.26, Layout.BOTTOM: 0.74}.get(layout, 0.5)
        return [(_near(rng, width * x, unit), _near(rng, height * y, unit), side)]
    side = round(unit * (rng.uniform(1.02, 1.12) if scale == "big" else rng.uniform(0.86, 0.98)))
    return [(_near(rng, width / 2, unit), _near(rng, height / 2, unit), side)]


def _group(count: int, rng: np.random.Generator, size: Size) -> list[tuple[float, float, int]]:
    """In a row where the sheet is long, else in two rows, the odd one below in the middle."""
    width, height = size
    long = max(size) >= 1.4 * min(size)
    columns = count if long or count == 2 else 2
    rows = -(-count // columns)
    shares = [((number % columns + 0.5) / columns, (number // columns + 0.5) / rows) for number in range(count)]
    if count % columns:
        shares[-1] = (0.5, shares[-1][1])
    if width < height and rows == 1:
        shares, columns, rows = [(y, x) for x, y in shares], rows, columns
    side = round(min(width / columns, height / rows) * 0.98 * rng.uniform(0.9, 1.0))
    return [
        (_near(rng, width * x, min(size), 0.012), _near(rng, height * y, min(size), 0.012), side) for x, y in shares
    ]


def _begin(middle: float, side: int, length: int) -> int:
    """Where a thing begins on a sheet of `length` pixels: inside it, unless the thing is too big for it."""
    begin = round(middle - side / 2)
    return min(max(begin, 0), length - side) if side <= length else begin


def _near(rng: np.random.Generator, middle: float, unit: int, spread: float = 0.022) -> float:
    return middle + float(np.clip(rng.normal(0, spread), -2 * spread, 2 * spread)) * unit
