"""Pictures at other sizes."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from fooo.image.boxes import Box
from fooo.image.mask import Mask
from fooo.image.picture import Picture


def fit(picture: Picture, width: int, height: int) -> Picture:
    """The picture at exactly that size: cropped evenly, as little as its shape takes, then resized (Lanczos)."""
    return resized(picture, part_of_shape(picture.size, (width, height)), (width, height))


def resized(picture: Picture, box: Box, size: tuple[int, int]) -> Picture:
    """A part of the picture at that size (Lanczos); pixels beside the part count at its edges."""
    corners = (box.left, box.top, box.right, box.bottom)

    def change(values: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        return np.asarray(Image.fromarray(values).resize(size, Image.Resampling.LANCZOS, box=corners)).copy()

    return Picture(change(picture.pixels), picture.alpha and Mask(change(picture.alpha.values)))


def part_of_shape(size: tuple[int, int], shape: tuple[int, int]) -> Box:
    """The largest part of that shape in the middle of a picture of that size."""
    across, down = size
    ratio = shape[0] / shape[1]
    kept = (min(across, down * ratio), min(down, across / ratio))
    left, top = (across - kept[0]) / 2, (down - kept[1]) / 2
    return Box(left, top, left + kept[0], top + kept[1])


def times(size: tuple[int, int], factor: float) -> tuple[int, int]:
    """The size, each side that many times as long: whole pixels, at least 1."""
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))
