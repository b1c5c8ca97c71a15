"""Damaged and hostile files: each costs one sentence, no memory and no time."""

import json
import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from fooo.catalog import ModelKind
from fooo.catalog.identify import identify_file
from fooo.catalog.model_files.contents import Checkpoint, Unknown
from fooo.errors import ModelError
from tests.adapter_files import embedding, lora
from tests.damaged_files import MOST_BYTES, a_small_lora, costs, look, raw_file
from tests.model_files import Weights, Widths, original, shapes, write, write_header


def refusal(file: Path) -> str:
    with pytest.raises(ModelError) as caught:
        identify_file(file)
    said = str(caught.value)
    assert said.startswith(f"The model file {file} ")
    assert said.endswith(".")
    assert "\n" not in said
    return said.removeprefix(f"The model file {file} ")


def with_entries(folder: Path, **entries: object) -> Path:
    """A file of eight bytes of tensors, with these entries in its header."""
    return raw_file(folder, json.dumps(entries).encode(), data=8)


def entry(begin: int = 0, end: int = 8, shape: tuple[object, ...] = (2,), dtype: object = "F32") -> dict[str, object]:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


def test_the_helpers_whole_file_is_read(tmp_path: Path):
    assert isinstance(identify_file(with_entries(tmp_path, a=entry())).contents, Unknown)


@pytest.mark.parametrize("cut", [0, 1, 7, 9, 50, 3000, -1, -5000])
def test_a_file_that_was_cut_short_says_so(tmp_path: Path, cut: int):
    file = write(tmp_path / "x.safetensors", a_small_lora())
    content = file.read_bytes()
    file.write_bytes(content[:cut])
    assert "cut short" in refusal(file)


@pytest.mark.parametrize("cut", [-1, -10_000_000_000, 400_000])
def test_a_glance_sees_that_a_long_file_was_cut_short(tmp_path: Path, cut: int):
    file = write(tmp_path / "x.safetensors", lora(ModelKind.SDXL_BASE, Widths.FULL, rank=32))
    whole = file.stat().st_size
    assert identify_file(file, thorough=False)
    with file.open("r+b") as stream:
        stream.truncate(max(100, whole + cut) if cut < 0 else cut)
    with pytest.raises(ModelError, match="cut short"):
        identify_file(file, thorough=False)


def test_a_file_that_is_longer_than_its_header_says_is_damaged(tmp_path: Path):
    file = write(tmp_path / "x.safetensors", a_small_lora())
    with file.open("ab") as stream:
        stream.write(b"123")
    assert "3 bytes in it belong to no tensor" in refusal(file)


@pytest.mark.parametrize("length", [10_000_000_000, 2**63, 2**64 - 1])
def test_a_header_that_claims_ten_gigabytes_is_not_believed(tmp_path: Path, length: int):
    said = refusal(raw_file(tmp_path, b"{}" * 100, length=length))
    assert f"its header alone should have {length:,})" in said


