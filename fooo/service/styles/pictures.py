"""Small pictures of styles, drawn by the person's own models and kept."""

import hashlib
from pathlib import Path

from PIL import Image

from fooo.atomic import atomic_write
from fooo.catalog import Style
from fooo.image import Picture

SIDE = 256
"""Pixels of the longer side: more than a tile of the page has, for screens of double density."""
_QUALITY = 75
_VERSION = 1
"""Of how they are drawn: another one has them all drawn anew."""


def style_id(style: Style) -> str:
    """What stands for a style and its words: 96 bits of a SHA-256."""
    said = "\0".join((str(_VERSION), style.name, style.prompt, style.negative_prompt))
    return hashlib.sha256(said.encode()).hexdigest()[:24]


class StylePictures:
    """A folder with a folder for each style and in it a WebP file for each model. It may be deleted.

    Args:
        folder: Made with the first one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def beside(cls, outputs: Path) -> "StylePictures":
        """Those that are kept with the pictures in a folder."""
        return cls(outputs / ".styles")

    def find(self, style: Style) -> Path | None:
        """The newest of a style, by whatever model; None where none was drawn."""
        try:
            files = [(file.stat().st_mtime_ns, file) for file in (self._folder / style_id(style)).glob("[!.]*.webp")]
        except OSError:
            return None
        return max(files)[1] if files else None

    def holds(self, style: Style, model: str) -> bool:
        """Args: model: The SHA-256 of its weights."""
        return self._path(style, model).is_file()

    def keep(self, style: Style, model: str, picture: Picture) -> None:
        """Args: model: As of `holds`. Raises: OSError: It cannot be written."""
        path = self._path(style, model)
        with atomic_write(path) as part:
            write_small(picture, part)

    def _path(self, style: Style, model: str) -> Path:
        return self._folder / style_id(style) / f"{model[:24]}.webp"


def write_small(picture: Picture, path: Path) -> None:
    """Write a picture as WebP, at most `SIDE` pixels long. Raises: OSError: It cannot be written."""
    image = Image.fromarray(picture.pixels).convert("RGB")
    image.thumbnail((SIDE, SIDE))
    image.save(path, format="WEBP", quality=_QUALITY, method=6)
