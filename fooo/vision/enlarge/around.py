"""Enlarges a picture with all that it is: its transparency, and that copies of it meet without a seam."""

from dataclasses import replace

import numpy as np

from fooo.image import Mask, Picture
from fooo.image.picture_files import OpenedPicture
from fooo.plan.finish.windows import goes_around
from fooo.request import Tiling
from fooo.vision.enlarge.enlarger import Enlarger, Size, Watch, go_on
from fooo.vision.enlarge.opened import enlarge_opened

_BEYOND = 64
"""Pixels of the copies beside it that the picture is enlarged with: more have next to no say in it."""


def enlarge_around(
    enlarger: Enlarger, picture: Picture, size: Size, tiling: Tiling, *, watch: Watch = go_on
) -> Picture | None:
    """As `Enlarger.enlarge`, with its alpha; along the axes of the tiling each edge is seen beside the opposite one."""
    width, height = picture.size
    y, x = (min(_BEYOND, length) * goes for length, goes in zip((height, width), goes_around(tiling), strict=True))
    left, top = round(x * size[0] / width), round(y * size[1] / height)
    opened = OpenedPicture(_with_copies(picture, x, y), None)
    if picture.alpha:
        opened = replace(opened, alpha=Mask(np.pad(picture.alpha.values, ((y, y), (x, x)), mode="wrap")))
    larger = enlarge_opened(enlarger, opened, (size[0] + 2 * left, size[1] + 2 * top), watch=watch)
    if larger is None:
        return None
    part = (slice(top, top + size[1]), slice(left, left + size[0]))
    return Picture(larger.picture.pixels[part].copy(), larger.alpha and Mask(larger.alpha.values[part].copy()))


def _with_copies(picture: Picture, x: int, y: int) -> Picture:
    return Picture(np.pad(picture.pixels, ((y, y), (x, x), (0, 0)), mode="wrap"))
