import os
from pathlib import Path

import pytest

from fooo.catalog.user_files import line_of, read_json, read_text, shortened, states_of
from fooo.errors import FoooError


def test_a_file_is_read_whole_without_its_byte_order_mark(tmp_path: Path):
    (tmp_path / "a.json").write_bytes(b'\xef\xbb\xbf{"a":\r\n1}')
    assert read_json(tmp_path / "a.json", "style", at_most=100) == ({"a": 1}, '{"a":\r\n1}')


def test_a_file_that_is_too_large_is_not_even_opened(tmp_path: Path):
    path = tmp_path / "a.json"
    path.write_bytes(b"\xff" * 101)
    with pytest.raises(FoooError, match=r"The style file .*a\.json is larger than 100 bytes; split it, or take it"):
        read_text(path, "style", at_most=100)


@pytest.mark.skipif(os.name == "nt", reason="there are no such pipes there")
def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "a.json")
    with pytest.raises(FoooError, match=r"a\.json cannot be read \(it is no ordinary file\)"):
        read_text(tmp_path / "a.json", "style", at_most=100)


def test_a_file_that_is_gone_is_said_in_one_sentence(tmp_path: Path):
    with pytest.raises(FoooError, match=r"a\.json cannot be read \(No such file or directory\); mend or remove it\."):
        read_text(tmp_path / "a.json", "style", at_most=100)


@pytest.mark.parametrize(
    ("keys", "line"), [((), 1), (("b",), 3), (("c", "b"), 5), (("a", "b"), 3), (("c", "0", "风"), 6), (("none",), 1)]
)
def test_the_line_of_a_key_is_found_within_the_keys_before_it(keys: tuple[str, ...], line: int):
    text = '{"c0": 1,\n "a": {\n  "b": 1},\n "c":\n  {"b": 2,\n  "风": 3}}'
    assert line_of(text, keys) == line


def test_what_is_quoted_is_short_and_in_one_line():
    assert shortened("a\nb") == r"'a\nb'"
    assert len(shortened("x" * 1000)) == 60


def test_states_are_equal_until_a_file_is_changed_replaced_added_or_gone(tmp_path: Path):
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    seen = [states_of([one, other])]

    def look() -> None:
        now = states_of([one, other])
        assert now == states_of([one, other])
        assert now not in seen[1:]
        seen.append(now)

    one.write_text("1")
    look()
    one.write_text("12")
    look()
    other.write_text("34")
    look()
    other.replace(one)
    look()
    one.unlink()
    assert states_of([one, other]) == seen[0] == ()
