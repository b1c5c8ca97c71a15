"""Pictures as detectors take them: made to fit into their size, the rest filled."""

from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from fooo.image import Box, Picture, Point, resized

_STEP = 32
"""Pixels: the coarsest map that detectors make has a point for so many."""


@dataclass(frozen=True, eq=False, slots=True)
class Letterbox:
    """A picture in the top left corner of a larger one.

    Attributes:
        pixels: uint8, shape (height, width, 3).
        scale: How many times larger (width, height) it is there than it was.
        original: (width, height) of what it was made from.
    """

    pixels: npt.NDArray[np.uint8]
    scale: tuple[float, float]
    original: tuple[int, int]

    def box(self, left: float, top: float, right: float, bottom: float) -> Box:
        """A rectangle of the large picture, in pixels of the original and within it."""
        across, down = self.scale
        return Box(left / across, top / down, right / across, bottom / down).within(self.original)

    def point(self, x: float, y: float) -> Point:
        """A place in the large picture, in pixels of the original."""
        return x / self.scale[0], y / self.scale[1]


def divisible_size(size: tuple[int, int], *, most: int) -> tuple[int, int]:
    """About that size, of sides that are divisible by 32 as detectors want it; the longer one about `most` at most."""
    times = min(1.0, most / max(size))
    return ceil(size[0] * times / _STEP) * _STEP, ceil(size[1] * times / _STEP) * _STEP


def letterbox(picture: Picture, size: tuple[int, int], *, fill: int) -> Letterbox:
    """The picture, resized in its shape so that it just fits into that size.

    Args:
        picture: Of any size.
        size: (width, height).
        fill: Level of the grey beside it, 0..255.
    """
    times = min(size[0] / picture.size[0], size[1] / picture.size[1])
    width, height = (max(1, round(side * times)) for side in picture.size)
    pixels = np.full((size[1], size[0], 3), fill, np.uint8)
    pixels[:height, :width] = resized(picture, Box(0, 0, *picture.size), (width, height)).pixels
    return Letterbox(pixels, (width / picture.size[0], height / picture.size[1]), picture.size)


def as_input(pixels: npt.NDArray[np.uint8], *, mean: float = 0.0, scale: float = 1.0) -> npt.NDArray[np.float32]:
    """Pixels as networks take them: (level - mean) / scale, shape (1, 3, height, width)."""
    floats = (pixels.astype(np.float32) - mean) / scale
    return np.ascontiguousarray(floats.transpose(2, 0, 1)[None], np.float32)
