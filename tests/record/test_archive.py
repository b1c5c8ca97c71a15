import errno
import os
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

import fooo.record.archive
from fooo.errors import RequestError, StorageFull
from fooo.image import Picture
from fooo.record import Archive, Record, read_record

NOW = datetime(2026, 1, 2, 3, 4, 5)
PICTURE = Picture(np.zeros((8, 8, 3), np.uint8))


def test_a_picture_is_kept_under_its_day_time_words_and_seed(tmp_path: Path, record: Record):
    path = Archive(tmp_path).save(PICTURE, record, now=NOW)
    assert path == tmp_path / "2026-01-02" / "2026-01-02_03-04-05_a-cat_7.png"
    assert read_record(path) == record


def test_the_second_of_the_same_name_does_not_touch_the_first(tmp_path: Path, record: Record):
    archive = Archive(tmp_path, by_day=False)
    first = archive.save(PICTURE, record, now=NOW)
    before = first.read_bytes()
    second = archive.save(Picture(np.full((8, 8, 3), 9, np.uint8)), record, now=NOW)
    assert (first.name, second.name) == ("2026-01-02_03-04-05_a-cat_7.png", "2026-01-02_03-04-05_a-cat_7_2.png")
    assert first.read_bytes() == before


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("a/b\\c:d*e?", "a-b-c-d-e"),
        ("红苹果", "红苹果"),
        ("🍎", ""),
        ("x" * 500, "x" * 40),
        ("..", ""),
    ],
)
def test_no_prompt_leads_out_of_the_folder(tmp_path: Path, record: Record, prompt: str, words: str):
    told = record.model_copy(update={"request": record.request.model_copy(update={"prompt": prompt})})
    path = Archive(tmp_path, by_day=False).save(PICTURE, told, now=NOW)
    assert path.parent == tmp_path
    assert path.name == "_".join(part for part in ("2026-01-02_03-04-05", words, "7") if part) + ".png"


def break_write(monkeypatch: pytest.MonkeyPatch, name: str, error: OSError) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise error

    monkeypatch.setattr(fooo.record.archive.os, name, fail)


def test_a_full_disk_is_said_in_words_and_leaves_nothing_half_written(
    tmp_path: Path, record: Record, monkeypatch: pytest.MonkeyPatch
):
    archive = Archive(tmp_path, by_day=False)
    kept = archive.save(PICTURE, record, now=NOW)
    break_write(monkeypatch, "fsync", OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    with pytest.raises(StorageFull, match="the disk is full; free some space and draw it again"):
        archive.save(PICTURE, record, now=NOW)
    assert list(tmp_path.iterdir()) == [kept]


def test_where_links_are_unknown_nothing_is_overwritten_either(
    tmp_path: Path, record: Record, monkeypatch: pytest.MonkeyPatch
):
    def no_links(self: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    archive = Archive(tmp_path, by_day=False)
    names = [archive.save(PICTURE, record, now=NOW).name for _ in range(2)]
    assert names == ["2026-01-02_03-04-05_a-cat_7.png", "2026-01-02_03-04-05_a-cat_7_2.png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)


@pytest.mark.parametrize("name", ["file/below", "file"])
def test_a_folder_that_cannot_be_written_is_refused_before_drawing(tmp_path: Path, name: str):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RequestError, match="cannot be written"):
        Archive(tmp_path / name).check_writable()
