"""Picture files of any kind into a `Picture` and its transparency, and back; the file that is read stays as it is."""

import errno
import io
import uuid
import warnings
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from fooo.errors import BadPicture, StorageFull
from fooo.image.mask import Mask
from fooo.image.picture import Picture

MOST_PIXELS = 64_000_000
"""Of a file that is read; decoded it takes 256 MB. A small file can claim any number of pixels."""
_QUALITY = 95
_SAVED_AS = {".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
"""Every other ending is written as PNG."""
PICTURE_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif", ".jfif"})


@dataclass(frozen=True, eq=False, slots=True)
class OpenedPicture:
    """What a picture file shows.

    Attributes:
        picture: Upright, in sRGB, 8 bits a channel.
        alpha: How much of each pixel is there; None where all of it is.
        exif: What a camera wrote down, as bytes; without the turn that has been carried out.
    """

    picture: Picture
    alpha: Mask | None = None
    exif: bytes = field(default=b"", repr=False)


def read_picture(path: Path) -> OpenedPicture:
    """The picture in a file: of 1, 8 or 16 bits a channel, grey, palette, RGB or CMYK; of an animation the first one.

    Raises:
        BadPicture: It cannot be read as a picture, or is too large.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of what is not as it should be, and of what we refuse
            with Image.open(path) as image:
                _check_size(path, image.size)
                upright = ImageOps.exif_transpose(image)
                exif = upright.getexif().tobytes() if image.getexif() else b""
                return OpenedPicture(*_parted(upright), exif)
    except Image.DecompressionBombError:
        raise _too_large(path, "more pixels than any camera gives") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is damaged, or no picture"
        raise BadPicture(str(path), f"cannot be read ({reason})", "choose another file") from None


def write_picture(opened: OpenedPicture, path: Path) -> Path:
    """Write a new file, as JPEG, WebP or PNG by its name's ending; it is there whole or not at all.

    A JPEG cannot be transparent: what is, is written as PNG, under a name with that ending.

    Returns:
        Where it lies.

    Raises:
        FileExistsError: A file of that name is there.
        StorageFull: The disk took no more.
    """
    kind = _SAVED_AS.get(path.suffix.lower(), "PNG")
    if kind == "JPEG" and opened.alpha is not None:
        return write_picture(opened, path.with_suffix(".png"))
    stream = io.BytesIO()
    options = {"exif": opened.exif} if opened.exif else {}
    subsampling = {"subsampling": 0} if kind == "JPEG" else {}
    _joined(opened).save(stream, format=kind, quality=_QUALITY, **options, **subsampling)
    try:
        _put(stream.getvalue(), path)
    except OSError as error:
        if isinstance(error, FileExistsError) and path.exists():
            raise
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        reason = "the disk is full" if full else error.strerror or type(error).__name__
        raise StorageFull(f"{path} could not be written: {reason}; free some space or choose another folder.") from None
    return path


def _check_size(path: Path, size: tuple[int, int]) -> None:
    if size[0] * size[1] > MOST_PIXELS:
        raise _too_large(path, f"{size[0]:,} x {size[1]:,} pixels")


def _too_large(path: Path, has: str) -> BadPicture:
    return BadPicture(str(path), f"has {has}", f"choose one of at most {MOST_PIXELS:,}")


def _parted(image: Image.Image) -> tuple[Picture, Mask | None]:
    """The colours in sRGB, and the transparency where there is any."""
    image = _in_8_bits(image)
    alpha = None
    if image.has_transparency_data:
        image = image.convert("RGBA")
        values = np.asarray(image.getchannel("A")).copy()
        alpha = Mask(values) if values.min() < 255 else None
    return Picture(np.asarray(_in_srgb(image)).copy()), alpha


def _in_8_bits(image: Image.Image) -> Image.Image:
    """Pillow cuts off what is above 255 when it converts such modes itself.

    Raises:
        ValueError: Its numbers are no levels of grey.
    """
    if image.mode.startswith("I;16") or image.mode == "I":
        levels = np.asarray(image).astype(np.int64)
        return Image.fromarray((levels.clip(0, 65535) >> 8).astype(np.uint8))
    if image.mode == "F":
        raise ValueError("numbers of any range are no picture")
    return image


def _in_srgb(image: Image.Image) -> Image.Image:
    """By the profile that the file carries, where it has a usable one; else as sRGB's own."""
    profile = image.info.get("icc_profile")
    flat = image.convert("RGB") if image.mode == "RGBA" or image.mode not in {"RGB", "CMYK", "L"} else image
    if isinstance(profile, bytes):
        with suppress(ImageCms.PyCMSError, OSError):
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            srgb = ImageCms.ImageCmsProfile(cast(Any, ImageCms).createProfile("sRGB"))
            return ImageCms.profileToProfile(flat, own, srgb, outputMode="RGB") or flat.convert("RGB")
    return flat.convert("RGB")


def _joined(opened: OpenedPicture) -> Image.Image:
    image = Image.fromarray(opened.picture.pixels)
    if opened.alpha is not None:
        image.putalpha(Image.fromarray(opened.alpha.values))
    return image


def _put(content: bytes, path: Path) -> None:
    """Write beside, then take the name, which must be free. Raises: OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        part.write_bytes(content)
        path.open("xb").close()
        try:
            part.replace(path)
        except OSError:
            path.unlink()
            raise
    finally:
        part.unlink(missing_ok=True)
