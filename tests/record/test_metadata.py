import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from fooo.errors import UnreadableMetadata
from fooo.image import Mask, Picture
from fooo.record import Record, png_bytes, read, read_record, read_text
from fooo.record.metadata import picture_bytes
from fooo.request import Expansion, FileFormat, read_request

PICTURE = Picture(np.random.default_rng(0).integers(0, 256, (16, 24, 3), dtype=np.uint8))


def png_with(text: str, key: str = "fooo") -> bytes:
    chunks = PngImagePlugin.PngInfo()
    chunks.add_itxt(key, text)
    stream = io.BytesIO()
    Image.new("RGB", (4, 4)).save(stream, format="PNG", pnginfo=chunks)
    return stream.getvalue()


def test_the_record_comes_back_from_the_file_as_it_went_in(record: Record):
    assert read_record(png_bytes(PICTURE, record)) == record


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # the record is frozen
@given(prompt=st.text(st.characters(blacklist_categories=("Cc", "Cs")), min_size=1, max_size=300))
def test_any_prompt_comes_back(record: Record, prompt: str):
    asked = read_request({"prompt": prompt})
    told = record.model_copy(update={"request": asked})
    assert read_record(png_bytes(PICTURE, told)).request == asked


def test_the_pixels_are_kept_exactly(record: Record):
    with Image.open(io.BytesIO(png_bytes(PICTURE, record))) as image:
        assert np.array_equal(np.asarray(image), PICTURE.pixels)


@pytest.mark.parametrize(("kind", "mode"), [("png", "RGBA"), ("webp", "RGBA"), ("jpeg", "RGB")])
def test_a_transparent_picture_is_kept_so_where_the_file_can(record: Record, kind: str, mode: str):
    picture = Picture(np.zeros((16, 16, 3), np.uint8), Mask(np.zeros((16, 16), np.uint8)))
    content = picture_bytes(picture, record, FileFormat(kind))
    image = Image.open(io.BytesIO(content))
    assert image.mode == mode
    assert image.convert("RGBA").getpixel((8, 8)) == ((255, 255, 255, 255) if mode == "RGB" else (0, 0, 0, 0))
    assert read_record(content) == record


def test_another_programs_reader_finds_the_record(record: Record):
    with Image.open(io.BytesIO(png_bytes(PICTURE, record))) as image:
        assert json.loads(str(image.info["fooo"]))["request"]["prompt"] == "a cat"


def test_texts_of_the_first_records_are_read_as_the_persons(record: Record):
    first = json.loads(record.model_dump_json())
    del first["request"]["expansion"]
    first["shot"]["texts"] = {"positive": "a cat, ink", "negative": "", "words": "a cat", "unwanted": ""}
    read = read_record(png_with(json.dumps(first)))
    assert read.request.expansion is Expansion.OFF  # there was none
    texts = read.shot.texts
    assert (texts.positive, texts.negative, texts.words) == ("a cat, ink", "", "a cat")
    assert [span.source.value for span in texts.positive_spans] == ["user"]


def test_what_a_newer_version_added_is_left_out_and_reported(record: Record, caplog: pytest.LogCaptureFixture):
    newer = json.loads(record.model_dump_json())
    newer |= {"version": 2, "mood": "calm"}
    newer["request"] |= {"version": 3, "music": {"tempo": 90}}
    newer["shot"]["passes"][0]["sparkle"] = [1]
    assert read_record(png_with(json.dumps(newer))) == record
    found = read(png_with(json.dumps(newer)))
    assert found is not None
    places = ("mood", "request.music", "shot.passes.0.sparkle")
    assert all(name in caplog.text for name in places)
    assert set(places) <= {loss.at for loss in found.losses}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        "null",
        '{"version": 99}',
        '{"version": 99, "new": 1}',
        "__import__('os').system('touch hacked')",
        '{"request": "__import__(\\"os\\").system(\\"touch hacked\\")"}',
        "[" * 100_000,
    ],
)
def test_a_hostile_or_broken_record_is_refused_in_words_and_runs_nothing(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnreadableMetadata, match=r"this version cannot read|no record"):
        read_record(png_with(text))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", png_with("{}", key="parameters"), b"\x00" * 1000]
)
def test_what_is_no_picture_of_ours_is_refused_in_words(content: bytes):
    with pytest.raises(UnreadableMetadata):
        read_record(content)


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path: Path):
    with pytest.raises(UnreadableMetadata, match="is not there; look at its name"):
        read_record(tmp_path / "none.png")


def test_a_webui_prompt_that_begins_with_a_brace_is_no_json():
    found = read_text("{red|blue} cat\nNegative prompt: {dog}\nSteps: 20, Sampler: Euler, Seed: 7, Size: 512x512")
    assert found is not None
    assert (found.request.prompt, found.request.sampling.seed) == ("{red|blue} cat", 7)
