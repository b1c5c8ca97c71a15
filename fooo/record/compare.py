"""How equal two pictures are."""

from dataclasses import dataclass

import numpy as np

from fooo.image import Picture


@dataclass(frozen=True, slots=True)
class Difference:
    """Between two pictures of one size.

    Attributes:
        mean: Over all pixels and colours, in levels of 255.
        largest: Of any of them.
        share: Of the pixels, those that differ at all.
    """

    mean: float
    largest: int
    share: float


def difference(one: Picture, other: Picture) -> Difference | None:
    """What lies between them; None where they are not of one size."""
    if one.size != other.size:
        return None
    apart = np.abs(one.pixels.astype(np.int16) - other.pixels.astype(np.int16))
    return Difference(float(apart.mean()), int(apart.max()), float(apart.any(axis=2).mean()))
