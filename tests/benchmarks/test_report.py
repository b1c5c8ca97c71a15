from pathlib import Path

import pytest

from benchmarks.report import Row, put_into, table


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


def test_a_page_without_the_marks_is_left(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("# A\n")
    with pytest.raises(ValueError, match="no place for one"):
        put_into(page, "one", "x")
    assert page.read_text() == "# A\n"
