"""Drawings of the packages as square RGBA pictures."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import resvg_py
from PIL import Image

from tools.pocket.keeping import MadeOtherwise
from tools.pocket.words import Drawings, Noun

CELL = 160
"""Side of a kept drawing, pixels."""

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class DrawingSet:
    """Drawings of nouns: `pixels[index[noun, set]]` is uint8 of shape (CELL, CELL, 4)."""

    nouns: tuple[Noun, ...]
    pixels: Pixels
    index: Mapping[tuple[int, Drawings], int]


def render(packages: Mapping[Drawings | None, Path], nouns: Sequence[Noun], file: Path) -> None:
    """Draws every noun from every set that has it into `file` (npz)."""
    emoji: dict[str, dict[str, str]] = json.loads((packages[None] / "data-by-emoji.json").read_text("utf-8"))
    code_of = {entry["slug"]: "-".join(f"{ord(point):x}" for point in char) for char, entry in emoji.items()}
    icons = {name: packages[name] for name in Drawings if name is not Drawings.FLUENT_3D}
    # Fluent's table of code points is empty; its icons have the flat set's names.
    named = {**icons, Drawings.FLUENT: packages[Drawings.FLUENT_FLAT]}
    sets = {name: _IconSet(folder, named[name]) for name, folder in icons.items()}
    pixels: list[Pixels] = []
    index: list[tuple[int, int]] = []
    for number, noun in enumerate(nouns):
        for order, name in enumerate(Drawings):
            code = code_of[noun.slug]
            codes = (code, "-".join(part for part in code.split("-") if part != "fe0f"))
            drawing = sets[name].draw(codes) if name in sets else _picture(packages[name] / "assets", codes)
            if drawing is not None:
                pixels.append(np.asarray(drawing.convert("RGBA").resize((CELL, CELL), Image.Resampling.LANCZOS)))
                index.append((number, order))
    part = file.with_suffix(".part.npz")
    np.savez(
        part, pixels=np.stack(pixels), index=np.array(index, np.int16), slugs=np.array([noun.slug for noun in nouns])
    )
    part.replace(file)


def load(file: Path, nouns: Sequence[Noun]) -> DrawingSet:
    """What `render` kept, for the first `len(nouns)` nouns.

    Raises:
        MadeOtherwise: It was rendered for other nouns, or for fewer.
    """
    with np.load(file) as kept:
        if list(kept["slugs"][: len(nouns)]) != [noun.slug for noun in nouns]:
            raise MadeOtherwise(f"{file} holds other nouns: delete it and run `data` again.")
        order = list(Drawings)
        pairs: list[tuple[int, int]] = kept["index"].tolist()
        index = {(noun, order[name]): row for row, (noun, name) in enumerate(pairs) if noun < len(nouns)}
        return DrawingSet(tuple(nouns), kept["pixels"], index)


def _picture(folder: Path, codes: tuple[str, str]) -> Image.Image | None:
    found = next((path for code in codes if (path := folder / f"{code}.webp").exists()), None)
    return Image.open(found) if found else None


class _IconSet:
    """An Iconify package: SVG bodies by name, names by code point."""

    def __init__(self, folder: Path, names: Path) -> None:
        self._set: dict[str, Any] = json.loads((folder / "icons.json").read_text("utf-8"))
        self._names: dict[str, str] = json.loads((names / "chars.json").read_text("utf-8"))

    def draw(self, codes: tuple[str, str]) -> Image.Image | None:
        name = next((self._names[code] for code in codes if code in self._names), None)
        icon = self._set["icons"].get(name)
        if icon is None:
            return None
        left, top = icon.get("left", 0), icon.get("top", 0)
        width, height = (icon.get(side, self._set.get(side, 16)) for side in ("width", "height"))
        svg = (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'viewBox="{left} {top} {width} {height}" width="{2 * CELL}" height="{2 * CELL}">'
            f"{icon['body'].replace('currentColor', '#111')}</svg>"
        )
        return Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg))))
