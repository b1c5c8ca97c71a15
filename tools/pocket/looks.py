"""What makes a drawing a style: each function takes a drawing (RGBA, square) and gives it in that style, same size.

Colours are turned before the style is put on. Sizes inside are shares of the side, so that small and large drawings
look alike.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from tools.pocket.words import Colour

Floats = npt.NDArray[np.floating]
Look = Callable[[Image.Image, np.random.Generator], Image.Image]

MARGIN = 0.07
"""Room around a drawing for outlines and shadows, as a share of its side."""


def turn(drawing: Image.Image, colour: Colour) -> Image.Image:
    """The drawing in `colour`: its leading hue turned when it has one, else all that is not black or white tinted."""
    pixels = np.asarray(drawing)
    hue, saturation, value = _hsv(pixels[..., :3])
    leading = _leading_hue(hue, saturation, value, pixels[..., 3])
    fade = colour.saturation < 0.5
    if leading is None or fade:
        saturation = np.clip(np.maximum(saturation, 0.0 if fade else 0.62) * colour.saturation, 0, 1)
        hue = np.full_like(hue, colour.hue)
        plain = (value > 0.93) & (_hsv(pixels[..., :3])[1] < 0.08)
        saturation = np.where(plain & (not fade), saturation * 0.35, saturation)
    else:
        near = np.abs((hue - leading + 180) % 360 - 180) < 60
        hue = np.where(near, hue - leading + colour.hue, hue)
        saturation = np.where(near, np.clip(np.maximum(saturation, 0.55) * colour.saturation, 0, 1), saturation)
    low, high = colour.value
    value = low + (high - low) * value
    return Image.fromarray(np.concatenate([_rgb(hue, saturation, value), pixels[..., 3:]], -1))


def ink(drawing: Image.Image, colour: Colour) -> Image.Image:
    """A line drawing with ink of `colour`."""
    one = np.ones((1, 1), np.float32)
    value = 0.9 if colour.value[1] > 0.9 else 0.55 * colour.value[1] + 0.1
    red, green, blue = _rgb(one * colour.hue, one * min(1.0, colour.saturation), one * value)[0, 0]
    return _filled(drawing.getchannel("A"), (int(red), int(green), int(blue)))


def plain(drawing: Image.Image, _: np.random.Generator) -> Image.Image:
    return drawing


def render_3d(drawing: Image.Image, _: np.random.Generator) -> Image.Image:
    """On a soft shadow, as on a table."""
    side = drawing.width
    shadow = Image.new("L", drawing.size)
    ImageDraw.Draw(shadow).ellipse((side * 0.16, side * 0.86, side * 0.84, side * 0.985), fill=105)
    shadow = shadow.filter(ImageFilter.GaussianBlur(side * 0.022))
    return Image.alpha_composite(_filled(shadow, (20, 20, 30)), drawing)


def glossy(drawing: Image.Image, _: np.random.Generator) -> Image.Image:
    """With a white sheen over the upper half."""
    side = drawing.width
    sheen = Image.new("L", drawing.size)
    ImageDraw.Draw(sheen).ellipse((-side * 0.1, -side * 0.5, side * 1.1, side * 0.5), fill=255)
    fall = np.clip(np.linspace(0.78, 0.12, side) * 255, 0, 255).astype(np.uint8)
    sheen = ImageChops.multiply(sheen, Image.fromarray(np.repeat(fall[:, None], side, 1)))
    inner = (
        drawing.getchannel("A")
        .filter(ImageFilter.MinFilter(_odd(side * 0.03)))
        .filter(ImageFilter.GaussianBlur(side * 0.008))
    )
    return Image.alpha_composite(drawing, _filled(ImageChops.multiply(sheen, inner), (255, 255, 255)))


def cartoon(drawing: Image.Image, _: np.random.Generator) -> Image.Image:
    """With a thick dark outline."""
    outline = drawing.getchannel("A").filter(ImageFilter.MaxFilter(_odd(drawing.width * 0.05)))
    outline = outline.filter(ImageFilter.GaussianBlur(drawing.width * 0.004))
    return Image.alpha_composite(_filled(outline, (34, 26, 30)), drawing)


def sticker(drawing: Image.Image, _: np.random.Generator) -> Image.Image:
    """With a white border, cut out, and a shadow under it."""
    side = drawing.width
    border = (
        drawing.getchannel("A")
        .filter(ImageFilter.GaussianBlur(side * 0.01))
        .filter(ImageFilter.MaxFilter(_odd(side * 0.085)))
    )
    border = border.filter(ImageFilter.GaussianBlur(side * 0.007))
    shadow = ImageChops.offset(border, round(side * 0.008), round(side * 0.022)).filter(
        ImageFilter.GaussianBlur(side * 0.018)
    )
    shadow = shadow.point(lambda level: level * 0.5)
    under = Image.alpha_composite(_filled(shadow, (20, 20, 30)), _filled(border, (255, 255, 255)))
    return Image.alpha_composite(under, drawing)


def pixel_art(drawing: Image.Image, _: np.random.Generator) -> Image.Image:
    """Of big square pixels in few colours, the outermost dark as in games; the drawing keeps its size.

    Without the dark ones it is a flat vector to whoever sees it a little soft.
    """
    side = drawing.width
    cell = max(1, round(side / (20 if side > 80 else 14)))
    grid = -(-side // cell)
    sheet = Image.new("RGBA", (grid * cell, grid * cell))
    corner = (sheet.width - side) // 2
    sheet.paste(drawing, (corner, corner))
    small = sheet.resize((grid, grid), Image.Resampling.BOX)
    colours = small.convert("RGB").quantize(12, dither=Image.Dither.NONE).convert("RGB")
    mask = _above(small.getchannel("A"), 110)
    colours.paste(colours.point(lambda level: level * 0.45), mask=ImageChops.invert(_inner(mask)))
    small = Image.merge("RGBA", (*colours.split(), mask))
    return small.resize(sheet.size, Image.Resampling.NEAREST).crop((corner, corner, corner + side, corner + side))


def pencil_sketch(drawing: Image.Image, _: np.random.Generator) -> Image.Image:
    """Grey strokes and hatching; the paper shows through."""
    side = drawing.width
    pixels = np.asarray(drawing).astype(np.float32) / 255
    alpha = pixels[..., 3]
    light = (pixels[..., :3] @ np.array([0.3, 0.59, 0.11], np.float32)) * alpha + 1 - alpha
    rows, columns = np.mgrid[0:side, 0:side]
    hatch = 0.5 + 0.5 * np.sin((rows + columns) * (2 * np.pi / max(3.6, side * 0.034)))
    dark = np.clip((1 - light) * (0.34 + 0.36 * hatch), 0, 0.6) * alpha
    strokes = np.clip(_edges(drawing) * 1.1, 0, 1)
    tint = _tint(pixels, alpha)
    return _layers(np.maximum(dark, 0.92 * strokes), tint)


def neon(drawing: Image.Image, _: np.random.Generator) -> Image.Image:
    """Tubes of light along the edges, with a glow."""
    side = drawing.width
    soft = np.asarray(drawing.filter(ImageFilter.GaussianBlur(side * 0.03)))
    hue, saturation, _value = _hsv(soft[..., :3])
    hue = np.where(saturation < 0.18, 190.0, hue)
    colour = _rgb(hue, np.full_like(hue, 0.82), np.ones_like(hue)).astype(np.float32)
    tube = np.clip(_edges(drawing) * 1.5, 0, 1)
    tube_picture = Image.fromarray((tube * 255).astype(np.uint8))
    glow = np.asarray(tube_picture.filter(ImageFilter.GaussianBlur(side * 0.035))).astype(np.float32) / 255
    core = tube[..., None] ** 2 * 0.72
    body = colour * (1 - core) + 255 * core
    alpha = np.maximum(tube, np.clip(glow * 1.5, 0, 0.75))
    return Image.fromarray(np.concatenate([body, alpha[..., None] * 255], -1).clip(0, 255).astype(np.uint8))


def watercolour(drawing: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Uneven washes, paler inside, darker where they dried at the edge."""
    side = drawing.width
    wash = _cloud(rng, side, 5)
    pixels = np.asarray(drawing.filter(ImageFilter.GaussianBlur(side * 0.012))).astype(np.float32) / 255
    soft = np.asarray(drawing.getchannel("A").filter(ImageFilter.GaussianBlur(side * 0.02))).astype(np.float32) / 255
    shape = np.clip((soft + 0.34 * (wash - 0.5) - 0.36) / 0.2, 0, 1)
    inner = np.clip((soft + 0.34 * (wash - 0.5) - 0.62) / 0.2, 0, 1)
    rim = shape - inner
    colour = np.clip(pixels[..., :3] * 0.9 + 0.1 - 0.12 * rim[..., None], 0, 1)
    alpha = shape * np.clip(0.5 + 0.55 * wash + 0.28 * rim, 0, 0.97)
    return Image.fromarray((np.concatenate([colour, alpha[..., None]], -1) * 255).clip(0, 255).astype(np.uint8))


