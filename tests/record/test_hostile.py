"""What strangers may put into a picture: a sentence or a request comes of it, never a crash, and nothing is run."""

import json
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fooo.errors import UnreadableMetadata
from fooo.record import read, read_text
from tests.record.corpus.sample import commented, hidden, png

_RUN = "__import__('os').system('touch hacked')"
_MINIMAL = "Steps: 20, Sampler: Euler, Seed: 1, Size: 512x512"
_KEYS = (
    "parameters",
    "prompt",
    "workflow",
    "invokeai_metadata",
    "sd-metadata",
    "Dream",
    "Comment",
    "fooo",
    "XML:com.adobe.xmp",
)
_TEXTS = (
    "[" * 10_000 + "]" * 10_000,
    '{"a":' * 10_000 + "1" + "}" * 10_000,
    '{"prompt": NaN, "seed": Infinity, "steps": -Infinity}',
    '{"prompt": "\\ud800", "steps": 1e999}',
    '{"nodes": [1, null, "x", {"id": [], "inputs": 3}], "links": [[1], null, [1,2,3,4,5]]}',
    '{"1": {"class_type": "KSampler", "inputs": {"model": ["1", 0], "positive": ["1", 0], "seed": ["1", 0]}}}',
    '{"1": {"class_type": "KSampler", "inputs": null}, "2": {"class_type": ["x"], "inputs": {"text": {}}}}',
    json.dumps({"styles": _RUN, "resolution": _RUN, "adm_guidance": _RUN, "base_model": "m", "performance": _RUN}),
    json.dumps({"styles": "[" * 300 + "]" * 300, "resolution": "(1e999, -1)", "base_model": 5, "guidance_scale": {}}),
    json.dumps({"Prompt": ["x"], "base_model_name": "../../etc/passwd", "loras": [[1], 2, ["a", "b - c"]], "seed": []}),
    json.dumps({"positive_prompt": 3, "cfg_scale": "x", "loras": {"a": 1}, "model": [1], "width": -5, "height": 1e30}),
    json.dumps({"c": None, "sampler": 3, "steps": "many", "lora": [None, 1], "size": "9999999999x1", "strength": "x"}),
    json.dumps({"image": {"prompt": [[], {}, 1], "sampler": 3, "steps": None}}),
    json.dumps({"Comment": {"prompt": None, "uc": 4, "sampler": [], "v4_prompt": {"caption": {"char_captions": [3]}}}}),
    json.dumps({"prompt": "x" * 20_000, "sampling": {}}),
    f"{_RUN}\nNegative prompt: <script>alert(1)</script>\n{_MINIMAL}, Model: ../../../etc/passwd, VAE: C:\\x",
    f"\x00\x1b[31m\u202e x\n{_MINIMAL}",
    "x\nSteps: NaN, Sampler: Infinity, Seed: 1e999, Size: 0x0, CFG scale: nan, Variation seed strength: inf",
    f"x\nSteps: {'9' * 5000}, Sampler: {'x' * 5000}, Seed: -{'9' * 5000}, Size: {'1' * 9}x{'1' * 9}",
    f"{'y' * 200_000}\n{_MINIMAL}",
    '"' * 3 + " -s 1 -S",
    '"x" -s NaN -S -5 -W 1e9',
)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    yield
    assert list(tmp_path.iterdir()) == []


def ask(content: bytes) -> str:
    """What is said of it: a sentence, or nothing."""
    try:
        found = read(content)
    except UnreadableMetadata as error:
        return str(error)
    return "" if found is None else found.program


def told(text: str) -> str:
    """The same of a text that was pasted."""
    try:
        found = read_text(text)
    except UnreadableMetadata as error:
        return str(error)
    return "" if found is None else found.program


@pytest.mark.parametrize("number", range(len(_TEXTS)))
@pytest.mark.parametrize("key", _KEYS)
def test_hostile_text_under_any_name_is_read_or_refused_in_a_sentence(key: str, number: int):
    said = ask(png({key: _TEXTS[number]}, international=True))
    assert "\n" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize("number", range(len(_TEXTS)))
