import io
import os
from pathlib import Path
from zipfile import ZipFile

import pytest
from PIL import Image

from fooo.errors import BadPicture
from fooo.record.history import History, zip_of
from tests.record.history.conftest import every


def seen(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content)) as image:
        return image.copy()


@pytest.mark.parametrize(
    ("mode", "size", "small"),
    [("RGB", (1024, 768), (427, 320)), ("RGBA", (640, 1280), (320, 640)), ("L", (100, 50), (100, 50)),
     ("P", (4000, 400), (1280, 128)), ("I;16", (400, 400), (320, 320))],
)  # fmt: skip
def test_a_thumbnail_has_the_shape_of_its_picture(
    history: History, outputs: Path, mode: str, size: tuple[int, int], small: tuple[int, int]
):
    outputs.mkdir()
    Image.new(mode, size).save(outputs / "one.png")
    image = seen(history.thumbnail(every(history)[0]))
    assert (image.format, image.size) == (None, small)
    assert image.mode == ("RGBA" if mode == "RGBA" else "RGB")


def test_it_is_made_once_and_anew_where_the_picture_has_changed(history: History, outputs: Path):
    outputs.mkdir()
    Image.new("RGB", (64, 64), "red").save(outputs / "one.png")
    kept = every(history)[0]
    first = history.thumbnail(kept)
    # what lies there now could not be made again
    (outputs / "one.png").write_bytes(b"damaged")
    assert history.thumbnail(kept) == first
    Image.new("RGB", (64, 64), "blue").save(outputs / "one.png")
    os.utime(outputs / "one.png", (1, 1))
    assert seen(history.thumbnail(every(history)[0])).getpixel((9, 9)) == pytest.approx((0, 0, 255), abs=8)
    (outputs / "one.png").unlink()
    history.refresh()
    assert list((outputs / ".history" / "thumbnails").rglob("*.webp")) == []


def test_a_damaged_picture_is_told(history: History, outputs: Path):
    outputs.mkdir()
    Image.effect_noise((256, 256), 90).save(outputs / "one.png")
    path = outputs / "one.png"
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(BadPicture, match="cannot be read"):
        history.thumbnail(every(history)[0])


def test_a_picture_on_its_side_is_shown_upright(history: History, outputs: Path):
    outputs.mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (80, 40)).save(outputs / "one.jpg", exif=exif)
    kept = every(history)[0]
    assert (kept.width, kept.height) == seen(history.thumbnail(kept)).size == (40, 80)


def test_several_are_one_zip_file_without_those_that_are_gone(tmp_path: Path):
    (tmp_path / "a.png").write_bytes(b"a" * 3_000_000)
    (tmp_path / "b.png").write_bytes(b"b")
    files = [("a.png", tmp_path / "a.png"), ("gone.png", tmp_path / "gone.png"), ("b.png", tmp_path / "b.png")]
    pieces = list(zip_of(files))
    # never much more than a piece of one picture at once
    assert max(map(len, pieces)) < 2 * 2**20
    with ZipFile(io.BytesIO(b"".join(pieces))) as bundle:
        assert bundle.testzip() is None
        assert {each: len(bundle.read(each)) for each in bundle.namelist()} == {"a.png": 3_000_000, "b.png": 1}