def paper_cut(drawing: Image.Image, _: np.random.Generator) -> Image.Image:
    """Layers of flat paper, the smaller on the larger, each with its shadow."""
    side = drawing.width
    alpha = _above(drawing.getchannel("A"), 127)
    flat = (
        drawing.convert("RGB").filter(ImageFilter.MedianFilter(_odd(side * 0.02))).quantize(6, dither=Image.Dither.NONE)
    )
    numbers, palette = np.asarray(flat), np.array(flat.getpalette(), np.uint8).reshape(-1, 3)
    inside = np.asarray(alpha) > 0
    areas = sorted(
        ((int(((numbers == each) & inside).sum()), each) for each in np.unique(numbers[inside])), reverse=True
    )
    sheet = Image.new("RGBA", drawing.size)
    for order, (area, each) in enumerate(areas):
        if area < 0.004 * side * side:
            continue
        mask = alpha if order == 0 else Image.fromarray(((numbers == each) & inside).astype(np.uint8) * 255)
        mask = mask.filter(ImageFilter.GaussianBlur(side * 0.006))
        shadow = ImageChops.offset(mask, round(side * 0.012), round(side * 0.02)).filter(
            ImageFilter.GaussianBlur(side * 0.016)
        )
        shadow = shadow.point(lambda level: level * 0.55)
        if order:
            shadow = ImageChops.multiply(shadow, alpha)
        red, green, blue = (int(level) for level in palette[each] * 0.88 + 24)
        sheet = Image.alpha_composite(sheet, _filled(shadow, (24, 18, 24)))
        sheet = Image.alpha_composite(sheet, _filled(mask, (red, green, blue)))
    return sheet


