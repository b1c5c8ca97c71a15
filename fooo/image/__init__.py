"""Pixels without networks: the `Picture` value and arithmetic on it. numpy and Pillow only."""

from fooo.image.boxes import Box, Detection, Point, without_doubles
from fooo.image.mask import Mask
from fooo.image.picture import Picture
from fooo.image.resize import fit, part_of_shape, resized, times

__all__ = [
    "Box",
    "Detection",
    "Mask",
    "Picture",
    "Point",
    "fit",
    "part_of_shape",
    "resized",
    "times",
    "without_doubles",
]