def test_a_header_that_has_two_hundred_megabytes_is_not_read(tmp_path: Path):
    file = tmp_path / "x.safetensors"
    with file.open("wb") as stream:
        stream.write(struct.pack("<Q", 200_000_000) + b"{")
        stream.truncate(300_000_000)
    assert costs(lambda: refusal(file)) < 1_000_000
    assert "more than any model's" in refusal(file)


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ({"a": entry(0, 4, (1,)), "b": entry(2, 8, (3,), "F16")}, "tensors lie in each other"),
        ({"a": entry(0, 8), "b": entry(0, 8)}, "tensors lie in each other"),
        ({"a": entry(2, 8, (3,), "F16")}, "there is a hole between tensors"),
        ({"a": entry(0, 2, (1,), "F16"), "b": entry(4, 8, (2,), "F16")}, "there is a hole between tensors"),
        ({"a": entry(0, 4)}, "has not the bytes that its shape needs"),
        ({"a": entry(8, 0)}, "has not the bytes that its shape needs"),
        ({"a": entry(0, 16, (4,))}, "cut short: 8 bytes are missing"),
        ({"a": entry(0, 4, (1,))}, "4 bytes in it belong to no tensor"),
        ({"a": entry(shape=(2**70, 2**70))}, "has not the bytes"),
        ({"a": entry(shape=(-2, -1))}, "a shape or a place is negative"),
        ({"a": entry(shape=(2.0,))}, "no list of whole numbers"),
        ({"a": entry(shape=(True, 2))}, "no list of whole numbers"),
        ({"a": entry(shape=("2",))}, "no list of whole numbers"),
        ({"a": entry(shape=(1,) * 99)}, "wrong length"),
        ({"a": entry(dtype="F31")}, "'F31' is missing or unknown"),
        ({"a": entry(dtype=None)}, "missing or unknown"),
        ({"a": {"dtype": "F32", "shape": [2]}}, "'data_offsets' is missing"),
        ({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4, 8]}}, "wrong length"),
        ({"a": {"dtype": "F32", "shape": 2, "data_offsets": [0, 8]}}, "damaged header"),
        ({"a": [1, 2]}, "an entry is no object"),
        ({"a" * 1000: entry()}, "wrong length"),
        ({"a": entry(), "__metadata__": {"a": 1}}, "notes are no texts"),
        ({"a": entry(), "__metadata__": "a"}, "notes are no texts"),
    ],
)
def test_each_kind_of_damage_in_the_header_has_its_sentence(tmp_path: Path, entries: dict[str, object], problem: str):
    assert problem in refusal(with_entries(tmp_path, **entries))


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"null", b'"a"', b"{", b'{"a":', b"\xff\xfe", b'{"a": NaN}', b"[" * 1000, b"9" * 6000]
)
def test_what_is_no_header_is_refused(tmp_path: Path, text: bytes):
    assert refusal(raw_file(tmp_path, text, data=8))


