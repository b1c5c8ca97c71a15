"""The windows in which a large picture is drawn anew: how many there are, and which edges of them are the picture's."""

from fooo.image.spans import spans
from fooo.plan.plan import Generate
from fooo.request import Tiling

_LATENT = 8
"""Pixels along the sides of the square that a latent stands for."""
SHARED = 4
"""A window shares this part of its side with its neighbour: what one sees at its edge, the other sees well within."""


def goes_around(tiling: Tiling) -> tuple[bool, bool]:
    """Whether the picture goes on at its upper edge beyond its lower one, and at its left edge beyond its right one."""
    return tiling in {Tiling.Y, Tiling.BOTH}, tiling in {Tiling.X, Tiling.BOTH}


def tiling_in_a_window(generate: Generate) -> Tiling:
    """The axes along which the picture goes around and is seen as a whole: its networks see both edges of it."""
    if generate.window is None:
        return generate.tiling
    y, x = goes_around(generate.tiling)
    y, x = y and generate.window.height >= generate.size.height, x and generate.window.width >= generate.size.width
    return {(False, False): Tiling.NONE, (True, False): Tiling.Y, (False, True): Tiling.X, (True, True): Tiling.BOTH}[
        y, x
    ]


def windows_of(generate: Generate) -> tuple[int, float]:
    """How many windows one step takes, and the megapixels of each; without windows the picture is the only one."""
    window = generate.window or generate.size
    around = goes_around(generate.tiling)
    sides = ((generate.size.height, window.height), (generate.size.width, window.width))
    rows, columns = (
        list(spans(length // _LATENT, most // _LATENT, most // _LATENT // SHARED, around=goes))
        for (length, most), goes in zip(sides, around, strict=True)
    )
    pixels = (rows[0].stop - rows[0].start) * (columns[0].stop - columns[0].start) * _LATENT**2
    return len(rows) * len(columns), pixels / 1e6
