"""Pictures with records, as earlier runs have left them."""

import os
import zlib
from datetime import datetime
from pathlib import Path

import numpy as np

from fooo.image import Picture
from fooo.record import Record, png_bytes

SIDE = 32
"""Pixels: the record in the file is what costs, and what is looked for."""


def keep(
    folder: Path,
    record: Record,
    words: str,
    *,
    made: datetime,
    styles: tuple[str, ...] = (),
    person: str = "",
    side: int = SIDE,
) -> Path:
    """A picture that was drawn by these words then; its file."""
    drawn = record.model_copy(update={"request": record.request.model_copy(update={"prompt": words, "styles": styles})})
    shade = np.full((side, side, 3), zlib.crc32(words.encode()) % 200 + 40, dtype=np.uint8)
    shade[:, :, 1] = np.linspace(40, 220, side, dtype=np.uint8)
    path = folder / person / f"{made:%Y-%m-%d}" / f"{made:%Y-%m-%d_%H-%M-%S}_{words.replace(' ', '-')}_7.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png_bytes(Picture(shade), drawn))
    os.utime(path, (made.timestamp(), made.timestamp()))
    return path
