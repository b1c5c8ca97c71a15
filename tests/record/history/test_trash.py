"""What is thrown away is there for a while, and comes back to where it was."""

from datetime import timedelta
from pathlib import Path

import pytest

from fooo.errors import StorageFull
from fooo.record import Record
from fooo.record.history import DAYS_IN_TRASH, History, Wanted
from tests.record.history.conftest import NOON, Clock, every, words
from tests.record.history.pictures import keep

IN_TRASH = Wanted(thrown=True)


def test_what_is_thrown_away_lies_in_the_trash_and_comes_back_as_it_was(
    history: History, outputs: Path, three: list[Path]
):
    before, content = every(history), three[0].read_bytes()
    history.mark(before[:1], favourite=True)
    thrown = history.throw(before[:2])
    assert not three[0].exists()
    assert history.thrown == frozenset(three[:2])
    assert words(every(history)) == ["a boat"]
    assert sorted(words(every(history, IN_TRASH))) == ["a Lighthouse at night", "a red apple"]
    assert {each.thrown for each in every(history, IN_TRASH)} == {NOON.isoformat()}
    back = history.put_back(history.find(thrown))
    assert back == tuple(each.id for each in before[:2])
    assert history.thrown == frozenset()
    assert three[0].read_bytes() == content
    assert next((each.words, each.favourite) for each in every(history)) == ("a red apple", True)
    assert list((outputs / ".trash").iterdir()) == []


def test_it_takes_no_name_that_another_picture_has_now(history: History, outputs: Path, record: Record):
    old = keep(outputs, record, "a cat", made=NOON)
    first = old.read_bytes()
    thrown = history.throw(every(history))
    keep(outputs, record, "a cat", made=NOON, side=48)
    second = old.read_bytes()
    history.put_back(history.find(thrown))
    assert old.read_bytes() == second
    assert old.with_stem(f"{old.stem}_2").read_bytes() == first
    assert len(every(history)) == 2


def test_the_same_name_is_thrown_away_twice(history: History, outputs: Path, record: Record):
    for _ in range(2):
        keep(outputs, record, "a cat", made=NOON)
        history.throw(every(history))
    assert words(every(history, IN_TRASH)) == ["a cat", "a cat"]


def test_it_is_removed_after_its_days_and_not_before(history: History, clock: Clock, outputs: Path, three: list[Path]):
    del three
    history.throw(every(history)[:1])
    (outputs / ".trash" / "put here by hand").mkdir()
    clock.wait(days=DAYS_IN_TRASH)
    assert len(every(history, IN_TRASH)) == 1
    clock.wait(seconds=1)
    assert every(history, IN_TRASH) == ()
    assert [each.name for each in (outputs / ".trash").iterdir()] == ["put here by hand"]
    assert len(every(history)) == 2


def test_the_trash_is_kept_by_the_program_after(history: History, outputs: Path, clock: Clock, three: list[Path]):
    history.throw(every(history)[:1])
    again = History(outputs, now=clock)
    again.put_back(every(again, IN_TRASH))
    assert three[0].exists()


def test_it_stays_the_persons_whose_it_was(history: History, three: list[Path]):
    del three
    boat = every(history)[2]
    (thrown,) = history.throw([boat])
    assert history.find([thrown], frozenset({"", "bob", ".trash"})) == ()
    assert words(every(history, Wanted(thrown=True, folders=frozenset({"ann"})))) == ["a boat"]
    assert history.find([thrown], frozenset({"ann"}))[0].thrown


def test_what_lies_in_the_trash_is_removed_for_good_and_nothing_else(
    history: History, outputs: Path, record: Record, three: list[Path]
):
    del three
    thrown = history.throw(every(history)[:2])
    before = {path: path.read_bytes() for path in outputs.rglob("*") if path.is_file() and ".trash" not in path.parts}
    (outputs / ".trash" / "put here by hand").mkdir()
    by_hand = keep(outputs / ".trash" / "put here by hand", record, "a house", made=NOON)
    assert history.empty_trash() == 2
    assert by_hand.exists()
    assert [each.name for each in (outputs / ".trash").iterdir()] == ["put here by hand"]
    assert history.find(thrown) == ()
    assert every(history, IN_TRASH) == ()
    after = {path: path.read_bytes() for path in outputs.rglob("*.png") if ".trash" not in path.parts}
    assert after == {path: content for path, content in before.items() if path.suffix == ".png"}
    assert "a boat" in words(every(history))
    assert history.empty_trash() == 0


def test_what_lies_in_the_trash_and_was_never_read_is_removed_too(
    history: History, outputs: Path, clock: Clock, three: list[Path]
):
    del three
    history.throw(every(history))
    assert History(outputs, now=clock).empty_trash() == 3
    assert list((outputs / ".trash").iterdir()) == []


def test_the_trash_of_others_stays_as_it_is(history: History, outputs: Path, three: list[Path]):
    del three
    history.throw(every(history))
    assert history.empty_trash(frozenset({"ann"})) == 1
    assert sorted(words(every(history, IN_TRASH))) == ["a Lighthouse at night", "a red apple"]
    assert history.empty_trash(frozenset()) == 0
    assert len(list((outputs / ".trash").rglob("*.png"))) == 2


def test_no_link_in_the_trash_leads_to_what_is_removed(history: History, outputs: Path, three: list[Path]):
    history.throw(every(history)[:1])
    (turn,) = (outputs / ".trash").iterdir()
    (turn / "link.png").symlink_to(three[1])
    (turn / "linked").symlink_to(three[2].parent, target_is_directory=True)
    assert history.empty_trash() == 1
    assert three[1].exists()
    assert three[2].exists()


@pytest.mark.usefixtures("three")
def test_what_is_gone_meanwhile_is_told_and_nothing_else_moves(history: History):
    found = every(history)
    found[0].path.unlink()
    with pytest.raises(StorageFull, match="could not be moved"):
        history.throw(found)
    assert len(every(history)) == 2


def test_what_was_drawn_since_may_be_thrown_away_too(history: History, outputs: Path, record: Record, clock: Clock):
    keep(outputs, record, "first", made=NOON - timedelta(days=400))
    history.throw(every(history))
    clock.wait(hours=1)
    keep(outputs, record, "second", made=NOON - timedelta(days=500))
    history.throw(every(history))
    # in the order in which they were thrown away, not in which they were drawn
    assert words(every(history, IN_TRASH)) == ["second", "first"]
