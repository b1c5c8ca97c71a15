from pathlib import Path

import pytest

from fooo.setup import packages, stamp
from fooo.setup.packages import installed_torch
from fooo.setup.stamp import Stamp, fingerprint, python_version, read_stamp, write_stamp


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(stamp, "STAMP", tmp_path / "stamp.json")
    return tmp_path / "stamp.json"


def test_what_was_written_is_read_and_fits(file: Path) -> None:
    write_stamp({"test"}, "cpu")
    read = read_stamp()
    assert read
    assert read.fits(set(), None)
    assert read.fits({"test"}, "cpu")
    assert not read.fits({"test", "more"}, "cpu")
    assert not read.fits({"test"}, "rocm")
    assert [path.name for path in file.parent.iterdir()] == ["stamp.json"]


def test_another_python_or_changed_files_do_not_fit() -> None:
    torch = installed_torch()
    assert Stamp(fingerprint(), python_version(), [], None, torch).fits(set(), None)
    assert not Stamp(fingerprint(), "3.10", [], None, torch).fits(set(), None)
    assert not Stamp("other files", python_version(), [], None, torch).fits(set(), None)


def test_another_build_of_pytorch_than_was_set_up_does_not_fit() -> None:
    assert not Stamp(fingerprint(), python_version(), [], None, "another build").fits(set(), None)


@pytest.mark.parametrize("dependencies", ['["pytest>=9", "no-such-package>=1"]', '["no-such-package"]'])
def test_a_stamp_does_not_fit_where_a_package_is_gone(
    dependencies: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up = Stamp(fingerprint(), python_version(), [], None, installed_torch())
    assert set_up.fits(set(), None)
    (tmp_path / "pyproject.toml").write_text(
        f"[project]\ndependencies = {dependencies}\noptional-dependencies = {{}}\n"
    )
    monkeypatch.setattr(packages, "PROJECT", tmp_path / "pyproject.toml")
    assert not set_up.fits(set(), None)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"inputs": "a", "of a newer version": 1}'])
def test_a_stamp_that_cannot_be_read_is_none(file: Path, text: str) -> None:
    file.write_text(text)
    assert read_stamp() is None
