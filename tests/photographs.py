"""Real photographs, from scikit-image's own folder: none is fetched."""

import importlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from fooo.image import Box, Picture, resized

# untyped
_skimage: Any = importlib.import_module("skimage")
registration: Any = importlib.import_module("skimage.registration")

PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket", "motorcycle_left", "hubble_deep_field", "ihc", "retina")
"""In colour."""


@cache
def photograph(name: str) -> Picture:
    """One of scikit-image's pictures, which come with the package."""
    (path,) = (Path(_skimage.__file__).parent / "data").glob(f"{name}.*")
    with Image.open(path) as image:
        return Picture(np.asarray(image.convert("RGB")).copy())


def part_of(picture: Picture, left: int, top: int, side: int) -> Picture:
    return Picture(picture.pixels[top : top + side, left : left + side].copy())


def smaller(picture: Picture, size: tuple[int, int]) -> Picture:
    """All of it, at that size."""
    return resized(picture, Box(0, 0, *picture.size), size)
