"""A picture of another program, made here in the form that the program documents, and what it should be read as."""

import gzip
import html
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

from fooo.record import LossKind, Program


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Args:
    name: Of the test.
    file: The picture's bytes.
    expects: Fields of the request by their path.
    losses: What is to be told, by its kind and the program's own name of it; no more and no less.
    strength: Of a picture that was drawn over another.
    """

    name: str
    program: Program
    file: bytes
    expects: Mapping[str, Any]
    losses: frozenset[tuple[LossKind, str]] = field(default_factory=frozenset[tuple[LossKind, str]])
    strength: float | None = None


def lost(kind: LossKind, *names: str) -> frozenset[tuple[LossKind, str]]:
    return frozenset((kind, name) for name in names)


def png(texts: Mapping[str, object], *, international: bool = False) -> bytes:
    """With each text as a chunk, what is not text as JSON."""
    chunks = PngImagePlugin.PngInfo()
    for name, value in texts.items():
        text = value if isinstance(value, str) else json.dumps(value)
        chunks.add_itxt(name, text) if international else chunks.add_text(name, text)
    stream = io.BytesIO()
    _image().save(stream, format="PNG", pnginfo=chunks)
    return stream.getvalue()


def compressed_png(name: str, text: str) -> bytes:
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text(name, text, zip=True)
    stream = io.BytesIO()
    _image().save(stream, format="PNG", pnginfo=chunks)
    return stream.getvalue()


def commented(kind: str, comment: bytes) -> bytes:
    """A JPEG or WebP with that comment in EXIF's own directory."""
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = comment
    return _saved(kind, exif)


def of_fooocus(kind: str, text: str, scheme: str) -> bytes:
    """A JPEG or WebP as Fooocus writes it: all in the first directory, as plain text."""
    exif = Image.Exif()
    exif[0x9286], exif[0x0131], exif[0x927C] = text, "Fooocus v2.5.5", scheme
    return _saved(kind, exif)


def with_graphs(prompt: object, workflow: object) -> bytes:
    """A WebP as ComfyUI's own node for it writes it."""
    exif = Image.Exif()
    exif[0x0110], exif[0x010F] = f"prompt:{json.dumps(prompt)}", f"workflow:{json.dumps(workflow)}"
    return _saved("WEBP", exif)


def xmp_packet(comment: str) -> str:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">'
        "<xmp:CreatorTool>Draw Things</xmp:CreatorTool>"
        '<exif:UserComment><rdf:Alt><rdf:li xml:lang="x-default">'
        f"{html.escape(comment)}</rdf:li></rdf:Alt></exif:UserComment></rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def hidden(text: str, *, compressed: bool = True) -> bytes:
    """A PNG with the text in the lowest bits of its transparency, down each column."""
    content = gzip.compress(text.encode()) if compressed else text.encode()
    mark = b"stealth_pngcomp" if compressed else b"stealth_pnginfo"
    packed = mark + (len(content) * 8).to_bytes(4, "big") + content
    bits = np.unpackbits(np.frombuffer(packed, np.uint8))
    alpha = np.full((128, 128), 254, np.uint8).ravel()
    alpha[: len(bits)] |= bits
    alpha[len(bits) :] = 255
    pixels = np.zeros((128, 128, 4), np.uint8)
    pixels[..., 3] = alpha.reshape(128, 128).T
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format="PNG")
    return stream.getvalue()


def _saved(kind: str, exif: Image.Exif) -> bytes:
    stream = io.BytesIO()
    _image().save(stream, format=kind, exif=exif)
    return stream.getvalue()


def _image() -> Image.Image:
    return Image.new("RGB", (16, 16), "teal")
