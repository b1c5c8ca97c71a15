"""AutoV2 and AutoV3: what they are, and that they are computed once."""

import hashlib
import os
from pathlib import Path

import pytest

from fooo.catalog import ModelKind
from fooo.catalog.shelf import FileHashes
from fooo.errors import ModelError
from tests.adapter_files import embedding
from tests.model_files import Widths, write


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "x.safetensors", embedding(ModelKind.SD1, Widths.FULL))


def tensors_of(file: Path) -> bytes:
    content = file.read_bytes()
    return content[8 + int.from_bytes(content[:8], "little") :]


def refuse_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*rest: object) -> None:
        raise AssertionError("it was read again")

    monkeypatch.setattr(hashlib, "file_digest", refuse)


def test_auto_v2_is_of_the_file_and_auto_v3_of_its_tensors(file: Path, tmp_path: Path):
    hashes = FileHashes(tmp_path / "cache")
    assert hashes.sha256(file) == hashlib.sha256(file.read_bytes()).hexdigest()
    assert hashes.auto_v2(file) == hashes.sha256(file)[:10]
    assert hashes.auto_v3(file) == hashlib.sha256(tensors_of(file)).hexdigest()[:12]


def test_other_notes_make_another_auto_v2_and_the_same_auto_v3(file: Path, tmp_path: Path):
    hashes = FileHashes(tmp_path / "cache")
    before = hashes.auto_v2(file), hashes.auto_v3(file)
    write(file, embedding(ModelKind.SD1, Widths.FULL), {"modelspec.title": "other"})
    assert hashes.auto_v2(file) != before[0]
    assert hashes.auto_v3(file) == before[1]


def test_each_is_computed_once_also_by_the_next_program(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    first = FileHashes(tmp_path / "cache")
    known = first.auto_v2(file), first.auto_v3(file)
    refuse_reading(monkeypatch)
    for hashes in (first, FileHashes(tmp_path / "cache")):
        assert (hashes.auto_v2(file), hashes.auto_v3(file)) == known


def test_a_changed_file_is_read_again(file: Path, tmp_path: Path):
    hashes = FileHashes(tmp_path / "cache")
    before = hashes.auto_v2(file)
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    os.utime(file, (1, 1))
    assert hashes.auto_v2(file) != before


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"a": 7}'])
def test_a_damaged_cache_is_made_anew(file: Path, tmp_path: Path, content: bytes):
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "hashes.json").write_bytes(content)
    known = FileHashes(cache).auto_v2(file)
    assert known in (cache / "hashes.json").read_text(encoding="utf-8")
    assert [each.name for each in cache.iterdir()] == ["hashes.json"]


def test_where_nothing_can_be_kept_it_is_computed_all_the_same(file: Path, tmp_path: Path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert FileHashes(tmp_path / "cache").auto_v2(file)


def test_a_file_that_is_gone_costs_a_sentence(tmp_path: Path):
    with pytest.raises(ModelError, match="cannot be read"):
        FileHashes(tmp_path).auto_v2(tmp_path / "gone.safetensors")
