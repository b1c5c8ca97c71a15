"""500 mutated headers: none crashes, hangs or fills the memory; each ends in a sentence or in an answer."""

import importlib
import json
import random
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from fooo.catalog import ModelKind
from fooo.catalog.identify import identify_file
from fooo.catalog.model_files.header import read_header
from fooo.errors import ModelError
from tests.adapter_files import embedding
from tests.damaged_files import MOST_BYTES, a_small_lora, look, raw_file
from tests.model_files import checkpoint, write

safetensors: Any = importlib.import_module("safetensors")

Change = Callable[[random.Random, dict[str, Any]], None]


def swap_offsets(rng: random.Random, header: dict[str, Any]) -> None:
    one, other = rng.sample(list(header), 2)
    header[one]["data_offsets"], header[other]["data_offsets"] = (
        header[other]["data_offsets"],
        header[one]["data_offsets"],
    )


def move_offsets(rng: random.Random, header: dict[str, Any]) -> None:
    header[rng.choice(list(header))]["data_offsets"][rng.randrange(2)] += rng.choice([-8, 1, 2**40, -(2**62)])


def change_shape(rng: random.Random, header: dict[str, Any]) -> None:
    header[rng.choice(list(header))]["shape"] = rng.choice([[], [0], [-1], [2**62, 2**62], [1.5], ["a"], None, [[1]]])


def change_shapes_alike(rng: random.Random, header: dict[str, Any]) -> None:
    """Swaps axes everywhere: as large as before, and of other widths."""
    for each in header.values():
        each["shape"] = rng.sample(each["shape"] or [], len(each["shape"] or []))


def change_dtype(rng: random.Random, header: dict[str, Any]) -> None:
    nonsense: list[object] = ["F16", "F64", "X", "", None, 7, [], {}]
    header[rng.choice(list(header))]["dtype"] = rng.choice(nonsense)


def change_entry(rng: random.Random, header: dict[str, Any]) -> None:
    nonsense: list[object] = [None, 0, "a", [], {}, {"dtype": "F32"}, [[[]]]]
    header[rng.choice(list(header))] = rng.choice(nonsense)


def rename(rng: random.Random, header: dict[str, Any]) -> None:
    words = ["clip_l", "lora_controlnet", "visual.", "image_proj.latents", "v_pred", "input_blocks.0", "lokr_w1", "a.b"]
    for name in rng.sample(list(header), max(1, len(header) // 3)):
        header[rng.choice(words) + name[rng.randrange(len(name)) :] * rng.randrange(3)] = header.pop(name)


def leave_out(rng: random.Random, header: dict[str, Any]) -> None:
    for name in rng.sample(list(header), len(header) // 2):
        del header[name]


def add_notes(rng: random.Random, header: dict[str, Any]) -> None:
    nonsense = ["", "a", "{", "[1]", '{"a": {"b": 1e999}}', '{"a": {"b": "c", "d": -3}}', "\0", "😀" * 5000, "[" * 9000]
    keys = ["ss_tag_frequency", "modelspec.title", "modelspec.resolution", "modelspec.trigger_phrase"]
    header["__metadata__"] = {key: rng.choice(nonsense) for key in keys}


CHANGES: tuple[Change, ...] = (
    swap_offsets, move_offsets, change_shape, change_shapes_alike, change_dtype, change_entry, rename, leave_out,
    add_notes,
)  # fmt: skip


def mutated(rng: random.Random, header: Mapping[str, Any]) -> bytes:
    """The header with some of the changes, and then sometimes with letters exchanged, lost or doubled."""
    changed = json.loads(json.dumps(header))
    for change in rng.choices(CHANGES, k=rng.randrange(3)):
        if len(changed) > 2 and all(isinstance(each, dict) and "shape" in each for each in changed.values()):
            change(rng, changed)
    text = bytearray(json.dumps(changed).encode())
    for _ in range(rng.choice([0, 0, 1, 3, 30])):
        if not text:
            break
        at = rng.randrange(len(text))
        match rng.randrange(3):
            case 0:
                text[at] = rng.randrange(256)
            case 1:
                del text[at : at + rng.randrange(1, 40)]
            case _:
                text[at:at] = text[at : at + rng.randrange(1, 40)]
    return bytes(text)


def header_of(file: Path) -> dict[str, Any]:
    content = file.read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    del header["__metadata__"]
    return header


@pytest.fixture(scope="module")
def headers(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    file = tmp_path_factory.mktemp("headers") / "x.safetensors"
    kinds = [a_small_lora(), embedding(ModelKind.SDXL_BASE), {**a_small_lora(), **embedding(ModelKind.SD1)}]
    kinds.append({name: weight for name, weight in checkpoint(ModelKind.SD1).items() if "put_blocks.1." in name})
    return [header_of(write(file, weights)) for weights in kinds]


@pytest.mark.parametrize("tenth", range(10))
def test_500_mutated_headers_end_in_a_sentence_or_an_answer(tmp_path: Path, headers: list[dict[str, Any]], tenth: int):
    rng = random.Random(tenth)

    def look_at_fifty() -> None:
        for _ in range(50):
            header = mutated(rng, rng.choice(headers))
            length = None if rng.random() < 0.9 else rng.choice([0, 1, 2**20, 2**63, len(header) - 1, len(header) + 1])
            look(raw_file(tmp_path, header, length=length, data=rng.choice([0, 8, 4096, 300_000])))

    tracemalloc.start()
    try:
        look_at_fifty()
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()


def test_the_mutations_reach_behind_the_first_check(tmp_path: Path, headers: list[dict[str, Any]]):
    """Some are refused, for different reasons, and some are still understood: else the test above sees nothing."""
    rng = random.Random(1)
    answers: set[str] = set()
    for _ in range(150):
        header = rng.choice(headers)
        size = max(each["data_offsets"][1] for each in header.values())
        try:
            answers.add(type(identify_file(raw_file(tmp_path, mutated(rng, header), data=size)).contents).__name__)
        except ModelError as error:
            answers.add(error.problem.partition(" ")[0] + error.problem[-6:])
    assert {"Lora", "Embedding"} <= answers
    assert len(answers) > 8


def is_read_by_safetensors(file: Path) -> bool:
    try:
        with safetensors.safe_open(file, framework="pt"):
            return True
    except safetensors.SafetensorError:
        return False


def test_whatever_safetensors_itself_reads_is_not_called_damaged(tmp_path: Path, headers: list[dict[str, Any]]):
    rng = random.Random(2)
    read = 0
    for _ in range(400):
        header = rng.choice(headers)
        size = max(each["data_offsets"][1] for each in header.values())
        file = raw_file(tmp_path, mutated(rng, header), data=size)
        if is_read_by_safetensors(file):
            read_header(file)
            read += 1
    assert 50 < read < 350
