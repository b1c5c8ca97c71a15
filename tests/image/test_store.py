"""Pictures that jobs begin with: kept by content, found again, never mixed up."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fooo.errors import BadPicture, StorageFull
from fooo.image.store import MOST_BYTES, PictureStore


def png(colour: tuple[int, int, int], size: tuple[int, int] = (6, 4)) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, "PNG")
    return stream.getvalue()


def test_a_picture_is_found_again_by_its_id_also_by_a_later_program(tmp_path: Path):
    source = tmp_path / "mine.png"
    source.write_bytes(png((10, 20, 30)))
    found = PictureStore(tmp_path / "store").add(source)
    later = PictureStore(tmp_path / "store")
    assert later.size(found) == (6, 4)
    assert later.file_size(found) == source.stat().st_size
    assert [later.file_size(each) for each in ("0" * 64, "", "../mine.png")] == [None] * 3
    assert (later.open(found).pixels == (10, 20, 30)).all()


def test_the_same_picture_is_kept_once(tmp_path: Path):
    store = PictureStore(tmp_path)
    assert store.add(png((1, 2, 3))) == store.add(png((1, 2, 3)))
    assert store.add(png((3, 2, 1))) != store.add(png((1, 2, 3)))
    assert len(list(tmp_path.iterdir())) == 2


def test_what_becomes_of_the_source_changes_nothing(tmp_path: Path):
    source = tmp_path / "mine.png"
    source.write_bytes(png((10, 20, 30)))
    store = PictureStore(tmp_path / "store")
    found = store.add(source)
    source.write_bytes(png((0, 0, 0)))
    assert np.unique(store.open(found).pixels).tolist() == [10, 20, 30]


def test_an_id_never_leads_out_of_the_store(tmp_path: Path):
    (tmp_path / "secret.png").write_bytes(png((1, 2, 3)))
    store = PictureStore(tmp_path / "store")
    store.add(png((1, 2, 3)))
    for name in ("../secret.png", str(tmp_path / "secret.png"), "", "a" * 63, "A" * 64, "a" * 64, "a" * 63 + "/"):
        assert store.size(name) is None
        with pytest.raises(BadPicture, match="hand it in again"):
            store.open(name)


def test_what_is_no_picture_is_told_by_its_name_and_not_kept(tmp_path: Path):
    source = tmp_path / "words.png"
    source.write_text("no picture")
    store = PictureStore(tmp_path / "store")
    with pytest.raises(BadPicture, match=r"^words.png: cannot be read"):
        store.add(source)
    with pytest.raises(BadPicture, match=r"^picture: cannot be read"):
        store.add(b"no picture")
    with pytest.raises(BadPicture, match="No such file"):
        store.add(tmp_path / "missing.png")
    assert not list((tmp_path / "store").iterdir())


def test_a_file_that_is_too_large_is_not_read_whole(tmp_path: Path):
    with (tmp_path / "huge.png").open("wb") as stream:
        os.truncate(stream.fileno(), MOST_BYTES + 1)
    with pytest.raises(BadPicture, match=r"^huge.png: is larger than 100 MB"):
        PictureStore(tmp_path / "store").add(tmp_path / "huge.png")


def test_a_store_that_cannot_be_written_is_told(tmp_path: Path):
    (tmp_path / "store").write_text("a file")
    with pytest.raises(StorageFull, match="free some space"):
        PictureStore(tmp_path / "store").add(png((1, 2, 3)))


def test_what_is_transparent_stays_so(tmp_path: Path):
    image = Image.new("RGBA", (6, 4), (10, 20, 30, 77))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    store = PictureStore(tmp_path)
    alpha = store.open(store.add(stream.getvalue())).alpha
    assert alpha is not None
    assert np.unique(alpha.values).tolist() == [77]
