"""Pixels without networks: the `Picture` value and arithmetic on it. numpy and Pillow only."""

from fooo.image.picture import Picture
from fooo.image.resize import fit

__all__ = ["Picture", "fit"]
