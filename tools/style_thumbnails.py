"""Draws the pictures of styles that ship: python -m tools.launch style_thumbnails.

Of each style that the pocket model has learnt one, into `styles/thumbnails/`. Those of the others are drawn by each
person's own model while Fooo is idle.
"""

from pathlib import Path

from PIL import Image

from fooo.catalog import POCKET_FAMILY
from fooo.catalog.styles import picture_name
from fooo.settings import ROOT
from tools.pocket.artist import Artist

FOLDER = ROOT / "styles" / "thumbnails"
WORDS = "a car"
SEED = 7
QUALITY = 85


def main() -> None:
    artist = Artist(ROOT / "models" / "pocket")
    FOLDER.mkdir(exist_ok=True)
    for style in artist.catalog.families()[POCKET_FAMILY]:
        save(artist(f"{WORDS} <style:{style.name}>", SEED), FOLDER / picture_name(style.name))


def save(picture: Image.Image, path: Path) -> None:
    picture.save(path, format="WEBP", quality=QUALITY, method=6)


if __name__ == "__main__":
    main()
