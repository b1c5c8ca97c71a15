"""What the history finds, and that nothing of its own is needed to find it again."""

import os
import shutil
import sqlite3
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from fooo.errors import StorageFull
from fooo.record import Record
from fooo.record.history import History, Wanted
from tests.record.history.conftest import NOON, Clock, every, words
from tests.record.history.pictures import keep


def test_every_picture_is_found_the_newest_first(history: History, three: list[Path]):
    found = every(history)
    assert [each.path for each in found] == three
    newest = found[0]
    assert (newest.words, newest.model, newest.seed, newest.made) == (
        "a red apple",
        "pocket/base",
        "7",
        NOON.isoformat(),
    )
    assert (newest.width, newest.height, newest.favourite, newest.thrown) == (32, 32, False, "")
    assert found[1].styles == ("Fooo Oil Painting",)


def test_a_page_ends_where_the_next_begins(history: History, outputs: Path, record: Record):
    for number in range(5):  # all of one second, as quick pictures are
        keep(outputs, record, f"number {number}", made=NOON)
    history.refresh()
    first = history.page(Wanted(), limit=2)
    second = history.page(Wanted(), limit=2, after=first.after)
    third = history.page(Wanted(), limit=2, after=second.after)
    assert [len(page.pictures) for page in (first, second, third)] == [2, 2, 1]
    assert sorted(words(first) + words(second) + words(third)) == [f"number {number}" for number in range(5)]
    assert (first.total, third.after) == (5, None)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(words="APPLE"), ["a red apple"]),
        (Wanted(words="night lighthouse"), ["a Lighthouse at night"]),
        (Wanted(words="oil"), ["a Lighthouse at night"]),
        (Wanted(words="apple night"), []),
        (Wanted(words="%"), []),
        (Wanted(words="' OR 1=1 --"), []),
        (Wanted(style="Fooo Oil Painting"), ["a Lighthouse at night"]),
        (Wanted(style="Oil"), []),
        (Wanted(model="pocket/base", words="boat"), ["a boat"]),
        (Wanted(model="another"), []),
        (Wanted(favourite=True), []),
        (Wanted(folders=frozenset({"ann"})), ["a boat"]),
        (Wanted(folders=frozenset({""})), ["a red apple", "a Lighthouse at night"]),
        (Wanted(folders=frozenset()), []),
    ],
)
@pytest.mark.usefixtures("three")
def test_it_is_searched_by_words_style_model_and_person(history: History, wanted: Wanted, found: list[str]):
    assert words(every(history, wanted)) == found


@pytest.mark.usefixtures("three")
def test_what_can_be_chosen_is_what_pictures_have(history: History):
    history.refresh()
    choices = history.choices(Wanted())
    assert (choices.styles, choices.models) == (("Fooo Oil Painting",), ("pocket/base",))
    assert history.choices(Wanted(folders=frozenset({"ann"}))).styles == ()


def test_only_what_is_new_or_was_changed_is_read(history: History, outputs: Path, record: Record, three: list[Path]):
    every(history)
    # what was not read again is still told as it was
    known = three[1].stat()
    three[1].write_bytes(b"x" * known.st_size)
    os.utime(three[1], ns=(known.st_atime_ns, known.st_mtime_ns))
    three[2].unlink()
    keep(outputs, record, "a new one", made=NOON + timedelta(hours=1))
    assert words(every(history)) == ["a new one", "a red apple", "a Lighthouse at night"]
    os.utime(three[1])
    assert words(every(history)) == ["a new one", "a red apple"]


def test_reading_may_end_early_and_goes_on_with_the_older_ones(history: History, outputs: Path, record: Record):
    for number in range(60):
        keep(outputs, record, f"number {number}", made=NOON + timedelta(minutes=number))
    assert history.refresh(seconds=0) == 10
    assert words(history.page(Wanted(), limit=2)) == ["number 59", "number 58"]
    assert history.refresh(seconds=0) == 0
    assert history.page(Wanted(), limit=1).total == 60


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("damage", ["gone", "no database", "cut", "of another version"])
def test_a_damaged_index_is_made_anew(history: History, outputs: Path, damage: str):
    before = every(history)
    history.mark(before[:1], favourite=True)
    index = outputs / ".history" / "index.sqlite"
    match damage:
        case "gone":
            shutil.rmtree(outputs / ".history")
        case "no database":
            index.write_bytes(b"no database at all " * 500)
        case "cut":
            index.write_bytes(index.read_bytes()[:5000])
            for each in index.parent.glob("index.sqlite-*"):
                each.unlink()
        case _:
            with sqlite3.connect(index) as file:
                file.execute("PRAGMA user_version=99")
            file.close()
    after = every(history)
    assert [each.id for each in after] == [each.id for each in before]
    assert [each.favourite for each in after] == [True, False, False]