def test_hostile_text_is_the_same_in_other_places(number: int):
    text = _TEXTS[number]
    ask(commented("WEBP", b"UNICODE\0" + text.encode("utf-16-be", "replace")))
    assert len(told(text)) < 1000
    if len(text) < 1000:
        ask(hidden(text))


def test_ten_megabytes_of_text_are_refused_in_a_sentence():
    for content in (
        png({"parameters": "x" * 10_000_000}),
        png({"prompt": "{" + " " * 10_000_000 + "}"}, international=True),
    ):
        with pytest.raises(UnreadableMetadata, match="more than 4 million characters"):
            read(content)
    with pytest.raises(UnreadableMetadata, match="more than 4 million characters"):
        read_text("x" * 10_000_000)


def test_a_small_chunk_that_unfolds_to_two_hundred_megabytes_is_refused():
    stream = zlib.compressobj()
    bomb = b"".join(stream.compress(b"x" * 2**20) for _ in range(200)) + stream.flush()
    content = png({"a": "b"})
    at = content.index(b"IDAT") - 4
    body = b"zTXt" + b"parameters\0\0" + bomb
    chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    with pytest.raises(UnreadableMetadata):
        read(content[:at] + chunk + content[at:])


@pytest.mark.parametrize(
    "comment",
    [
        b"UNICODE\0\xd8\x00\xd8",
        b"UNICODE\0" + b"\xff" * 99,
        b"\xff\xfe\xfd",
        b"",
        b"ASCII\0\0\0\x80\x81",
        b"JIS\0\0\0\0\0\x1b$B",
    ],
)
def test_a_comment_that_no_encoding_fits_says_nothing(comment: bytes):
    assert ask(commented("JPEG", comment)) == ""


@given(cut=st.integers(0, 2000), at=st.integers(0, 2000), byte=st.integers(0, 255))
def test_a_file_that_was_cut_or_changed_anywhere_breaks_nothing(cut: int, at: int, byte: int):
    for content in (png({"parameters": f"x\n{_MINIMAL}"}), commented("JPEG", b"ASCII\0\0\0" + _MINIMAL.encode())):
        changed = bytearray(content)
        changed[at % len(changed)] = byte
        ask(bytes(changed))
        ask(content[: cut % len(content)])


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-(2**70), 2**70) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)
_NAMES = st.sampled_from((
    "prompt", "negative_prompt", "styles", "resolution", "base_model", "performance", "loras", "Prompt",
    "base_model_name", "software", "seed", "steps", "cfg", "positive_prompt", "cfg_scale", "scheduler", "model",
    "vae", "c", "uc", "sampler", "scale", "size", "lora", "image", "Comment", "nodes", "links", "1",
    "class_type", "inputs", "width", "height", "strength", "clip_skip", "request", "shot", "v4_prompt",
    "adm_guidance", "freeu", "refiner_model", "lora_combined_1",
))  # fmt: skip


@given(st.dictionaries(_NAMES, _JSON | st.dictionaries(_NAMES, _JSON, max_size=3), max_size=12))
def test_any_json_under_known_names_is_read_or_refused(fields: dict[str, Any]):
    assert "\n" not in told(json.dumps(fields))


@pytest.mark.parametrize(
    "text",
    [
        "<lora:" + "a" * 9_990,
        "<lora:a:" * 1_200,
        "embedding:" * 990,
        "embedding:a" + "." * 9_980,
        "a" + "+" * 9_990,
        "(" * 9_990,
        "[" * 9_990,
        "1" * 9_990,
        "1::" * 3_300,
    ],
)
@pytest.mark.parametrize("form", ["positive_prompt", "uc", "c"])
def test_no_prompt_takes_long_to_read(form: str, text: str):
    fields = {form: text, "scheduler": "euler", "sampler": "k_euler", "scale": 1, "steps": 1, "prompt": text, "c": text}
    before = time.process_time()
    told(json.dumps(fields))
    # milliseconds where the time grows with the length; with its square some of these take minutes
    assert time.process_time() - before < 3
