"""Fooo's icon: the three o of its name in a row, each clearer than the one before, as a picture becomes."""

import io

from PIL import Image, ImageColor, ImageDraw

INK = "#101114"
_RINGS = ((236, 235, 232, 70), (236, 235, 232, 150), (228, 87, 46, 255))
_FINER = 4
"""It is drawn so many times larger and made smaller, which smooths its edges."""

_CORNER = 0.22
_RADIUS, _WIDTH, _APART = 0.13, 0.055, 0.2
"""Of the rings, by the icon's side: the row is 66 % of it, within the 80 % that a mask leaves of every icon."""


def draw_icon(side: int, *, maskable: bool = False, kind: str = "PNG") -> bytes:
    """The icon as a file.

    Args:
        side: In pixels.
        maskable: Fills the square, for systems that cut their own shape; else its corners are round.
        kind: As Pillow calls it.
    """
    large = side * _FINER
    image = Image.new("RGBA", (large, large), (*ImageColor.getrgb(INK)[:3], 255 if maskable else 0))
    if not maskable:
        ImageDraw.Draw(image).rounded_rectangle((0, 0, large - 1, large - 1), large * _CORNER, fill=INK)
    for number, colour in enumerate(_RINGS, start=-1):
        ring = Image.new("RGBA", image.size)
        middle, radius = large * (0.5 + number * _APART), large * _RADIUS
        box = (middle - radius, large / 2 - radius, middle + radius, large / 2 + radius)
        ImageDraw.Draw(ring).ellipse(box, outline=colour, width=round(large * _WIDTH))
        image.alpha_composite(ring)
    stream = io.BytesIO()
    image.resize((side, side), Image.Resampling.LANCZOS).save(stream, kind)
    return stream.getvalue()
