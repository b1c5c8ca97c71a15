"""Small stand-ins for what the workshop draws from: a set of simple drawings, packages packed by hand, an npm."""

import base64
import hashlib
import io
import json
import stat
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from tools.pocket.drawings import DrawingSet, Pixels
from tools.pocket.packages import Package
from tools.pocket.words import Drawings, read_nouns

NOUNS = 12
SIDE = 56
"""Of a drawing, pixels: smaller than the real ones, which take five times as long to turn and to scale."""
ONLY_FLAT = 3
"""The number of a noun that only the flat set has."""


def drawing_set(nouns: int = NOUNS) -> DrawingSet:
    """A disc of one colour for each noun, a bar of another across it for each set."""
    down, right = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    rng = np.random.default_rng(0)
    pixels: list[Pixels] = []
    index: dict[tuple[int, Drawings], int] = {}
    for noun in range(nouns):
        disc = np.hypot(down, right) < rng.uniform(0.3, 0.49) * SIDE
        colours = rng.integers(0, 256, (2, 3))
        for order, name in enumerate(Drawings):
            if noun == ONLY_FLAT and name is not Drawings.FLUENT_FLAT:
                continue
            drawing = np.zeros((SIDE, SIDE, 4), np.uint8)
            drawing[disc] = (*colours[0], 255)
            drawing[disc & (np.abs(down - 3 * order) < 5)] = (*colours[1], 255)
            index[noun, name] = len(pixels)
            pixels.append(drawing)
    return DrawingSet(read_nouns(nouns), np.stack(pixels), index)


def one_drawing(drawing: Pixels, nouns: int = 2) -> DrawingSet:
    """The same drawing for all nouns in all sets."""
    pairs = [(noun, name) for noun in range(nouns) for name in Drawings]
    return DrawingSet(read_nouns(nouns), drawing[None], dict.fromkeys(pairs, 0))


@dataclass(frozen=True)
class FakeNpm:
    """An npm that hands out what lies in its store, and writes down what it was asked for."""

    folder: Path

    @property
    def program(self) -> Path:
        return self.folder / "npm"

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def asked(self) -> list[str]:
        """Name and version of each call."""
        return (self.folder / "asked").read_text().split()


def fake_npm(folder: Path) -> FakeNpm:
    npm = FakeNpm(folder)
    npm.store.mkdir(parents=True)
    (folder / "asked").touch()
    npm.program.write_text(f"""#!/bin/sh
# npm pack --silent --pack-destination FOLDER NAME@VERSION
echo "$5" >> {folder}/asked
file=$(echo "$5" | sed 's/^@//; s,/,-,; s/@/-/').tgz
[ -e {folder}/store/$file ] || {{ echo "npm error 404 no such package" >&2; exit 1; }}
cp {folder}/store/$file "$4"
""")
    npm.program.chmod(npm.program.stat().st_mode | stat.S_IXUSR)
    return npm


def pack(npm: FakeNpm, name: str, drawings: Drawings | None, files: Mapping[str, bytes | str]) -> Package:
    """A package in the store of `npm`, with `files` by their paths in the archive."""
    package = Package(name, "1.0.0", "", "MIT", "nobody", drawings)
    file = npm.store / package.file
    with tarfile.open(file, "w:gz") as tar:
        for path, content in files.items():
            whole = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(path)
            member.size = len(whole)
            tar.addfile(member, io.BytesIO(whole))
    digest = base64.b64encode(hashlib.sha512(file.read_bytes()).digest()).decode()
    return Package(name, "1.0.0", digest, "MIT", "nobody", drawings)


def pack_all(npm: FakeNpm, nouns: int) -> tuple[Package, ...]:
    """Packages in the layouts of the real ones, each drawing in its own colour.

    The second noun's code point has a variation selector, which file and table leave out; the last noun is missing in
    Noto.
    """
    chars = [chr(0x1F400 + number) + ("\ufe0f" if number == 1 else "") for number in range(nouns)]
    codes = [f"{ord(char[0]):x}" for char in chars]
    names = [noun.slug.replace("_", "-") for noun in read_nouns(nouns)]
    emoji = {char: {"slug": noun.slug} for char, noun in zip(chars, read_nouns(nouns), strict=True)}

    def icons(name: str, shape: str, *, chars_told: bool = True, missing: int | None = None) -> dict[str, str]:
        bodies = {
            each: {"body": shape.format(fill=colour_of(number))}
            for number, each in enumerate(names)
            if number != missing
        }
        table = {code: each for code, each in zip(codes, names, strict=True) if each in bodies and chars_told}
        return {
            "package/icons.json": json.dumps({"prefix": name, "icons": bodies, "width": 32, "height": 32}),
            "package/chars.json": json.dumps(table),
            "package/info.json": json.dumps({"prefix": name, "total": len(bodies)}),
        }

    disc = '<circle cx="16" cy="16" r="14" fill="{fill}"/>'
    square = '<path d="M3 3h26v26H3z" fill="{fill}"/>'
    ring = '<circle cx="16" cy="16" r="12" fill="none" stroke="currentColor" stroke-width="3"/><!-- {fill} -->'
    return (
        pack(npm, "@here/3d", Drawings.FLUENT_3D, {
            f"package/assets/{code}.webp": _webp(colour_of(number)) for number, code in enumerate(codes)
        }),
        # as the real one, it has no table of code points of its own
        pack(npm, "@here/fluent", Drawings.FLUENT, icons("fluent", disc, chars_told=False)),
        pack(npm, "@here/flat", Drawings.FLUENT_FLAT, icons("flat", square)),
        pack(npm, "@here/ink", Drawings.FLUENT_INK, icons("ink", ring)),
        pack(npm, "@here/noto", Drawings.NOTO, icons("noto", disc, missing=nouns - 1)),
        pack(npm, "@here/twemoji", Drawings.TWEMOJI, icons("twemoji", square)),
        pack(npm, "names", None, {"package/data-by-emoji.json": json.dumps(emoji)}),
    )  # fmt: skip


def colour_of(number: int) -> str:
    """Of a noun, as SVG writes it."""
    return f"#{(number * 67 + 40) % 256:02x}{(number * 129 + 90) % 256:02x}{(number * 31 + 10) % 256:02x}"


def _webp(colour: str) -> bytes:
    sheet = Image.new("RGBA", (64, 64))
    sheet.paste(Image.new("RGBA", (40, 40), colour), (12, 12))
    file = io.BytesIO()
    sheet.save(file, "webp", lossless=True)
    return file.getvalue()
