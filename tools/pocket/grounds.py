"""What is behind the things: papers and simple places, drawn smoothly so that a small VAE keeps them."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from tools.pocket.words import PAPER

Size = tuple[int, int]
"""Width and height, pixels."""
Rgb = tuple[int, int, int]


def paper(name: str, size: Size, rng: np.random.Generator, *, gradient: bool) -> Image.Image:
    """A sheet of one colour, a little off the exact shade unless it is white; lighter above with `gradient`."""
    width, height = size
    shade = np.array(PAPER[name].rgb, np.float32)
    if name != "white":
        shade = shade + rng.normal(0, 5, 3)
    fall = np.linspace(1.2, 0.78, height)[:, None, None] if gradient else np.ones((height, 1, 1))
    return _picture(np.broadcast_to(shade * fall, (height, width, 3)))


def place(name: str, size: Size, rng: np.random.Generator) -> Image.Image:
    return _PLACES[name](size, rng)


def _sky(size: Size, rng: np.random.Generator) -> Image.Image:
    width, height = size
    sheet = _fall(size, (104, 178, 244), (206, 233, 253))
    clouds = Image.new("L", size)
    draw = ImageDraw.Draw(clouds)
    for _ in range(int(rng.integers(2, 4))):
        x, y, reach = rng.uniform(0, width), rng.uniform(0.05, 0.85) * height, rng.uniform(0.1, 0.18) * min(size)
        for shift, scale in ((-0.9, 0.7), (0.0, 1.0), (0.9, 0.75)):
            draw.ellipse(
                (
                    x + shift * reach - reach * scale,
                    y - reach * scale * 0.6,
                    x + shift * reach + reach * scale,
                    y + reach * scale * 0.6,
                ),
                fill=235,
            )
    clouds = clouds.filter(ImageFilter.GaussianBlur(min(size) * 0.015))
    sheet.paste((255, 255, 255), mask=clouds)
    return sheet


def _grass(size: Size, rng: np.random.Generator) -> Image.Image:
    return _land(_fall(size, (132, 196, 246), (222, 241, 254)), rng, (136, 204, 82), (84, 162, 62))


def _snow(size: Size, rng: np.random.Generator) -> Image.Image:
    sheet = _land(_fall(size, (150, 184, 216), (214, 230, 244)), rng, (252, 253, 255), (224, 234, 246))
    return _dots(sheet, rng, 14, (255, 255, 255), 0.012)


def _desert(size: Size, rng: np.random.Generator) -> Image.Image:
    return _land(_fall(size, (252, 190, 110), (254, 230, 184)), rng, (238, 200, 130), (212, 160, 92))


def _night(size: Size, rng: np.random.Generator) -> Image.Image:
    return _dots(_fall(size, (12, 15, 48), (46, 42, 104)), rng, 16, (255, 246, 206), 0.0095)


def _sea(size: Size, rng: np.random.Generator) -> Image.Image:
    width, height = size
    sheet = _fall(size, (150, 208, 248), (228, 243, 253))
    level = int(rng.uniform(0.5, 0.62) * height)
    sheet.paste(_fall((width, height - level), (58, 144, 216), (22, 84, 164)), (0, level))
    draw = ImageDraw.Draw(sheet)
    for row in range(1, 4):
        y, x = level + row * (height - level) // 4, int(rng.integers(0, max(1, width // 3)))
        for start in range(x - width // 3, width, width // 3):
            draw.line((start, y, start + width // 7, y), fill=(140, 200, 240), width=max(1, height // 64))
    return sheet.filter(ImageFilter.GaussianBlur(0.6))


def _land(sheet: Image.Image, rng: np.random.Generator, near: Rgb, far: Rgb) -> Image.Image:
    """A hill under the sky of `sheet`."""
    width, height = sheet.size
    top, tilt = rng.uniform(0.56, 0.68) * height, rng.uniform(-0.5, 0.5)
    mask = Image.new("L", (width * 2, height * 2))
    reach = 2.4 * width
    middle = width * (1 + tilt)
    ImageDraw.Draw(mask).ellipse((middle - reach, 2 * top, middle + reach, 2 * top + 2.2 * reach), fill=255)
    sheet.paste(_fall((width, height), near, far), mask=mask.resize((width, height), Image.Resampling.BILINEAR))
    return sheet


def _dots(sheet: Image.Image, rng: np.random.Generator, count: int, rgb: Rgb, reach: float) -> Image.Image:
    width, height = sheet.size
    mask = Image.new("L", (width * 3, height * 3))
    draw = ImageDraw.Draw(mask)
    for _ in range(count):
        x, y = rng.uniform(0, width * 3), rng.uniform(0, height * 3)
        radius = rng.uniform(0.7, 1.3) * reach * 3 * min(width, height)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    sheet.paste(rgb, mask=mask.resize((width, height), Image.Resampling.BOX))
    return sheet


def _fall(size: Size, above: Rgb, below: Rgb) -> Image.Image:
    width, height = size
    share = np.linspace(0, 1, height)[:, None, None]
    return _picture(np.broadcast_to(np.array(above) * (1 - share) + np.array(below) * share, (height, width, 3)))


def _picture(levels: npt.NDArray[np.floating]) -> Image.Image:
    return Image.fromarray(levels.clip(0, 255).round().astype(np.uint8))


_PLACES: dict[str, Callable[[Size, np.random.Generator], Image.Image]] = {
    "sky": _sky,
    "grass": _grass,
    "night": _night,
    "sea": _sea,
    "snow": _snow,
    "desert": _desert,
}
