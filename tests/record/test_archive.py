import errno
import os
import stat
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

import fooo.record.archive
from fooo.errors import RequestError, StorageFull
from fooo.image import Picture
from fooo.record import Archive, Record, read, read_record
from fooo.request import FileFormat

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


def break_links(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def fail(self: Path, target: Path) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "hardlink_to", fail)


# EINVAL is Windows' "incorrect function", which exFAT gives there.
@pytest.mark.parametrize("code", [errno.EPERM, errno.EINVAL, errno.EACCES, errno.EMLINK, errno.ENOSYS, errno.EIO])
def test_where_links_are_unknown_nothing_is_overwritten_either(
    tmp_path: Path, record: Record, monkeypatch: pytest.MonkeyPatch, code: int
):
    break_links(monkeypatch, code)
    archive = Archive(tmp_path, by_day=False)
    names = [archive.save(PICTURE, record, now=NOW).name for _ in range(2)]
    assert names == ["2026-01-02_03-04-05_a-cat_7.png", "2026-01-02_03-04-05_a-cat_7_2.png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_is_full_at_the_last_moment_is_no_missing_link(
    tmp_path: Path, record: Record, monkeypatch: pytest.MonkeyPatch, code: int
):
    break_links(monkeypatch, code)
    with pytest.raises(StorageFull, match="the disk is full"):
        Archive(tmp_path, by_day=False).save(PICTURE, record, now=NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_was_reserved_in_vain_is_given_back(
    tmp_path: Path, record: Record, monkeypatch: pytest.MonkeyPatch
):
    def fail(self: Path, target: Path) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    break_links(monkeypatch, errno.EPERM)
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(StorageFull):
        Archive(tmp_path, by_day=False).save(PICTURE, record, now=NOW)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
@pytest.mark.parametrize(("umask", "rights"), [(0o077, 0o600), (0o022, 0o644), (0o002, 0o664)])
@pytest.mark.parametrize("has_links", [True, False])
def test_who_may_read_a_picture_is_as_the_person_set_it(
    tmp_path: Path, record: Record, monkeypatch: pytest.MonkeyPatch, umask: int, rights: int, has_links: bool
):
    if not has_links:
        break_links(monkeypatch, errno.EPERM)
    before = os.umask(umask)
    try:
        path = Archive(tmp_path).save(PICTURE, record, now=NOW)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == rights


def test_the_folder_is_made_by_the_check(tmp_path: Path):
    Archive(tmp_path / "new" / "folder").check_writable()
    assert list((tmp_path / "new" / "folder").iterdir()) == []


@pytest.mark.parametrize("name", ["file/below", "file"])
def test_a_folder_that_cannot_be_written_is_refused_before_drawing(tmp_path: Path, name: str):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RequestError, match="cannot be written"):
        Archive(tmp_path / name).check_writable()


@pytest.mark.parametrize("file_format", FileFormat)
def test_a_picture_is_kept_as_the_kind_of_file_that_is_asked_for(
    tmp_path: Path, record: Record, file_format: FileFormat
):
    output = record.request.output.model_copy(update={"format": file_format})
    record = record.model_copy(update={"request": record.request.model_copy(update={"output": output})})
    path = Archive(tmp_path).save(PICTURE, record, now=NOW)
    assert path.suffix == file_format.ending
    assert read_record(path) == record


def test_an_archive_that_keeps_no_records_writes_nothing_but_pixels(tmp_path: Path, record: Record):
    path = Archive(tmp_path, with_records=False).save(PICTURE, record, now=NOW)
    assert read(path) is None
