from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from benchmarks.loop import PAGE, main, measure
from benchmarks.report import Row, machine, put_into, table
from fooo.weights import find_device


def test_a_table_takes_the_place_between_its_marks_and_leaves_the_rest(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("# A\n<!-- one -->\nold\n<!-- end of one -->\nb\n<!-- two -->\n<!-- end of two -->\n")
    put_into(page, "one", table([Row("time", "1 s", "<= 2 s")]))
    wanted = "# A\n<!-- one -->\n\n| what | measured | wanted |\n|---|---|---|\n| time | 1 s | <= 2 s |\n\n"
    assert page.read_text() == wanted + "<!-- end of one -->\nb\n<!-- two -->\n<!-- end of two -->\n"
    put_into(page, "one", r"new \1")
    put_into(page, "two", "other")
    text = page.read_text()
    assert r"new \1" in text
    assert "other" in text
    assert "time" not in text


def test_each_row_is_kept_as_soon_as_it_is_measured():
    kept: list[str] = []

    def rows() -> Iterator[Row]:
        yield Row("one", "1 s")
        assert kept == [table([Row("one", "1 s")])]
        yield Row("two", "2 s")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure(rows(), kept.append)
    assert kept[1:] == [table([Row("one", "1 s"), Row("two", "2 s")])]


def test_who_measures_says_with_how_many_threads_on_how_many_cores():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    told = machine(find_device(always_cpu=True))
    torch.set_num_threads(before)
    assert told.startswith("1 thread on ")
    assert "torch" in told


@pytest.mark.parametrize("name", ["beside-diffusers", "full-size", "quality", "overhead", "batches"])
def test_every_part_has_its_place_on_the_page_and_can_be_asked_for_alone(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    page = tmp_path / "page.md"
    page.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    put_into(page, name, "new")
    assert "\nnew\n" in page.read_text(encoding="utf-8")
    with pytest.raises(SystemExit):
        main([name, "no-such-part"])
    assert "there is no part no-such-part: choose of beside-diffusers" in capsys.readouterr().err


def test_a_page_without_the_marks_is_left(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("# A\n")
    with pytest.raises(ValueError, match="no place for one"):
        put_into(page, "one", "x")
    assert page.read_text() == "# A\n"
