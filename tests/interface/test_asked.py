"""From flags, files and stdin to requests."""

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from fooo.errors import RequestError
from fooo.interface.arguments import parse
from fooo.interface.asked import partial_request, read_asked
from fooo.request import Expansion
from fooo.service import Fooo


def test_flags_become_a_request_and_win_over_the_file(tmp_path: Path):
    file = tmp_path / "request.json"
    file.write_text(json.dumps({"prompt": "a dog", "sampling": {"seed": 1, "steps": 9}, "styles": ["Sticker"]}))
    typed = "make CAT --json FILE -n 3 --seed -1 --style A --style B --size 128x64"
    asked = parse([{"CAT": "a cat", "FILE": str(file)}.get(word, word) for word in typed.split()])
    assert partial_request(asked) == {
        "prompt": "a cat",
        "styles": ["A", "B"],
        "size": "128x64",
        "sampling": {"seed": "-1", "steps": 9},
        "output": {"count": "3"},
    }


def test_how_carefully_and_how_long_is_drawn_may_be_typed():
    asked = parse(["make", "a cat", "--performance", "Lightning", "--budget", "20 s"])
    assert partial_request(asked) == {"prompt": "a cat", "sampling": {"performance": "Lightning", "budget": "20 s"}}


def test_what_is_done_to_the_words_is_left_open_unless_it_is_typed(program: Fooo):
    assert partial_request(parse(["make", "a cat"])) == {"prompt": "a cat"}
    (request,) = read_asked(program, parse(["make", "a", "--exactly", "--expansion", "rich", "--matrix"])).requests
    assert (request.exactly, request.expansion, request.matrix) == (True, Expansion.RICH, True)


def test_a_list_is_read_from_a_file_with_the_flags_below_it(program: Fooo, tmp_path: Path):
    file = tmp_path / "list.txt"
    file.write_bytes("\ufeffa cat\r\n--prompt 一只狗 --seed 5\r\n".encode())
    listed = read_asked(program, parse(["make", "--prompts", str(file), "--seed", "3"]))
    assert [(each.prompt, each.sampling.seed) for each in listed.requests] == [("a cat", 3), ("一只狗", 5)]


def test_a_list_is_read_from_stdin(program: Fooo, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"a cat\na dog\n")))
    listed = read_asked(program, parse(["make", "--prompts", "-"]))
    assert [each.prompt for each in listed.requests] == ["a cat", "a dog"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read"),
        (b"", "holds no prompt"),
        (b"# nothing\n\n", "holds no prompt"),
        (b"a \xff cat", "is not text in UTF-8"),
        (b"a" * 400_001, "is longer than 400000 bytes"),
        (b"a" * 200_000, "has 200000 characters"),
        (b"a cat\n--steps many", "line 2: --steps 'many' is not a whole number"),
        (b"a cat\n--sampler_name nothing", "there is no 'nothing'"),
    ],
)
def test_a_list_that_cannot_be_taken_is_one_sentence(program: Fooo, tmp_path: Path, content: bytes | None, says: str):
    file = tmp_path / "list.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(RequestError, match=says):
        read_asked(program, parse(["make", "--prompts", str(file)]))
