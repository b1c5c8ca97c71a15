"""Records inside picture files: ours as JSON, and beside it the same in the webui's words.

In a PNG as chunks named `fooo` (iTXt) and `parameters`; in JPEG and WebP the webui's as EXIF's comment and ours in XMP.
"""

import base64
import html
import io
import re
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, PngImagePlugin
from pydantic import ValidationError

from fooo.errors import UnreadableMetadata
from fooo.image import Picture
from fooo.image.transparency import on_white
from fooo.record.bounded import LONGEST, read_object
from fooo.record.parameters import parameters_text
from fooo.record.picture_texts import XMP, texts_of, xmp_value
from fooo.record.record import Record
from fooo.record.upgrade import upgrade
from fooo.request import FileFormat

_KEY = "fooo"
_QUALITY = 95
_COMPRESSION = 4
"""Of a PNG, 0..9: half the time of the usual 6, and 2 % more bytes."""
_LONGEST_SEGMENT = 60_000
"""Bytes. A segment of JPEG holds 65,533, its own head among them."""
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:fooo="urn:fooo">
<xmp:CreatorTool>Fooo</xmp:CreatorTool><fooo:{name}>{value}</fooo:{name}>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""
_CHARACTERS_OF_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def picture_bytes(picture: Picture, record: Record | None, file_format: FileFormat = FileFormat.PNG) -> bytes:
    """The picture as a file that carries its record. Args: record: None writes nothing but the pixels."""
    options = _options(record, file_format) if record else {}
    if file_format is not FileFormat.PNG:
        options |= {"quality": _QUALITY}
    if file_format is FileFormat.JPEG:
        options |= {"subsampling": 0}
    stream = io.BytesIO()
    _image(picture, file_format).save(stream, format=file_format.value.upper(), **options)
    return stream.getvalue()


def _image(picture: Picture, file_format: FileFormat) -> Image.Image:
    """A JPEG cannot be transparent: what is, lies on white."""
    if picture.alpha is None or file_format is FileFormat.JPEG:
        return Image.fromarray(on_white(picture).pixels)
    image = Image.fromarray(picture.pixels)
    image.putalpha(Image.fromarray(picture.alpha.values))
    return image


def png_bytes(picture: Picture, record: Record) -> bytes:
    """The picture as a PNG file that carries its record."""
    return picture_bytes(picture, record)


def read_record(source: Path | bytes) -> Record:
    """The record that a picture carries, also one of a newer version. It is parsed as data, never evaluated.

    Raises:
        UnreadableMetadata: Not a PNG, JPEG or WebP, no record in it, or one that this version cannot read.
    """
    text = own_text(texts_of(source))
    if text is None:
        raise UnreadableMetadata("picture", "holds no record of Fooo", "choose a picture that Fooo made")
    try:
        return upgrade(read_object(text))
    except (ValidationError, ValueError, RecursionError):
        problem = "holds a record that this version cannot read"
        raise UnreadableMetadata("picture", problem, "update Fooo, or choose another picture") from None


def own_text(texts: Mapping[str, str]) -> str | None:
    """Our JSON among a picture's texts, where it is there and whole."""
    if _KEY in texts:
        return texts[_KEY]
    packet = texts.get(XMP, "")
    plain, packed = (xmp_value(packet, f"fooo:{name}") for name in ("record", "packed"))
    return plain if packed is None else _unpacked(packed)


def _options(record: Record, file_format: FileFormat) -> dict[str, Any]:
    ours, theirs = record.model_dump_json(), parameters_text(record)
    if file_format is FileFormat.PNG:
        chunks = PngImagePlugin.PngInfo()
        chunks.add_itxt(_KEY, ours, lang="", tkey=_KEY)
        chunks.add_itxt("parameters", theirs) if _needs_unicode(theirs) else chunks.add_text("parameters", theirs)
        return {"pnginfo": chunks, "compress_level": _COMPRESSION}
    return {"exif": _exif(theirs), "xmp": _packet(ours)}


def _needs_unicode(text: str) -> bool:
    return any(ord(letter) > 255 for letter in text)


def _exif(text: str) -> Image.Exif:
    """The webui's text as a comment in UTF-16, as it writes it; one that is too long for a JPEG is left out."""
    exif = Image.Exif()
    exif[ExifTags.Base.Software] = "Fooo"
    comment = b"UNICODE\0" + text.encode("utf-16-be", "replace")
    if len(comment) <= _LONGEST_SEGMENT:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = comment
    return exif


def _packet(text: str) -> bytes:
    """Our JSON as XMP; a long one compressed."""
    safe = _CHARACTERS_OF_XML.sub("", html.escape(text, quote=False))
    packet = _XMP.format(name="record", value=safe).encode()
    if len(packet) <= _LONGEST_SEGMENT:
        return packet
    packed = base64.b64encode(zlib.compress(text.encode(), 9)).decode()
    return _XMP.format(name="packed", value=packed).encode()


def _unpacked(text: str) -> str | None:
    try:
        stream = zlib.decompressobj()
        content = stream.decompress(base64.b64decode(text, validate=True), LONGEST)
        return content.decode("utf-8", "replace")
    except (ValueError, zlib.error):
        return None
