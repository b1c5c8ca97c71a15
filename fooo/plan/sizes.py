"""Which size is drawn for the size that is wanted: the networks draw well only near the sizes they were trained at."""

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from fooo.catalog.aspect_ratios import SHAPES, trained_sizes
from fooo.errors import RequestError
from fooo.request import Size

_AREA = Fraction(1, 2), Fraction(8, 5)
"""Of the native one, between which a size is drawn as it is; beyond, SDXL repeats or loses its subject."""
_LONGEST = Fraction(3)
"""Long side by short side, up to which a size is drawn as it is."""
_SHORTEST = 64
"""Pixels."""
_SMALLER = 0.86, 0.73
"""Of the sides: three quarters of the pixels, and a little more than half of them."""
_PIXELS = re.compile(r"(\d{1,5})\s*[x×*]\s*(\d{1,5})", re.IGNORECASE)
_RATIO = re.compile(r"(\d{1,4})\s*[:：]\s*(\d{1,4})")


@dataclass(frozen=True, slots=True)
class Sizes:
    """Of one picture.

    Attributes:
        drawn: What the networks make.
        wanted: What the person gets; another size is reached by cropping to its shape and resizing.
    """

    drawn: Size
    wanted: Size


def choose_sizes(wish: Size | str | None, native: Size) -> Sizes:
    """The sizes for a wish: pixels, words such as `portrait 3:4`, `16:9` or `1920x1080`, or the model's own.

    Raises:
        RequestError: The words name no size.
    """
    size = native if wish is None else _read(wish, native)
    return Sizes(size if fits(size, native) else nearest(Fraction(size.width, size.height), native), size)


def read_size(words: str, native: Size) -> Size:
    """The size that words name: pixels as they are, a shape at the model's scale.

    Raises:
        RequestError: They name none.
    """
    if pixels := _PIXELS.fullmatch(words.strip()):
        return _exact(int(pixels[1]), int(pixels[2]))
    ratio = _ratio(words)
    if ratio is None:
        hint = "say pixels (1920x1080), a shape (16:9) or one of " + ", ".join(n for n in SHAPES if n.isascii())
        raise RequestError("size", f"{words!r} names no size", hint)
    return nearest(ratio, native)


def like(picture: Size, native: Size) -> Size:
    """The size at which a picture of that size is drawn anew: its own where the networks draw that well.

    Else one of its shape with as many pixels as the native size has; of a very long picture the nearest shape.
    """
    own = _whole(picture.width, picture.height)
    if fits(own, native):
        return own
    ratio = min(max(Fraction(picture.width, picture.height), 1 / _LONGEST), _LONGEST)
    height = math.sqrt(native.width * native.height / ratio)
    scaled = _whole(height * ratio, height)
    return scaled if fits(scaled, native) else nearest(Fraction(picture.width, picture.height), native)


def names_pixels(wish: Size | str | None) -> bool:
    """Whether a wish for a size is of so many pixels, and not of a shape."""
    return isinstance(wish, Size) or (wish is not None and _PIXELS.fullmatch(wish.strip()) is not None)


def smaller(size: Size, native: Size) -> tuple[Size, ...]:
    """Sizes of the same shape that the networks still draw well, largest first; the sides are multiples of 8."""
    scaled = (
        Size(width=max(64, 8 * round(size.width * share / 8)), height=max(64, 8 * round(size.height * share / 8)))
        for share in _SMALLER
    )
    return tuple(each for each in scaled if fits(each, native))


def nearest(ratio: Fraction, native: Size) -> Size:
    """The training size whose shape is nearest, by the logarithm, so that 2:1 and 1:2 are equally far from 1:1."""
    return min(trained_sizes(native), key=lambda size: abs(math.log(Fraction(size.width, size.height) / ratio)))


def fits(size: Size, native: Size) -> bool:
    """Whether the networks draw this size well as it is."""
    least, most = (share * native.width * native.height for share in _AREA)
    long, short = max(size.width, size.height), min(size.width, size.height)
    whole = size.width % 8 == 0 and size.height % 8 == 0
    return whole and short >= _SHORTEST and least <= size.width * size.height <= most and long <= _LONGEST * short


def _read(wish: Size | str, native: Size) -> Size:
    return read_size(wish, native) if isinstance(wish, str) else Size(width=wish.width, height=wish.height)


def _whole(width: float, height: float) -> Size:
    """In multiples of 8, at least one."""
    return Size(width=max(8, int(width) // 8 * 8), height=max(8, int(height) // 8 * 8))


def _ratio(words: str) -> Fraction | None:
    """Of words such as `wide`, `16:9`, `photo 3:2` or `photo 2:3`: the numbers win over the name."""
    said = _RATIO.search(words)
    rest = (_RATIO.sub("", words) if said else words).strip().casefold()
    if rest and rest not in SHAPES:
        return None
    if said:
        width, height = int(said[1]), int(said[2])
        return Fraction(width, height) if width and height else None
    return SHAPES.get(rest)


def _exact(width: int, height: int) -> Size:
    if not (64 <= width <= 4096 and 64 <= height <= 4096):
        raise RequestError("size", f"{width}x{height} is out of range", "choose sides of 64 to 4096 pixels")
    return Size(width=width, height=height)
