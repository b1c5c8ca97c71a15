import logging
from pathlib import Path

import pytest

from tools.pocket import keeping
from tools.pocket.keeping import MadeOtherwise

SETTINGS = {"nouns": 119, "seed": 1, "@here/noto": "1.0.0"}


@pytest.fixture(params=["drawings.npz", "compositions"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The path of a file, or of a folder."""
    return tmp_path / request.param


def make(kept: Path) -> None:
    if kept.suffix:
        kept.write_text("drawings")
    else:
        kept.mkdir(exist_ok=True)
        (kept / "128x128-0000.npz").write_text("pictures")


def test_a_file_is_written_in_one_piece_or_not_at_all(tmp_path: Path):
    file = tmp_path / "scale.json"
    keeping.write_whole(file, b"1")
    (tmp_path / "scale.json.part").mkdir()  # so that writing fails, as on a full disk
    with pytest.raises(OSError):  # noqa: PT011  which one is the system's to say
        keeping.write_whole(file, b"22")
    assert file.read_bytes() == b"1"


def test_what_was_made_with_the_same_settings_is_gone_on_with(kept: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    keeping.settle(kept, SETTINGS)
    assert not keeping.is_there(kept)
    make(kept)
    keeping.settle(kept, dict(reversed(SETTINGS.items())))
    assert caplog.messages == []


def test_what_was_made_with_others_is_refused_in_a_sentence_that_says_which_and_what_to_do(kept: Path):
    keeping.settle(kept, SETTINGS)
    make(kept)
    with pytest.raises(MadeOtherwise) as refused:
        keeping.settle(kept, SETTINGS | {"seed": 2, "@here/noto": "1.1.0"})
    said = str(refused.value)
    assert "seed 1 and not 2, @here/noto 1.0.0 and not 1.1.0" in said
    assert "nouns" not in said
    assert f"{kept} " in said
    assert "delete it" in said
    keeping.settle(kept, SETTINGS)


def test_a_setting_that_one_side_does_not_know_is_a_difference(kept: Path):
    keeping.settle(kept, SETTINGS)
    make(kept)
    for other in (SETTINGS | {"sizes": "64x64"}, {"seed": 1}):
        with pytest.raises(MadeOtherwise):
            keeping.settle(kept, other)


def test_what_is_older_than_marks_is_taken_over_with_one_line_and_refused_from_then_on(
    kept: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    make(kept)
    keeping.settle(kept, SETTINGS)
    keeping.settle(kept, SETTINGS)
    [line] = caplog.messages
    assert str(kept) in line
    with pytest.raises(MadeOtherwise):
        keeping.settle(kept, SETTINGS | {"seed": 2})


def test_what_was_deleted_may_be_made_with_any_settings(kept: Path):
    keeping.settle(kept, SETTINGS)
    make(kept)
    (kept if kept.suffix else kept / "128x128-0000.npz").unlink()
    keeping.settle(kept, SETTINGS | {"seed": 2})
    make(kept)
    with pytest.raises(MadeOtherwise):
        keeping.settle(kept, SETTINGS)