@pytest.mark.usefixtures("three")
def test_a_folder_that_takes_no_index_is_told_in_a_sentence(history: History, outputs: Path):
    (outputs / ".history").write_text("a file where the folder should be")
    with pytest.raises(StorageFull, match=r"The list of pictures .* cannot be used"):
        history.refresh()


def test_two_programs_share_a_folder(outputs: Path, record: Record, clock: Clock):
    for number in range(120):
        keep(outputs, record, f"number {number}", made=NOON + timedelta(minutes=number))
    one, other = History(outputs, now=clock), History(outputs, now=clock)
    threads = [threading.Thread(target=each.refresh) for each in (one, other, one, other)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert one.page(Wanted(), limit=1).total == other.page(Wanted(), limit=1).total == 120
    one.mark(one.page(Wanted(), limit=1).pictures, favourite=True)
    assert words(other.page(Wanted(favourite=True), limit=5)) == ["number 119"]


def test_favourites_outlive_the_program(history: History, outputs: Path, clock: Clock, three: list[Path]):
    history.mark(every(history)[1:2], favourite=True)
    again = History(outputs, now=clock)
    assert [each.path for each in every(again, Wanted(favourite=True))] == [three[1]]
    again.mark(every(again), favourite=False)
    assert every(History(outputs, now=clock), Wanted(favourite=True)) == ()


def test_pictures_of_other_programs_and_none_at_all_are_taken_as_they_are(history: History, outputs: Path):
    outputs.mkdir()
    chunks = PngInfo()
    chunks.add_text("parameters", "a webui cat\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 5, Size: 64x32")
    Image.new("RGB", (64, 32)).save(outputs / "other.png", pnginfo=chunks)
    Image.new("RGB", (8, 9)).save(outputs / "plain.jpg")
    (outputs / "text.png").write_text("no picture")
    (outputs / "empty.webp").write_bytes(b"")
    (outputs / ".hidden.png").write_bytes((outputs / "plain.jpg").read_bytes())
    chunks = PngInfo()
    chunks.add_itxt("fooo", '{"request": {"prompt": ["\\ud800"], "styles": "x"}, "models": 3, "shot": []}')
    Image.new("RGB", (10, 11)).save(outputs / "hostile.png", pnginfo=chunks)
    found = {each.path.name: each for each in every(history)}
    assert set(found) == {"other.png", "plain.jpg", "hostile.png"}
    other = found["other.png"]
    assert (other.words, other.seed, other.width, other.height) == ("a webui cat", "5", 64, 32)
    assert (found["plain.jpg"].words, found["plain.jpg"].width) == ("", 8)


def test_what_a_link_leads_to_is_not_shown(history: History, outputs: Path, tmp_path: Path, three: list[Path]):
    secret = tmp_path / "secret.png"
    Image.new("RGB", (8, 8)).save(secret)
    (outputs / "link.png").symlink_to(secret)
    (outputs / "folder").symlink_to(tmp_path)
    assert [each.path for each in every(history)] == three
    # also where it takes the place of a picture that was one
    three[0].unlink()
    three[0].symlink_to(secret)
    found = history.page(Wanted(), limit=9).pictures
    assert history.find([found[0].id]) == ()


@pytest.mark.parametrize("name", ["", "..", "../secret.png", "%2e%2e", "x" * 24, "A" * 24, "0" * 24, "0" * 23, "\0"])
@pytest.mark.usefixtures("three")
def test_nothing_but_an_id_is_found(history: History, name: str):
    history.refresh()
    assert history.find([name]) == ()


@pytest.mark.usefixtures("three")
def test_a_picture_is_found_by_its_id_for_those_whose_it_is(history: History):
    boat = every(history)[2]
    assert history.find([boat.id, boat.id]) == (boat,)
    assert history.find([boat.id], frozenset({"ann"})) == (boat,)
    assert history.find([boat.id], frozenset({"bob", ""})) == ()
