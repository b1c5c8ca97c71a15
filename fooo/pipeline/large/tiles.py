"""A large tensor out of tiles that fade into each other where they overlap."""

from collections.abc import Callable, Iterator, Sequence

import torch

from fooo.image.spans import spans

Make = Callable[[slice, slice], torch.Tensor]
"""The tile of these rows and columns of the source: shape (n, channels, scale * rows, scale * columns)."""


def mix_tiles(
    make: Make,
    size: tuple[int, int],
    *,
    most: tuple[int, int],
    overlap: tuple[int, int],
    around: tuple[bool, bool] = (False, False),
) -> torch.Tensor:
    """What `make` gives of all places together.

    Args:
        make: As large as its places in the source.
        size: (rows, columns) of the source.
        most: Of a tile.
        overlap: Of neighbours, at least; less than `most`.
        around: Whether the source's first rows, and columns, go on behind its last ones: such places are asked for.

    Returns:
        float32, shape (n, channels, size[0], size[1]).
    """
    rows, columns = (list(spans(*each, around=goes)) for *each, goes in zip(size, most, overlap, around, strict=True))
    if len(rows) == len(columns) == 1:
        return make(rows[0], columns[0])
    mixed, total = (
        torch.cat(parts, dim=-2)
        for parts in zip(*((sums, weights) for _, sums, weights in _bands(make, rows, columns, overlap)), strict=True)
    )
    return _folded(mixed, size) / _folded(total, size)


def mix_bands(
    make: Make, size: tuple[int, int], *, most: tuple[int, int], overlap: tuple[int, int], scale: int = 1
) -> Iterator[tuple[slice, torch.Tensor]]:
    """The same from top to bottom, in the memory of a row of tiles: which rows of the whole, and what is in them.

    Args: scale: How many times larger the tiles are than their places in the source.
    """
    rows, columns = (list(spans(*each)) for each in zip(size, most, overlap, strict=True))
    if len(rows) == len(columns) == 1:
        yield slice(0, size[0] * scale), make(rows[0], columns[0])
        return
    for place, mixed, total in _bands(make, rows, columns, overlap, scale):
        yield place, mixed / total


def _bands(
    make: Make, rows: Sequence[slice], columns: Sequence[slice], overlap: tuple[int, int], scale: int = 1
) -> Iterator[tuple[slice, torch.Tensor, torch.Tensor]]:
    """Each stretch of rows once all of its tiles are there: its place, the weighted sums, and the weights."""
    unfinished: tuple[torch.Tensor, ...] = ()
    ends = [*(row.start for row in rows[1:]), rows[-1].stop]
    for row, end in zip(rows, ends, strict=True):
        sums = _row_of_tiles(make, row, columns, overlap, scale)
        for each, above in zip(sums, unfinished, strict=False):  # the first row has none above it
            each[..., : above.shape[-2], :] += above
        done = (end - row.start) * scale
        unfinished = tuple(each[..., done:, :].clone() for each in sums)
        mixed, total = (each[..., :done, :] for each in sums)
        yield slice(row.start * scale, end * scale), mixed, total


def _row_of_tiles(
    make: Make, row: slice, columns: Sequence[slice], overlap: tuple[int, int], scale: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """The weighted sums of the tiles beside each other, and the weights."""
    tiles = [make(row, column) for column in columns]
    whole = (*tiles[0].shape[:-1], columns[-1].stop * scale)
    mixed, total = tiles[0].new_zeros(whole), tiles[0].new_zeros((1, 1, *whole[-2:]))
    for tile, column in zip(tiles, columns, strict=True):
        weight = _fade(tile, -2, overlap[0] * scale)[:, None] * _fade(tile, -1, overlap[1] * scale)
        place = (..., slice(column.start * scale, column.stop * scale))
        mixed[place] += tile * weight
        total[place] += weight
    return mixed, total


def _folded(sums: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """What lies beyond the last rows and columns, put onto the first ones."""
    for axis, length in ((-2, size[0]), (-1, size[1])):
        beyond = sums.shape[axis] - length
        if beyond:
            sums.narrow(axis, 0, beyond).add_(sums.narrow(axis, length, beyond))
            sums = sums.narrow(axis, 0, length)
    return sums


def _fade(tile: torch.Tensor, axis: int, over: int) -> torch.Tensor:
    """How much each row or column counts: less and less towards both edges, over as many as are shared."""
    places = torch.arange(1, tile.shape[axis] + 1, device=tile.device)
    return torch.minimum(places, places.flip(0)).clamp(max=max(1, over)).float()
