import os
from pathlib import Path

import pytest

from fooo.catalog.wildcards import read_wildcards
from fooo.errors import FoooError
from tests.stopwatch import seconds

links = pytest.mark.skipif(os.name == "nt", reason="making links needs a right there that few have")


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_name_is_the_path_below_the_folder(tmp_path: Path):
    write(tmp_path / "color.txt", "red\n")
    write(tmp_path / "animals/birds/small.txt", "wren\n")
    write(tmp_path / "animals/My Cats.TXT", "tom\n")
    write(tmp_path / "readme.md", "no\n")
    wildcards, problems = read_wildcards([tmp_path])
    assert sorted(wildcards) == ["animals/My Cats", "animals/birds/small", "color"]
    assert wildcards["animals/birds/small"] == ("wren",)
    assert problems == ()


def test_empty_lines_and_comments_are_left_out(tmp_path: Path):
    write(tmp_path / "color.txt", "# of the sky\r\n\r\n  deep blue \r\n  # no\r\nrose # 2\r\n\t\n夜空")
    wildcards, _ = read_wildcards([tmp_path])
    assert wildcards["color"] == ("deep blue", "rose # 2", "夜空")


def test_a_byte_order_mark_is_no_letter(tmp_path: Path):
    write(tmp_path / "color.txt", b"\xef\xbb\xbfred\ngreen")
    assert read_wildcards([tmp_path])[0]["color"] == ("red", "green")


def test_a_name_is_found_in_any_capitals_and_without_its_folders(tmp_path: Path):
    write(tmp_path / "b/Color.txt", "b")
    write(tmp_path / "a/color.txt", "a")
    write(tmp_path / "c/shape.txt", "round")
    wildcards, _ = read_wildcards([tmp_path])
    assert wildcards["B/COLOR"] == ("b",)
    assert wildcards["color"] == ("a",)
    assert wildcards["Shape"] == ("round",)
    assert "shape" in wildcards
    assert "shapes" not in wildcards
    write(tmp_path / "color.txt", "outermost")
    assert read_wildcards([tmp_path])[0]["color"] == ("outermost",)


def test_an_unknown_name_is_a_missing_key(tmp_path: Path):
    wildcards, _ = read_wildcards([tmp_path, tmp_path / "none"])
    assert (len(wildcards), wildcards.get("color")) == (0, None)
    with pytest.raises(KeyError):
        wildcards["color"]


def test_the_first_folder_wins_and_others_add_to_it(tmp_path: Path):
    write(tmp_path / "one/color.txt", "one")
    write(tmp_path / "two/COLOR.txt", "two")
    write(tmp_path / "two/shape.txt", "two")
    wildcards, _ = read_wildcards([tmp_path / "one", tmp_path / "two"])
    assert {name: wildcards[name] for name in wildcards} == {"color": ("one",), "shape": ("two",)}


def test_a_file_that_is_not_utf8_is_named_with_its_line_and_the_others_work(tmp_path: Path):
    bad = write(tmp_path / "sub/bad.txt", b"red\nbl\xe9u\ngreen")
    write(tmp_path / "good.txt", "fox")
    wildcards, problems = read_wildcards([tmp_path])
    sentence = f"The wildcard file {bad} is not UTF-8 at line 2; save it as UTF-8."
    assert problems == (sentence,)
    assert wildcards["good"] == ("fox",)
    with pytest.raises(FoooError) as refusal:
        wildcards["bad"]
    assert str(refusal.value) == sentence


def test_a_file_that_is_gone_is_said_when_it_is_drawn_from(tmp_path: Path):
    gone = write(tmp_path / "color.txt", "red")
    wildcards, _ = read_wildcards([tmp_path])
    gone.unlink()
    with pytest.raises(
        FoooError, match=r"^The wildcard file .*color\.txt cannot be read \([^()]+\); mend or remove it\.$"
    ):
        wildcards["color"]


def test_a_file_is_read_once(tmp_path: Path):
    path = write(tmp_path / "color.txt", "red")
    wildcards, _ = read_wildcards([tmp_path])
    assert wildcards["color"] == ("red",)
    path.unlink()
    assert wildcards["color"] == ("red",)


@links
def test_links_are_followed_but_not_in_circles(tmp_path: Path):
    write(tmp_path / "elsewhere/birds.txt", "wren")
    (tmp_path / "here").mkdir()
    (tmp_path / "here/animals").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere/up").symlink_to(tmp_path / "here")
    (tmp_path / "here/itself").symlink_to(tmp_path / "here/itself")
    (tmp_path / "here/lost.txt").symlink_to(tmp_path / "nowhere.txt")
    wildcards, problems = read_wildcards([tmp_path / "here"])
    assert sorted(wildcards) == ["animals/birds", "lost"]
    assert [problem.split(" cannot")[0] for problem in problems] == [f"The wildcard file {tmp_path / 'here/lost.txt'}"]


def test_of_a_big_folder_only_the_first_files_are_looked_through(tmp_path: Path):
    for number in range(2000):
        write(tmp_path / f"{number:04}.txt", b"\xff")
    assert seconds(lambda: read_wildcards([tmp_path]), enough=0.5) < 0.5
    wildcards, problems = read_wildcards([tmp_path])
    assert (len(wildcards), len(problems)) == (2000, 500)
    with pytest.raises(FoooError, match=r"1999\.txt is not UTF-8 at line 1"):
        wildcards["1999"]
