"""The `Picture` value."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fooo.image.mask import Mask


@dataclass(frozen=True, eq=False, slots=True)
class Picture:
    """An 8-bit sRGB picture.

    Attributes:
        pixels: uint8, shape (height, width, 3), values 0..255, read-only.
        alpha: How much of each pixel is there; None: all. What draws takes no notice of it, and gives none.
    """

    pixels: npt.NDArray[np.uint8]
    alpha: Mask | None = None

    def __post_init__(self) -> None:
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 3 or self.pixels.shape[2] != 3:
            raise ValueError(f"a picture is uint8 (height, width, 3), not {self.pixels.dtype} {self.pixels.shape}")
        if self.alpha and self.alpha.size != self.size:
            raise ValueError(f"the alpha of a picture is of its size, not {self.alpha.size} of {self.size}")
        self.pixels.setflags(write=False)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]
