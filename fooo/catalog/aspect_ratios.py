"""The shapes of pictures: names that people say, and the sizes that SDXL was trained at."""

from fractions import Fraction

from fooo.request import Size

TRAINED_SIDE = 1024
"""Of the square among SDXL's training sizes, pixels."""

TRAINED: tuple[tuple[int, int], ...] = (
    (704, 1408), (704, 1344), (768, 1344), (768, 1280), (832, 1216), (832, 1152), (896, 1152), (896, 1088),
    (960, 1088), (960, 1024), (1024, 1024), (1024, 960), (1088, 960), (1088, 896), (1152, 896), (1152, 832),
    (1216, 832), (1280, 768), (1344, 768), (1344, 704), (1408, 704), (1472, 704), (1536, 640), (1600, 640),
    (1664, 576), (1728, 576),
)  # fmt: skip
"""Width and height of the 26 shapes, tallest first (Podell et al. 2023, appendix I, those that people use)."""

SHAPES: dict[str, Fraction] = {
    "square": Fraction(1),
    "portrait": Fraction(3, 4),
    "landscape": Fraction(4, 3),
    "photo": Fraction(3, 2),
    "story": Fraction(9, 16),
    "wide": Fraction(16, 9),
    "cinema": Fraction(21, 9),
    "方形": Fraction(1),
    "竖版": Fraction(3, 4),
    "横版": Fraction(4, 3),
    "照片": Fraction(3, 2),
    "手机": Fraction(9, 16),
    "宽屏": Fraction(16, 9),
    "电影": Fraction(21, 9),
}
"""Width by height of the shapes that have a name."""


def trained_sizes(native: Size) -> tuple[Size, ...]:
    """The 26 shapes at the scale of a model, by its native size; sides are multiples of 8."""
    scale = Fraction(native.width + native.height, 2 * TRAINED_SIDE)
    return tuple(Size(width=_eights(width * scale), height=_eights(height * scale)) for width, height in TRAINED)


def _eights(length: Fraction) -> int:
    return max(64, 8 * round(length / 8))
