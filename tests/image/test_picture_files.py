"""Picture files as people have them: every kind is read right, or refused in a sentence."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image, ImageCms

from fooo.errors import BadPicture, StorageFull
from fooo.image import Mask, Picture
from fooo.image.picture_files import OpenedPicture, read_picture, write_picture

RGB = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)


def saved(path: Path, image: Image.Image, **how: Any) -> Path:
    image.save(path, **how)
    return path


def test_an_rgb_file_is_read_as_it_is(tmp_path: Path):
    opened = read_picture(saved(tmp_path / "a.png", Image.fromarray(RGB)))
    assert np.array_equal(opened.picture.pixels, RGB)
    assert opened.alpha is None


def test_16_bits_keep_their_upper_half(tmp_path: Path):
    levels = np.linspace(0, 65535, 600).astype(np.uint16).reshape(20, 30)
    opened = read_picture(saved(tmp_path / "a.png", Image.fromarray(levels)))
    assert np.array_equal(opened.picture.pixels[..., 0], (levels >> 8).astype(np.uint8))


def test_a_palette_with_a_transparent_colour_has_an_alpha(tmp_path: Path):
    image = Image.fromarray(RGB).quantize(8)
    opened = read_picture(saved(tmp_path / "a.png", image, transparency=3))
    assert opened.alpha is not None
    assert np.array_equal(opened.alpha.values == 0, np.asarray(image) == 3)


def test_an_alpha_that_hides_nothing_is_none(tmp_path: Path):
    image = Image.fromarray(RGB)
    image.putalpha(255)
    assert read_picture(saved(tmp_path / "a.png", image)).alpha is None


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK"])
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str):
    opened = read_picture(saved(tmp_path / "a.tif", Image.new("RGB", (7, 5), (255, 255, 255)).convert(mode)))
    assert opened.picture.size == (7, 5)
    assert (opened.picture.pixels == 255).all()


def test_a_turned_photograph_is_read_upright_and_not_turned_again(tmp_path: Path):
    exif = Image.Exif()
    exif[274] = 6  # turned by a quarter
    exif[271] = "a camera"
    opened = read_picture(saved(tmp_path / "a.jpg", Image.fromarray(RGB), exif=exif))
    assert opened.picture.size == (20, 30)
    again = write_picture(opened, tmp_path / "b.jpg")
    with Image.open(again) as image:
        assert image.size == (20, 30)
        assert 274 not in image.getexif()
        assert image.getexif()[271] == "a camera"


def test_colours_of_another_space_are_turned_into_srgbs(tmp_path: Path):
    untyped = cast(Any, ImageCms)
    profile = untyped.ImageCmsProfile(untyped.createProfile("LAB"))
    lab = Image.new("LAB", (4, 4), (128, 128, 128))
    opened = read_picture(saved(tmp_path / "a.tif", lab, icc_profile=profile.tobytes()))
    # half of CIE's lightness is grey of level 119 (Lindbloom: L* 50.2 is 0.186 of the light)
    assert np.abs(opened.picture.pixels.astype(int) - 119).max() <= 2
    broken = saved(tmp_path / "b.png", Image.fromarray(RGB), icc_profile=b"no profile")
    assert np.array_equal(read_picture(broken).picture.pixels, RGB)


def test_of_an_animation_the_first_picture_is_read(tmp_path: Path):
    frames = [Image.new("RGB", (6, 6), colour) for colour in ("red", "blue")]
    path = saved(tmp_path / "a.gif", frames[0], save_all=True, append_images=frames[1:])
    assert (read_picture(path).picture.pixels == (255, 0, 0)).all()


def claimed_png(width: int, height: int) -> bytes:
    """A PNG of few bytes that says that it has that size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    parts = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def truncated() -> bytes:
    stream = io.BytesIO()
    Image.fromarray(RGB).save(stream, format="PNG")
    return stream.getvalue()[:-400]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (claimed_png(20_000, 20_000), "choose one of at most 64,000,000"),
        (claimed_png(10_000, 9_500), "has 10,000 x 9,500 pixels"),
        (truncated(), "cannot be read"),
        (b"", "it is damaged, or no picture"),
        (b"<html>", "it is damaged, or no picture"),
    ],
)
def test_what_is_no_picture_or_too_large_is_refused_in_a_sentence(tmp_path: Path, content: bytes, says: str):
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(BadPicture, match=says):
        read_picture(path)


def test_numbers_of_any_range_and_missing_files_are_refused(tmp_path: Path):
    with pytest.raises(BadPicture, match="no picture"):
        read_picture(saved(tmp_path / "a.tif", Image.fromarray(np.zeros((4, 4), np.float32))))
    with pytest.raises(BadPicture, match="No such file"):
        read_picture(tmp_path / "b.png")


@pytest.mark.parametrize(("name", "kind"), [("a.png", "PNG"), ("a.JPG", "JPEG"), ("a.webp", "WEBP"), ("a.bmp", "PNG")])
def test_the_ending_says_what_is_written(tmp_path: Path, name: str, kind: str):
    with Image.open(write_picture(OpenedPicture(Picture(RGB.copy())), tmp_path / "new" / name)) as image:
        assert image.format == kind


def test_transparency_is_written_and_never_as_jpeg(tmp_path: Path):
    alpha = Mask(np.arange(600, dtype=np.uint8).reshape(20, 30))
    path = write_picture(OpenedPicture(Picture(RGB.copy()), alpha), tmp_path / "a.jpg")
    assert path == tmp_path / "a.png"
    again = read_picture(path)
    assert np.array_equal(again.picture.pixels, RGB)
    assert again.alpha is not None
    assert np.array_equal(again.alpha.values, alpha.values)


def test_no_file_is_ever_replaced_and_nothing_is_left_behind(tmp_path: Path):
    path = write_picture(OpenedPicture(Picture(RGB.copy())), tmp_path / "a.png")
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        write_picture(OpenedPicture(Picture(255 - RGB)), path)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["a.png"]


def test_a_place_that_takes_no_file_is_told(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(StorageFull, match="could not be written"):
        write_picture(OpenedPicture(Picture(RGB.copy())), tmp_path / "file" / "a.png")
