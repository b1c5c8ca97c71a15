"""The verb `vary`: what is asked for, of a picture of ours and of any other."""

from pathlib import Path

import pytest
from PIL import Image

from fooo.errors import BadPicture, RequestError
from fooo.interface.arguments import parse
from fooo.interface.vary import varied, vary
from fooo.record import read_record
from fooo.request import Vary, read_request
from fooo.service import Fooo


@pytest.fixture
def ours(program: Fooo) -> Path:
    asked = {"prompt": "a cat", "size": "192x96", "sampling": {"seed": 7, "steps": 3}}
    job = program.submit(read_request(asked))
    list(job.events())
    return job.pictures[0].path


def test_a_picture_of_ours_is_varied_with_its_own_words_and_a_new_seed(program: Fooo, ours: Path):
    asked = varied(program, parse(["vary", str(ours), "--strong", "-n", "2"]))
    assert isinstance(asked.start, Vary)
    assert (asked.prompt, asked.start.strength, asked.sampling.seed, asked.output.count) == ("a cat", 0.85, -1, 2)
    assert asked.sampling.steps == 3
    assert str(program.plan(asked).shots[0].size) == "192x96"


def test_by_seed_all_but_a_part_of_its_noise_stays(program: Fooo, ours: Path):
    asked = varied(program, parse(["vary", str(ours), "--by-seed", "0.2"]))
    variation = asked.sampling.variation
    assert variation is not None
    assert (asked.start, asked.sampling.seed, variation.strength) == (None, 7, 0.2)
    assert str(program.plan(asked).shots[0].size) == "192x96"


def test_any_picture_is_varied_with_the_words_that_are_typed(program: Fooo, tmp_path: Path):
    source = tmp_path / "mine.jpg"
    Image.new("RGB", (300, 200), "teal").save(source)
    asked = varied(program, parse(["vary", str(source), "--prompt", "a boat", "--strength", "0.3"]))
    assert isinstance(asked.start, Vary)
    assert (asked.prompt, asked.start.strength) == ("a boat", 0.3)


def test_by_seed_needs_a_picture_that_tells_its_seed(program: Fooo, ours: Path, tmp_path: Path):
    source = tmp_path / "mine.png"
    Image.new("RGB", (30, 20)).save(source)
    with pytest.raises(RequestError, match="does not tell the seed"):
        varied(program, parse(["vary", str(source), "--by-seed", "0.2"]))
    kept = program.submit(read_request({"start": {"kind": "keep", "picture": program.pictures.add(ours)}}))
    list(kept.events())
    with pytest.raises(RequestError, match="was not drawn"):
        varied(program, parse(["vary", str(kept.pictures[0].path), "--by-seed", "0.2"]))


def test_its_paths_are_printed_and_the_source_stays(program: Fooo, ours: Path, capsys: pytest.CaptureFixture[str]):
    before = ours.read_bytes()
    assert vary(program, parse(["vary", str(ours)])) == 0
    printed = Path(capsys.readouterr().out.strip())
    assert printed != ours
    assert isinstance(read_record(printed).request.start, Vary)
    assert ours.read_bytes() == before


def test_what_is_no_picture_is_told_by_its_name(program: Fooo, tmp_path: Path):
    (tmp_path / "words.png").write_text("no picture")
    with pytest.raises((BadPicture, RequestError), match=r"words\.png"):
        varied(program, parse(["vary", str(tmp_path / "words.png")]))
