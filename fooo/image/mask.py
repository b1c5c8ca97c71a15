"""The `Mask` value."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False, slots=True)
class Mask:
    """How much of each pixel is meant, or is there: 0 nothing, 255 all of it.

    Attributes:
        values: uint8, shape (height, width), read-only.
    """

    values: npt.NDArray[np.uint8]

    def __post_init__(self) -> None:
        if self.values.dtype != np.uint8 or self.values.ndim != 2:
            raise ValueError(f"a mask is uint8 (height, width), not {self.values.dtype} {self.values.shape}")
        self.values.setflags(write=False)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.values.shape[1], self.values.shape[0]
