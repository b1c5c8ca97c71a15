"""Reads of a picture what the history tells: little, and quickly; its pixels are not decoded."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image

from fooo.errors import RequestError, UnreadableMetadata
from fooo.record.bounded import as_object, items, part, read_object
from fooo.record.metadata import own_text
from fooo.record.picture_texts import BROKEN, KINDS, texts_of
from fooo.record.read import read_texts

_LONGEST = 4000
"""Characters of words that are told and searched."""
_SIDEWAYS = 5
"""Of EXIF's orientations, the first one that exchanges width and height."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Attributes: as of `Kept`; a file that is no picture has no width."""

    words: str = ""
    styles: tuple[str, ...] = ()
    model: str = ""
    seed: str = ""
    width: int = 0
    height: int = 0
    parent: str = ""


def read_summary(path: Path) -> Summary:
    """What a picture file tells of itself; nothing where it is none."""
    size = _size(path)
    if size is None:
        return Summary()
    width, height = size
    try:
        told = _told(texts_of(path, behind_pixels=False))
    except (RequestError, UnreadableMetadata, ValueError, RecursionError):
        told = Summary()
    return replace(told, words=told.words[:_LONGEST], width=width, height=height)


def _size(path: Path) -> tuple[int, int] | None:
    """As it is seen: a camera may have written it lying on its side."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of what is not as it should be
            with Image.open(path, formats=KINDS) as image:
                width, height = image.size
                # for it Pillow decodes a whole PNG, and cameras write none
                turn = 1 if image.format == "PNG" else image.getexif().get(ExifTags.Base.Orientation, 1)
    except (*BROKEN, Image.DecompressionBombError):
        return None
    return (height, width) if turn >= _SIDEWAYS else (width, height)


def _told(texts: Mapping[str, str]) -> Summary:
    """All but the size. Raises: what is said of a text that is broken."""
    own = own_text(texts)
    if own is not None:
        return _told_by_us(read_object(own))
    found = read_texts(texts)
    if found is None:
        return Summary()
    asked = found.request
    seed = str(asked.sampling.seed)
    return Summary(words=asked.prompt, styles=asked.styles or (), model=asked.models.base or "", seed=seed)


def _told_by_us(record: Mapping[str, Any]) -> Summary:
    """Taken from the fields as they are: to check a whole record takes ten times as long."""
    asked, seed = part(record, "request"), part(record, "shot").get("seed")
    models = [str(as_object(each).get("name", "")) for each in items(record.get("models"))]
    styles = tuple(each for each in items(asked.get("styles")) if isinstance(each, str))
    return Summary(
        words=str(asked.get("prompt") or ""),
        styles=styles,
        model=models[0] if models else "",
        seed="" if seed is None else str(seed),
        parent=str(part(asked, "start").get("picture") or ""),
    )
