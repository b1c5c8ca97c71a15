"""The verbs `info` and `replay`, by a program whose engine is a fake."""

import ast
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fooo.catalog import Catalog
from fooo.errors import RequestError, UnreadableMetadata
from fooo.image import Picture
from fooo.image.picture_files import read_picture
from fooo.interface.arguments import parse
from fooo.interface.replay import info, replay
from fooo.record import picture_bytes, read_record
from fooo.request import FileFormat, read_request
from fooo.service import Fooo
from tests.record.corpus.sample import png


@pytest.fixture
def drawn(program: Fooo) -> Path:
    job = program.submit(read_request({"prompt": "a cat", "sampling": {"seed": 7, "steps": 5}}))
    for _ in job.events():
        pass
    return job.pictures[0].path


def test_a_picture_that_is_drawn_again_is_the_same(program: Fooo, drawn: Path, capsys: pytest.CaptureFixture[str]):
    assert replay(program, parse(["replay", str(drawn)])) == 0
    path, said = capsys.readouterr().out.splitlines()
    assert said == "It is the same, pixel for pixel."
    assert Path(path) != drawn
    assert read_record(Path(path)).request == read_record(drawn).request


def test_how_far_a_changed_picture_is_from_what_is_drawn_is_said_in_figures(
    program: Fooo, drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    pixels = read_picture(drawn).picture.pixels.astype(np.int16)
    moved = np.where(pixels < 128, pixels + 3, pixels - 3).astype(np.uint8)
    changed = tmp_path / "changed.png"
    changed.write_bytes(picture_bytes(Picture(moved), read_record(drawn)))
    assert replay(program, parse(["replay", str(changed)])) == 0
    assert "differs by 3.000/255 on the mean, by 3/255 at most, in 100.0% of its pixels" in capsys.readouterr().out


def test_a_picture_of_another_program_is_drawn_with_what_is_here_and_the_rest_is_told(
    program: Fooo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    picture = tmp_path / "webui.png"
    text = "a dog\nSteps: 5, Sampler: PLMS, CFG scale: 7, Seed: 3, Size: 256x256, Model: elsewhere"
    picture.write_bytes(png({"parameters": text}))
    assert replay(program, parse(["replay", str(picture)])) == 0
    said = capsys.readouterr()
    assert "It has another size." in said.out
    assert "Model: elsewhere is not here." in said.err
    assert "Sampler: PLMS is not in Fooo; LMS is used." in said.err


def test_a_picture_that_says_nothing_is_refused_in_a_sentence(program: Fooo, catalog: Catalog, tmp_path: Path):
    Image.new("RGB", (8, 8)).save(tmp_path / "plain.png")
    for ask in (lambda: replay(program, parse(["replay", str(tmp_path / "plain.png")])),
                lambda: info(parse(["info", str(tmp_path / "plain.png")]), catalog)):  # fmt: skip
        with pytest.raises(UnreadableMetadata, match="says nothing of how it was made"):
            ask()


def test_what_a_picture_says_is_printed_for_people(drawn: Path, catalog: Catalog, capsys: pytest.CaptureFixture[str]):
    assert info(parse(["info", str(drawn)]), catalog) == 0
    said = capsys.readouterr().out
    for part in ("made by   Fooo", "prompt    a cat", "steps 5", "seed 7", "pocket/base"):
        assert part in said
    assert "s_churn" not in said  # as usual, so not worth a word


def test_a_picture_is_printed_in_each_form(drawn: Path, catalog: Catalog, capsys: pytest.CaptureFixture[str]):
    def form(name: str) -> str:
        assert info(parse(["info", str(drawn), "--as", name]), catalog) == 0
        return capsys.readouterr().out

    assert read_request(json.loads(form("request"))) == read_record(drawn).request
    assert json.loads(form("record"))["shot"]["seed"] == 7
    assert form("webui").splitlines()[-1].startswith("Steps: 5, ")
    assert json.loads(form("comfyui"))["1"]["class_type"] == "DiffusersLoader"
    assert ast.parse(form("diffusers"))


def test_a_graph_of_another_programs_picture_is_refused_with_the_next_step(catalog: Catalog, tmp_path: Path):
    picture = tmp_path / "webui.png"
    picture.write_bytes(png({"parameters": "a dog\nSteps: 5, Sampler: Euler, Seed: 3, Size: 256x256"}))
    with pytest.raises(RequestError, match="draw it here first"):
        info(parse(["info", str(picture), "--as", "comfyui"]), catalog)


def test_a_file_that_is_no_picture_is_named(catalog: Catalog, tmp_path: Path):
    (tmp_path / "none.png").write_text("no picture")
    with pytest.raises(UnreadableMetadata, match=r"none\.png: is not a PNG, JPEG or WebP file"):
        info(parse(["info", str(tmp_path / "none.png")]), catalog)


def test_a_file_that_is_not_there_is_said_to_be_missing(catalog: Catalog, tmp_path: Path):
    with pytest.raises(UnreadableMetadata, match=r"nothing\.png: is not there; look at its name"):
        info(parse(["info", str(tmp_path / "nothing.png")]), catalog)


@pytest.mark.parametrize("file_format", [FileFormat.JPEG, FileFormat.WEBP])
def test_of_a_lossy_file_it_is_said_that_the_file_itself_differs(
    program: Fooo, drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], file_format: FileFormat
):
    # a chequered picture, which no lossy file keeps
    pixels = np.indices((128, 128)).sum(axis=0)[..., None].repeat(3, 2) % 2 * 255
    kept = tmp_path / f"kept{file_format.ending}"
    kept.write_bytes(picture_bytes(Picture(pixels.astype(np.uint8)), read_record(drawn), file_format))
    assert replay(program, parse(["replay", str(kept)])) == 0
    assert "only a PNG keeps every pixel" in capsys.readouterr().out
