"""Sheets of pictures to look at, drawn by Fooo itself."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tools.pocket import words

NOUNS = ("cat", "dog", "apple", "tree", "house", "car", "rocket", "fish", "flower", "robot", "heart", "castle")
COMPOSED = (
    "a red cat on a blue background, cartoon",
    "three strawberries, glossy",
    "a blue car on the grass, 3d render",
    "an owl and a tree, paper cut",
    "two green apples, flat vector",
    "a small rocket at the top, at night, neon",
    "a yellow sun above a house, sticker",
    "four purple fish, pixel art",
    "a penguin in the snow, watercolour",
    "a sailboat on the sea, watercolour",
    "a black dog and a white cat, cartoon",
    "a big elephant, pencil sketch, beige background",
    "a pink castle in the sky, 3d render",
    "a cactus in the desert, flat vector",
    "a golden crown on a purple background, glossy",
    "three robots, line art",
    "a teal butterfly on a pink background, sticker",
    "a brown bear next to a red balloon, 3d render",
    "一只红色的猫，卡通风格",
    "三个苹果，像素画",
    "蓝色的汽车，草地背景，3D渲染",
    "masterpiece, best quality, a dragon at night, pixel art",
    "a unicorn",
    "a cup of coffee, watercolour, yellow background",
)
Draw = Callable[[str, int], Image.Image]
"""A prompt and a seed to a picture."""
GAP, LABEL = 4, 14
CHINESE_FACES = ("NotoSansCJK-Regular.ttc", "PingFang.ttc", "msyh.ttc")
"""Of Linux, macOS and Windows, where they are installed."""


def styles_sheet(
    draw: Draw, *, styles: Sequence[str] = tuple(style.name for style in words.STYLES), nouns: Sequence[str] = NOUNS
) -> Image.Image:
    """One row a style, one column a noun."""
    rows = [
        [draw(f"{words.with_article(noun)}, {style}", 100 + number) for number, noun in enumerate(nouns)]
        for style in styles
    ]
    return grid(rows, labels=None)


def composed_sheet(draw: Draw, prompts: Sequence[str] = COMPOSED, columns: int = 6) -> Image.Image:
    pictures = [draw(prompt, 300 + number) for number, prompt in enumerate(prompts)]
    rows = [pictures[start : start + columns] for start in range(0, len(pictures), columns)]
    labels = [prompts[start : start + columns] for start in range(0, len(prompts), columns)]
    return grid(rows, labels)


def grid(rows: Sequence[Sequence[Image.Image]], labels: Sequence[Sequence[str]] | None) -> Image.Image:
    """Pictures side by side, each with its label below."""
    side = max(max(picture.size) for row in rows for picture in row)
    height = side + GAP + (LABEL * 2 if labels else 0)
    sheet = Image.new("RGB", (len(rows[0]) * (side + GAP) + GAP, len(rows) * height + GAP), "white")
    pen = ImageDraw.Draw(sheet)
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            left, top = GAP + x * (side + GAP), GAP + y * height
            sheet.paste(picture, (left, top))
            if labels:
                _label(pen, labels[y][x], left, top + side, side)
    return sheet


def _label(pen: ImageDraw.ImageDraw, text: str, left: int, top: int, width: int) -> None:
    """In two lines; Chinese in question marks where this machine has none of its faces."""
    font = None if text.isascii() else _chinese_face()
    if font is None:
        font, text = ImageFont.load_default(10), text.encode("ascii", "replace").decode()
    lines: list[str] = []
    line = ""
    for piece in re.findall(r"[ -~]+? |[ -~]+|[^ -~]", text):
        if pen.textlength((line + piece).rstrip(), font) > width and line:
            lines.append(line)
            line = ""
        line += piece
    for number, each in enumerate([*lines, line][:2]):
        pen.text((left, top + number * (LABEL - 2)), each, fill="black", font=font)


def _chinese_face() -> ImageFont.FreeTypeFont | None:
    for file in CHINESE_FACES:
        try:
            return ImageFont.truetype(file, 10)
        except OSError:
            continue
    return None


def save(sheet: Image.Image, file: Path) -> None:
    """As JPEG: a sheet is for looking at, and the repository stays small."""
    sheet.save(file, quality=88, optimize=True)