LOOKS: dict[str, Look] = {
    "3d render": render_3d,
    "glossy": glossy,
    "flat vector": plain,
    "line art": plain,
    "cartoon": cartoon,
    "sticker": sticker,
    "pixel art": pixel_art,
    "pencil sketch": pencil_sketch,
    "neon": neon,
    "watercolour": watercolour,
    "paper cut": paper_cut,
}


def padded(drawing: Image.Image, side: int) -> Image.Image:
    """The drawing on a square of `side` pixels with room for outlines around it."""
    inner = max(8, round(side * (1 - 2 * MARGIN)))
    sheet = Image.new("RGBA", (side, side))
    corner = (side - inner) // 2
    sheet.paste(drawing.resize((inner, inner), Image.Resampling.LANCZOS), (corner, corner))
    return sheet


def _odd(width: float) -> int:
    return 2 * max(1, round(width / 2)) + 1


def _above(mask: Image.Image, level: int) -> Image.Image:
    """White where the mask is above the level, else black."""
    return mask.point([255 if each > level else 0 for each in range(256)])


def _inner(mask: Image.Image) -> Image.Image:
    """White where the mask and its four neighbours are."""
    inside = np.pad(np.asarray(mask) > 0, 1)
    inner = inside[1:-1, 1:-1] & inside[:-2, 1:-1] & inside[2:, 1:-1] & inside[1:-1, :-2] & inside[1:-1, 2:]
    return Image.fromarray(inner.astype(np.uint8) * 255)


