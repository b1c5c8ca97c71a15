"""The stretches that cover a length of which only so much is seen at once."""

from collections.abc import Iterator
from math import ceil


def spans(length: int, most: int, overlap: int, *, around: bool = False) -> Iterator[slice]:
    """The fewest stretches of equal length, at most `most`, that cover `length` and share `overlap` or more.

    Args:
        length: To be covered.
        most: Of a stretch.
        overlap: Of neighbours; less than `most`.
        around: Whether what lies beyond the end is the beginning again: then the last and the first stretch are
            neighbours too, and those at the end go beyond it.
    """
    if length <= most:
        yield slice(0, length)
    elif around:
        count = ceil(length / (most - overlap))
        for number in range(count):
            start = number * length // count
            yield slice(start, start + ceil(length / count) + overlap)
    else:
        count = ceil((length - overlap) / (most - overlap))
        size = ceil((length + (count - 1) * overlap) / count)
        for number in range(count):
            start = number * (length - size) // (count - 1)
            yield slice(start, start + size)
