"""Small pictures for the history, made once and kept."""

import io
import math
import os
import warnings
from contextlib import suppress
from pathlib import Path

from PIL import Image, ImageOps

from fooo.atomic import atomic_write
from fooo.errors import BadPicture
from fooo.record.history.kept import Kept
from fooo.record.picture_texts import BROKEN, KINDS, MOST_PIXELS

_SIDE = 320
"""Pixels of the shorter side: twice what the page shows, for screens of double density."""
_LONGEST = 4 * _SIDE
_QUALITY = 80
_PLAIN = frozenset({"RGB", "RGBA"})


class Thumbnails:
    """A folder of WebP files, each as old as its picture. It may be deleted.

    Args:
        folder: Made with the first one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, kept: Kept) -> bytes:
        """The small picture as a WebP file.

        Raises:
            BadPicture: It is gone, damaged or too large.
        """
        path = self._path(kept.id)
        try:
            if path.stat().st_mtime_ns == kept.changed:
                return path.read_bytes()
        except OSError:
            pass  # not made yet
        content = _small(kept.path)
        with suppress(OSError):  # where it cannot be kept, it is made again
            self._keep(path, content, kept.changed)
        return content

    def move(self, old: str, new: str) -> None:
        """Of a picture that has another id now."""
        with suppress(OSError):
            self._path(new).parent.mkdir(parents=True, exist_ok=True)
            self._path(old).replace(self._path(new))

    def forget(self, picture: str) -> None:
        with suppress(OSError):
            self._path(picture).unlink(missing_ok=True)

    def _path(self, picture: str) -> Path:
        return self._folder / picture[:2] / f"{picture}.webp"

    def _keep(self, path: Path, content: bytes, changed: int) -> None:
        with atomic_write(path) as part:
            part.write_bytes(content)
            os.utime(part, ns=(changed, changed))


def _small(path: Path) -> bytes:
    """Raises: BadPicture: As of `Thumbnails.get`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of what is not as it should be, and of what we refuse
            with Image.open(path, formats=KINDS) as image:
                if math.prod(image.size) > MOST_PIXELS:
                    raise BadPicture(path.name, "has too many pixels to be shown small", "make it smaller")
                return _webp(image)
    except (*BROKEN, Image.DecompressionBombError):
        raise BadPicture(path.name, "cannot be read", "look whether it is damaged") from None


def _webp(image: Image.Image) -> bytes:
    scale = _SIDE / min(image.size)
    box = tuple(min(_LONGEST, math.ceil(side * scale)) for side in image.size)
    image.draft("RGB", (box[0], box[1]))
    image.thumbnail((box[0], box[1]), reducing_gap=2.0)
    upright = ImageOps.exif_transpose(image)
    if upright.mode not in _PLAIN:
        upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    stream = io.BytesIO()
    upright.save(stream, format="WEBP", quality=_QUALITY, method=2)
    return stream.getvalue()