def _filled(mask: Image.Image, rgb: tuple[int, int, int]) -> Image.Image:
    sheet = Image.new("RGBA", mask.size, (*rgb, 0))
    sheet.putalpha(mask)
    return sheet


def _layers(alpha: Floats, rgb: tuple[float, float, float]) -> Image.Image:
    colour = np.broadcast_to(np.array(rgb, np.float32) * 255, (*alpha.shape, 3))
    return Image.fromarray(np.concatenate([colour, alpha[..., None] * 255], -1).clip(0, 255).astype(np.uint8))


def _tint(pixels: Floats, alpha: Floats) -> tuple[float, float, float]:
    """Graphite, with a breath of the drawing's own colour."""
    mean = (pixels[..., :3] * alpha[..., None]).sum((0, 1)) / max(1.0, float(alpha.sum()))
    red, green, blue = (float(level) for level in 0.2 + 0.38 * (mean - mean.mean()))
    return red, green, blue


def _edges(drawing: Image.Image) -> Floats:
    """Strength of the edges of shape and of colour, in [0, 1], lines about 2.5 % of the side wide."""
    side = drawing.width
    smooth = drawing.filter(ImageFilter.GaussianBlur(side * 0.009))
    pixels = np.asarray(smooth).astype(np.float32) / 255
    channels = np.concatenate([pixels[..., :3] * pixels[..., 3:], pixels[..., 3:]], -1)
    down, right = np.zeros_like(channels), np.zeros_like(channels)
    down[1:-1] = channels[2:] - channels[:-2]
    right[:, 1:-1] = channels[:, 2:] - channels[:, :-2]
    strength = np.sqrt(down**2 + right**2).max(-1) * (side / 110)
    return np.clip(strength * 1.25 - 0.16, 0, 1)


def _cloud(rng: np.random.Generator, side: int, cells: int) -> Floats:
    """Smooth noise in [0, 1], shape (side, side)."""
    small = Image.fromarray(rng.integers(0, 256, (cells, cells), dtype=np.uint8))
    return np.asarray(small.resize((side, side), Image.Resampling.BICUBIC)).astype(np.float32) / 255


def _leading_hue(hue: Floats, saturation: Floats, value: Floats, alpha: npt.NDArray[np.uint8]) -> float | None:
    """Degrees; None: no single hue leads."""
    seen = alpha > 128
    strong = seen & (saturation > 0.35) & (value > 0.25)
    if strong.sum() < max(200, 0.35 * seen.sum()):
        return None
    mean = np.exp(1j * np.deg2rad(hue[strong])).mean()
    return float(np.rad2deg(np.angle(mean))) if abs(mean) > 0.8 else None


def _hsv(pixels: npt.NDArray[np.uint8]) -> tuple[Floats, Floats, Floats]:
    """Hue in degrees, saturation and value in [0, 1]; each of shape (height, width)."""
    levels = pixels.astype(np.float32) / 255
    high: Floats = levels.max(-1)
    low: Floats = levels.min(-1)
    spread = high - low + 1e-6
    red, green, blue = levels[..., 0], levels[..., 1], levels[..., 2]
    sector = np.where(
        high == red,
        ((green - blue) / spread) % 6,
        np.where(high == green, (blue - red) / spread + 2, (red - green) / spread + 4),
    )
    return sector * 60, spread / (high + 1e-6), high


def _rgb(hue: Floats, saturation: Floats, value: Floats) -> npt.NDArray[np.uint8]:
    """uint8 of shape (height, width, 3)."""
    sector = (hue % 360) / 60
    whole = np.floor(sector)
    part = sector - whole
    low, falling, rising = (
        value * (1 - saturation),
        value * (1 - saturation * part),
        value * (1 - saturation * (1 - part)),
    )
    channels = (
        (value, rising, low),
        (falling, value, low),
        (low, value, rising),
        (low, falling, value),
        (rising, low, value),
        (value, low, falling),
    )
    pixels = np.choose((whole.astype(int) % 6)[..., None], [np.stack(each, -1) for each in channels])
    return (pixels * 255).clip(0, 255).astype(np.uint8)
