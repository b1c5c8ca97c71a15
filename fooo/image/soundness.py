"""Tells a picture that came out wrong: of no numbers, black, of one colour, or unlike what it was made from."""

from enum import StrEnum

import numpy as np
import numpy.typing as npt
from PIL import Image

from fooo.image.picture import Picture

MOST_DISTANCE = 16.0
"""Levels of 255 by which a part of the picture may differ in its mean colour from the same part of its source."""
_PARTS, _PART = 32, 8
"""Most parts along each side, and the least pixels of one: in single pixels a network may well be of another mind."""
_BLACK = 2
"""Levels of 255: what is not brighter anywhere shows nothing."""


class Fault(StrEnum):
    """What is wrong with a picture, as the end of a sentence."""

    NO_NUMBERS = "has pixels that are no numbers"
    BLACK = "is black"
    ONE_COLOUR = "is of one colour"
    UNLIKE = "is too unlike the picture it was made from"


def fault_of(
    pixels: npt.NDArray[np.uint8] | npt.NDArray[np.floating],
    source: Picture | None = None,
    *,
    most_distance: float = MOST_DISTANCE,
) -> Fault | None:
    """What is wrong with a picture; None: nothing that numbers can tell.

    Args:
        pixels: Shape (height, width, 3), 0..255.
        source: What it was made from, and should look like when both are made small. Where that is black or of one
            colour itself, the picture may be.
        most_distance: Levels of 255 by which the mean colour of a part may differ from the source's.
    """
    if np.issubdtype(pixels.dtype, np.floating) and not np.isfinite(pixels).all():
        return Fault.NO_NUMBERS
    if source is not None:
        return Fault.UNLIKE if distance(Picture(_rounded(pixels)), source) > most_distance else None
    if pixels.max() <= _BLACK:
        return Fault.BLACK
    return Fault.ONE_COLOUR if bool((pixels == pixels[0, 0]).all()) else None


def distance(picture: Picture, source: Picture) -> float:
    """The largest difference of mean colour between the same parts of two pictures, in levels of 255.

    Each is parted into 32 x 32, or fewer where one of the two is so small that a part has less than 8 x 8 pixels.
    """
    parts = tuple(min(_PARTS, max(1, min(sides) // _PART)) for sides in zip(picture.size, source.size, strict=True))
    one, other = (_means(each, (parts[0], parts[1])) for each in (picture, source))
    return float(np.abs(one - other).max())


def _means(picture: Picture, parts: tuple[int, int]) -> npt.NDArray[np.float64]:
    small = Image.fromarray(picture.pixels).resize(parts, Image.Resampling.BOX)
    return np.asarray(small, np.float64)


def _rounded(pixels: npt.NDArray[np.uint8] | npt.NDArray[np.floating]) -> npt.NDArray[np.uint8]:
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
