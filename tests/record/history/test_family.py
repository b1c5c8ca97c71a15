"""Which picture was made from which, and how their words differ."""

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fooo.record import Record
from fooo.record.history import Family, History, content_of, difference
from fooo.record.history.family import Fate
from fooo.request import Vary
from tests.record.history.pictures import keep


def begun_with(record: Record, parent: Path) -> Record:
    start = Vary(picture=content_of(parent))
    return record.model_copy(update={"request": record.request.model_copy(update={"start": start})})


def family_of(
    history: History, path: Path, parent: Path | None = None, folders: frozenset[str] | None = None
) -> Family:
    history.refresh()
    kept = history.at(path)
    assert kept
    return history.family(kept, parent.stat().st_size if parent else None, folders)


@pytest.fixture
def parent(tmp_path: Path, record: Record) -> Path:
    return keep(tmp_path, record, "a boat", made=datetime(2026, 1, 1, 1))


@pytest.fixture
def child(tmp_path: Path, record: Record, parent: Path) -> Path:
    return keep(tmp_path, begun_with(record, parent), "a red boat", made=datetime(2026, 1, 1, 2), person="ann")


def test_a_picture_knows_its_parent_and_its_children(tmp_path: Path, parent: Path, child: Path) -> None:
    history = History(tmp_path)
    below, above = family_of(history, child, parent), family_of(history, parent)
    assert below.parent
    assert (below.parent.path, below.children) == (parent, ())
    assert (above.parent, [each.path for each in above.children]) == (None, [child])


def test_a_file_of_the_same_size_is_not_taken_for_the_parent(tmp_path: Path, parent: Path, child: Path) -> None:
    size = parent.stat().st_size
    content = bytearray(parent.read_bytes())
    content[-1] ^= 1
    parent.write_bytes(content)
    history = History(tmp_path)
    history.refresh()
    kept = history.at(child)
    assert kept
    assert history.family(kept, size).parent is None


def test_what_was_thrown_away_or_is_anothers_is_not_of_the_family(tmp_path: Path, parent: Path, child: Path) -> None:
    history = History(tmp_path)
    assert family_of(history, parent, folders=frozenset({"bob"})).children == ()
    kept = history.at(child)
    assert kept
    history.throw([kept])
    assert family_of(history, parent).children == ()


def test_a_picture_that_was_just_made_is_found_by_its_file_and_no_other_file_is(tmp_path: Path, child: Path) -> None:
    history = History(tmp_path / "ann")
    kept = history.at(child)
    assert kept
    assert (kept.words, kept.id) == ("a red boat", history.id_at(child))
    (tmp_path / "secret.png").write_bytes(child.read_bytes())
    assert history.at(tmp_path / "secret.png") is None
    assert history.at(tmp_path / "ann" / ".." / "secret.png") is None
    assert history.at(tmp_path / "ann" / "gone.png") is None


def test_words_that_came_and_went_are_told_in_their_place() -> None:
    told = difference("a red apple, glossy", "a green apple")
    assert [(fate.value, text) for fate, text in told] == [
        ("same", "a "), ("gone", "red"), ("new", "green"), ("same", " apple"), ("gone", ", glossy"),
    ]  # fmt: skip
    assert difference("一只猫", "一只狗") == ((Fate.SAME, "一只"), (Fate.GONE, "猫"), (Fate.NEW, "狗"))


@given(st.text(max_size=40), st.text(max_size=40))
def test_both_texts_can_be_read_from_their_difference(before: str, after: str) -> None:
    told = difference(before, after)
    assert "".join(text for fate, text in told if fate is not Fate.NEW) == before
    assert "".join(text for fate, text in told if fate is not Fate.GONE) == after
