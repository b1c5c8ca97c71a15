import json
from pathlib import Path

import pytest

from fooo.service import Timings
from fooo.service.timings import Drawn, Timed


def timed(seconds: float = 1.0) -> Timed:
    drawn = Drawn(name="mine", build="SDXL base 1024x1024", call=seconds)
    return Timed(device="a card", megapixels=1.0, guesses=2, base=drawn, start=0.1, finish=0.2)


def test_what_is_added_is_there_for_the_next_run(tmp_path: Path):
    path = tmp_path / "new folder" / ".timings.json"
    first = Timings(path)
    assert first.all() == ()
    first.add(timed(1))
    first.add(timed(2))
    assert Timings(path).all() == first.all() == (timed(1), timed(2))
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_two_programs_keep_both_their_jobs(tmp_path: Path):
    one, other = (Timings(tmp_path / "t.json") for _ in range(2))
    assert one.all() == other.all() == ()
    one.add(timed(1))
    other.add(timed(2))
    assert other.all() == (timed(1), timed(2))


def test_only_the_newest_200_are_kept(tmp_path: Path):
    timings = Timings(tmp_path / "t.json")
    for number in range(1, 206):
        timings.add(timed(number))
    assert Timings(tmp_path / "t.json").all() == tuple(timed(number) for number in range(6, 206))


GOOD = timed(3).model_dump()


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (b"", 0),
        (b"\xff\xfe", 0),
        (b"[", 0),
        (b"[" * 100_000, 0),
        (b"{}", 0),
        (b"null", 0),
        (b" " * 1_000_001 + b"[]", 0),
        (json.dumps([GOOD, 3, None, {}, {**GOOD, "megapixels": -1}, {**GOOD, "new": 1}]).encode(), 1),
        (json.dumps([{**GOOD, "finish": float("nan")}, {**GOOD, "start": float("inf")}, GOOD]).encode(), 1),
    ],
)
def test_a_damaged_file_costs_what_cannot_be_read_and_is_mended_by_the_next_job(
    tmp_path: Path, content: bytes, kept: int
):
    path = tmp_path / "t.json"
    path.write_bytes(content)
    timings = Timings(path)
    assert len(timings.all()) == kept
    timings.add(timed(4))
    assert len(Timings(path).all()) == kept + 1


def test_a_file_that_cannot_be_written_costs_nothing_but_the_next_run(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    (tmp_path / "file").touch()
    timings = Timings(tmp_path / "file" / "t.json")
    timings.add(timed())
    assert timings.all() == (timed(),)
    assert "could not be kept" in caplog.text


def test_without_a_file_they_are_kept_for_the_run():
    timings = Timings()
    timings.add(timed(1))
    timings.add(timed(2))
    assert timings.all() == (timed(1), timed(2))
