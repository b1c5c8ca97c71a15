"""Records inside PNG files: one iTXt chunk named `fooo` that holds the record as JSON."""

import io
import json
from pathlib import Path
from typing import Any, cast

from PIL import Image, PngImagePlugin, UnidentifiedImageError
from pydantic import ValidationError

from fooo.errors import UnreadableMetadata
from fooo.image import Picture
from fooo.record.record import Record
from fooo.record.upgrade import upgrade

_KEY = "fooo"


def png_bytes(picture: Picture, record: Record) -> bytes:
    """The picture as a PNG file that carries its record."""
    chunks = PngImagePlugin.PngInfo()
    chunks.add_itxt(_KEY, record.model_dump_json(), lang="", tkey=_KEY)
    stream = io.BytesIO()
    Image.fromarray(picture.pixels).save(stream, format="PNG", pnginfo=chunks)
    return stream.getvalue()


def read_record(source: Path | bytes) -> Record:
    """The record that a PNG carries, also one of a newer version. It is parsed as data, never evaluated.

    Raises:
        UnreadableMetadata: Not a PNG, no record in it, or one that this version cannot read.
    """
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=["PNG"]) as image:
            text = cast(dict[str, object], image.info).get(_KEY)
    except (OSError, UnidentifiedImageError, ValueError, Image.DecompressionBombError):
        raise UnreadableMetadata("picture", "is not a PNG file that can be read", "choose another picture") from None
    if not isinstance(text, str):
        raise UnreadableMetadata("picture", "holds no record of Fooo", "choose a picture that Fooo made")
    try:
        return upgrade(cast(dict[str, Any], json.loads(text)))
    except (ValidationError, ValueError, RecursionError):
        problem = "holds a record that this version cannot read"
        raise UnreadableMetadata("picture", problem, "update Fooo, or choose another picture") from None