@pytest.mark.parametrize(
    ("beginning", "problem"),
    [
        (b"<!DOCTYPE html><html>", "is a web page in a model's name"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (b"PK\x03\x04" + b"\0" * 90, "is a pickle in spite of its name"),
        (b"\x80\x02}q\x00X", "is a pickle in spite of its name"),
        (b"\x80\x04\x95\x1f\x00X", "is a pickle in spite of its name"),
        (b"GGUF\x03\x00\x00\x00", "is a GGUF file"),
    ],
)
def test_other_files_in_a_models_name_are_told(tmp_path: Path, beginning: bytes, problem: str):
    file = tmp_path / "x.safetensors"
    file.write_bytes(beginning.ljust(200, b" "))
    assert problem in refusal(file)


def test_a_header_as_long_as_a_web_page_begins_is_none(tmp_path: Path):
    """Its length is its first byte: 60, as "<"."""
    header = json.dumps({"a": entry()}).encode()
    file = raw_file(tmp_path, header.replace(b" ", b"").ljust(ord("<")), data=8)
    assert file.read_bytes().startswith(b"<")
    assert isinstance(identify_file(file).contents, Unknown)


def test_what_is_no_file_is_refused(tmp_path: Path):
    assert "is no file" in refusal(tmp_path)
    assert "is no file" in refusal(tmp_path / "gone.safetensors")


@pytest.mark.parametrize("kind", [ModelKind.SDXL_BASE, ModelKind.SDXL_REFINER, ModelKind.SD1, ModelKind.SD2])
@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_checkpoint_with_half_of_its_keys_lacks_tensors(tmp_path: Path, kind: ModelKind, which: int):
    names = sorted(original(shapes(kind, Widths.SMALL)))
    kept = names[::2] if which == 0 else names[1::2] if which == 1 else random.Random(1).sample(names, len(names) // 2)
    weights = checkpoint_of(kind)
    file = write(tmp_path / "x.safetensors", {name: weights[name] for name in kept})
    assert refusal(file).startswith("lacks ")


def checkpoint_of(kind: ModelKind) -> Weights:
    return original(shapes(kind, Widths.SMALL))


@pytest.mark.parametrize(
    ("missing", "part"),
    [
        ("model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight", "UNet"),
        ("model.diffusion_model.output_blocks.3.0.in_layers.2.bias", "UNet"),
        ("model.diffusion_model.time_embed.0.weight", "UNet"),
        ("model.diffusion_model.input_blocks.3.0.op.bias", "UNet"),
        ("first_stage_model.decoder.up.2.block.1.conv1.weight", "VAE"),
        ("first_stage_model.encoder.mid.attn_1.q.weight", "VAE"),
        ("first_stage_model.decoder.conv_out.bias", "VAE"),
        ("cond_stage_model.transformer.text_model.encoder.layers.7.mlp.fc1.weight", "text encoder"),
        ("cond_stage_model.transformer.text_model.final_layer_norm.bias", "text encoder"),
    ],
)
def test_a_single_missing_tensor_is_named(tmp_path: Path, missing: str, part: str):
    weights = checkpoint_of(ModelKind.SD1)
    del weights[missing]
    said = refusal(write(tmp_path / "x.safetensors", weights))
    name = missing.partition("text_model.")[2] or missing.partition("_model.")[2]
    assert said == f"lacks a tensor of its {part}, such as {name}; download or copy it again."


@pytest.mark.parametrize("gone", ["lora_up.weight", "lora_down.weight"])
def test_a_lora_with_half_of_its_keys_lacks_tensors(tmp_path: Path, gone: str):
    weights = a_small_lora()
    some = [name for name in weights if name.endswith(gone)]
    for name in some:
        del weights[name]
    assert f"lacks {len(some)} tensors of its changes" in refusal(write(tmp_path / "x.safetensors", weights))


def test_a_lora_of_rank_0_changes_nothing(tmp_path: Path):
    weights = lora(ModelKind.SD1, rank=0, only=lambda module: "mid_block" in module)
    assert "has rank 0" in refusal(write(tmp_path / "x.safetensors", weights))


def test_a_lora_whose_factors_do_not_fit_is_damaged(tmp_path: Path):
    weights = a_small_lora()
    name = next(name for name in weights if name.endswith("lora_up.weight"))
    weights[name] = torch.zeros(96, 5)
    assert "its two factors of lora_unet_mid_block" in refusal(write(tmp_path / "x.safetensors", weights))


def test_half_an_embedding_is_refused(tmp_path: Path):
    weights = embedding(ModelKind.SDXL_BASE, Widths.FULL)
    del weights["clip_l"]
    assert "lacks a tensor of its embedding, such as clip_l" in refusal(write(tmp_path / "x.safetensors", weights))


def test_a_checkpoint_in_a_vaes_name_is_told_as_what_it_is(tmp_path: Path):
    file = write(tmp_path / "x.vae", checkpoint_of(ModelKind.SD1))
    assert isinstance(identify_file(file).contents, Checkpoint)


FULL_HEADER = 12 * 2**20 - 100


def repeated(before: bytes, piece: Callable[[int], bytes], behind: bytes, most: int) -> bytes:
    """As many pieces as fit the largest header that is read."""
    count = min(most, FULL_HEADER // (len(piece(most)) + 1))
    return before + b",".join(map(piece, range(count))) + behind


@pytest.mark.parametrize(
    "header",
    [
        repeated(b'{"a":[', lambda _: b"{}", b"]}", 10**7),
        repeated(b'{"a":[', lambda _: b"[]", b"]}", 10**7),
        repeated(b"{", lambda number: b'"%07d":{}' % number, b"}", 10**7),
        repeated(b"{", lambda number: b'"%07d":[[],[]]' % number, b"}", 59_000 // 3),
        repeated(b'{"a":[', lambda number: b"%d" % (10**9 + number), b"]}", 490_000),
        repeated(b"{", lambda number: b'"%07d":%d' % (number, 10**9), b"}", 490_000),
        b'{"a":"' + "a😀".encode() * (FULL_HEADER // 5) + b'"}',
        b'{"a":' + b"[" * (FULL_HEADER // 2) + b"]" * (FULL_HEADER // 2) + b"}",
        b'{"' + b"a." * (FULL_HEADER // 2) + b'":1}',
    ],
    ids=["objects", "lists", "entries", "nested", "numbers", "keys", "text", "deep", "dots"],
)  # fmt: skip
def test_a_header_made_to_fill_the_memory_does_not(tmp_path: Path, header: bytes):
    file = raw_file(tmp_path, header, data=8)
    assert costs(lambda: refusal(file)) < MOST_BYTES


def test_many_tensors_with_names_made_to_be_taken_apart_cost_little(tmp_path: Path):
    """Names in the forms that the networks' names are looked for in, as many as fit."""
    names = [
        f"model.diffusion_model.input_blocks.{n % 999}.{n % 9}.transformer_blocks.{n % 997}.x{n}" for n in range(19_000)
    ]
    file = write_header(tmp_path / "x.safetensors", dict.fromkeys(names, ("F32", ())))
    assert costs(lambda: refusal(file)) < MOST_BYTES
    look(file)
