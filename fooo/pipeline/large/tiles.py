"""A large tensor out of tiles that fade into each other where they overlap."""

from collections.abc import Callable, Iterator
from itertools import product
from math import ceil

import torch


def mix_tiles(
    make: Callable[[slice, slice], torch.Tensor],
    size: tuple[int, int],
    *,
    most: tuple[int, int],
    overlap: tuple[int, int],
    scale: int = 1,
) -> torch.Tensor:
    """What `make` gives of all places together.

    Args:
        make: The tile of these rows and columns of the source: shape (n, channels, scale * rows, scale * columns).
        size: (rows, columns) of the source.
        most: Of a tile.
        overlap: Of neighbours, at least; less than `most`.
        scale: How many times larger the tiles are than their places in the source.

    Returns:
        float32, shape (n, channels, scale * size[0], scale * size[1]).
    """
    rows, columns = (list(spans(*each)) for each in zip(size, most, overlap, strict=True))
    mixed = total = None
    for row, column in product(rows, columns):
        tile = make(row, column)
        if len(rows) == len(columns) == 1:
            return tile
        if mixed is None or total is None:
            whole = (size[0] * scale, size[1] * scale)
            mixed, total = tile.new_zeros((*tile.shape[:2], *whole)), tile.new_zeros((1, 1, *whole))
        weight = _fade(tile, -2, overlap[0] * scale)[:, None] * _fade(tile, -1, overlap[1] * scale)
        place = (..., _times(row, scale), _times(column, scale))
        mixed[place] += tile * weight
        total[place] += weight
    assert mixed is not None
    assert total is not None
    return mixed / total


def spans(length: int, most: int, overlap: int) -> Iterator[slice]:
    """The fewest stretches of equal length, at most `most`, that cover `length` and share `overlap` or more."""
    if length <= most:
        yield slice(0, length)
        return
    count = ceil((length - overlap) / (most - overlap))
    size = ceil((length + (count - 1) * overlap) / count)
    for number in range(count):
        start = number * (length - size) // (count - 1)
        yield slice(start, start + size)


def _fade(tile: torch.Tensor, axis: int, over: int) -> torch.Tensor:
    """How much each row or column counts: less and less towards both edges, over as many as are shared."""
    places = torch.arange(1, tile.shape[axis] + 1, device=tile.device)
    return torch.minimum(places, places.flip(0)).clamp(max=max(1, over)).float()


def _times(span: slice, scale: int) -> slice:
    return slice(span.start * scale, span.stop * scale)
