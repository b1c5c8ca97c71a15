"""Small pictures that come with styles: `styles/thumbnails/`, a WebP file named as its style."""

import re
from collections.abc import Iterable
from pathlib import Path

from fooo.catalog.styles.style import fold


def picture_name(style: str) -> str:
    """The name of a style's picture, such as `line-art.webp`."""
    plain = re.sub(r"[^\w]+", "-", fold(style)).strip("-")
    return f"{plain}.webp"


def find_pictures(folder: Path, styles: Iterable[str]) -> dict[str, Path]:
    """Those in the folder, by the name of their style; links are not followed out of it."""
    try:
        there = {path.name: path for path in folder.iterdir() if path.is_file() and not path.is_symlink()}
    except OSError:
        return {}
    return {style: there[name] for style in styles if (name := picture_name(style)) in there}
