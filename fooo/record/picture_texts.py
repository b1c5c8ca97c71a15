"""The texts that a picture file carries beside its pixels: PNG chunks, EXIF, XMP, and what its transparency hides."""

import html
import io
import struct
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from fooo.errors import UnreadableMetadata
from fooo.record.bounded import LONGEST
from fooo.record.stealth import hidden_text

# named by their classes: where Pillow does not know one of these yet, it loads all of its forty kinds
KINDS = tuple(str(kind.format) for kind in (PngImageFile, JpegImageFile, WebPImageFile))
MOST_PIXELS = 64_000_000
"""Of a picture that is decoded for what its transparency hides, or for texts behind its pixels."""
_EXIF = {
    ExifTags.Base.UserComment: "UserComment",
    ExifTags.Base.MakerNote: "MakerNote",
    ExifTags.Base.Software: "Software",
    ExifTags.Base.Make: "Make",
    ExifTags.Base.Model: "Model",
    ExifTags.Base.ImageDescription: "ImageDescription",
}
XMP = "XML:com.adobe.xmp"
"""The name of XMP's chunk in a PNG; that of JPEG and WebP is put under it too."""
HIDDEN = "stealth"
"""The name that the text in the transparency is put under."""
_OF_NO_PROGRAM = frozenset(("Software", "Title", "Author", "Copyright", "Creation Time", "date:create", "date:modify"))
"""Names of texts that say nothing of how a picture was made."""
BROKEN = (OSError, SyntaxError, ValueError, EOFError, KeyError, TypeError, IndexError, OverflowError, struct.error)
"""What Pillow says of files that are not as they should be."""


def texts_of(source: Path | bytes, *, behind_pixels: bool = True) -> Mapping[str, str]:
    """Every text of a PNG, JPEG or WebP file by its name; of EXIF by the tag's. None is evaluated or followed.

    Args:
        source: The file.
        behind_pixels: Whether pixels are decoded for what stands behind them or hides in them, where nothing else does.

    Raises:
        UnreadableMetadata: It is no such file, or holds more text than any picture's.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of EXIF that is not as it should be, and of large pictures
            with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=KINDS) as image:
                texts = _texts(image, behind_pixels=behind_pixels)
    except Image.DecompressionBombError:
        raise UnreadableMetadata("picture", "has more pixels than any camera gives", "choose another one") from None
    except FileNotFoundError:
        raise UnreadableMetadata("picture", "is not there", "look at its name") from None
    except (UnidentifiedImageError, *BROKEN) as error:
        if "text" in str(error).lower() or "decompressed data" in str(error).lower():
            raise _too_long() from None
        problem = "is not a PNG, JPEG or WebP file that can be read"
        raise UnreadableMetadata("picture", problem, "choose another picture") from None
    if any(len(text) > LONGEST for text in texts.values()):
        raise _too_long()
    return texts


def xmp_value(packet: str, name: str) -> str | None:
    """What an XMP packet says under a name such as `exif:UserComment`, as an element or as an attribute.

    Looked for and not parsed: a parser of XML follows what it is told.
    """
    start, end = packet.find(f"<{name}"), packet.find(f"</{name}>")
    if 0 <= start < end:
        inside = packet[packet.find(">", start) + 1 : end]
        item = inside.find("<rdf:li")
        if item >= 0:
            inside = inside[inside.find(">", item) + 1 :].partition("</rdf:li>")[0]
        return html.unescape(inside)
    _, found, behind = packet.partition(f'{name}="')
    return html.unescape(behind.partition('"')[0]) if found else None


def _too_long() -> UnreadableMetadata:
    problem = f"holds a text of more than {LONGEST // 2**20} million characters"
    return UnreadableMetadata("picture", problem, "choose another picture")


def _texts(image: Image.Image, *, behind_pixels: bool) -> dict[str, str]:
    info = cast("dict[str, Any]", image.info)
    # for its EXIF Pillow decodes a PNG to its end, where it may stand too
    before_pixels = image.format != "PNG" or "exif" in info
    texts = _strings(info) | (_from_exif(image) if behind_pixels or before_pixels else {})
    if isinstance(packet := info.get("xmp"), bytes):
        texts[XMP] = packet.decode("utf-8", "replace")
    if behind_pixels and image.format == "PNG" and image.size[0] * image.size[1] <= MOST_PIXELS:
        texts |= _behind_the_pixels(image, texts)
    return texts


def _behind_the_pixels(image: Image.Image, known: Mapping[str, str]) -> dict[str, str]:
    """Texts of chunks that stand last, and the hidden one: only where nothing else is known, for it takes decoding."""
    if set(known) - _OF_NO_PROGRAM:
        return {}
    try:
        image.load()
    except (*BROKEN, Image.DecompressionBombError):
        return {}  # what stands before the damage has been read
    texts = _strings(cast("dict[str, Any]", image.info))
    if image.mode == "RGBA" and not set(texts) - _OF_NO_PROGRAM:
        hidden = hidden_text(np.asarray(image.getchannel("A")))
        return {HIDDEN: hidden} if hidden else {}
    return texts


def _strings(info: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in info.items() if isinstance(value, str)}


def _from_exif(image: Image.Image) -> dict[str, str]:
    """By tag; Fooocus writes into the first directory what belongs into the second."""
    try:
        exif = image.getexif()
        tags: dict[int, Any] = {**exif, **exif.get_ifd(ExifTags.IFD.Exif)}
    except BROKEN:
        return {}
    return {name: _decoded(tags[tag]) for tag, name in _EXIF.items() if isinstance(tags.get(tag), str | bytes)}


def _decoded(value: str | bytes) -> str:
    """A comment begins with eight letters that say how it is written; many programs leave them out."""
    if isinstance(value, str):
        return value.removeprefix("ASCII\0\0\0").strip("\0")
    mark, text = value[:8], value[8:]
    if mark == b"UNICODE\0":
        return _of_two_bytes(text).strip("\0")
    return (text if mark in {b"ASCII\0\0\0", b"\0" * 8} else value).decode("utf-8", "replace").strip("\0")


def _of_two_bytes(text: bytes) -> str:
    """UTF-16: nothing says in which order, so that in which more of the letters are Latin."""
    orders = ("utf-16-le", "utf-16-be") if text[1:2] == b"\0" else ("utf-16-be", "utf-16-le")
    decoded = [text.decode(order, "replace") for order in orders]
    return max(decoded, key=lambda each: sum(letter < "\u0250" for letter in each))
