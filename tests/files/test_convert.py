"""Pickles: what is in them comes out as safetensors, and what they would do is not done."""

import importlib
import os
import pickle
import subprocess
import sys
import types
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import torch

from fooo.catalog.model_files.header import read_header
from fooo.errors import ModelError
from fooo.files import convert
from fooo.files.pickle_child import read, tensors_in, write
from fooo.settings import ROOT, bare_environment

safetensors: Any = importlib.import_module("safetensors.torch")

WEIGHTS = {
    "float": torch.arange(6, dtype=torch.float32).reshape(2, 3),
    "half": torch.tensor([1.5, -2.0], dtype=torch.float16),
    "bfloat": torch.tensor([[3.0]], dtype=torch.bfloat16),
    "eight": torch.tensor([1.0, 2.0]).to(torch.float8_e4m3fn),
    "whole": torch.tensor([1, 2**40]),
    "truth": torch.tensor([True, False, True]),
    "scalar": torch.tensor(7.0),
    "empty": torch.zeros(0, 4),
    "turned": torch.arange(6.0).reshape(2, 3).T,
    "红色 weight": torch.ones(3),
}


def same(found: dict[str, torch.Tensor], wanted: dict[str, torch.Tensor]) -> bool:
    def told(tensors: dict[str, torch.Tensor]) -> dict[str, object]:
        # by their bytes: torch compares no eight-bit floats
        return {
            name: (tensor.dtype, tensor.shape, bytes(tensor.contiguous().reshape(-1).view(torch.uint8).numpy()))
            for name, tensor in tensors.items()
        }

    return told(found) == told(wanted)


def in_child_code(path: Path) -> dict[str, torch.Tensor]:
    """What the child takes from a pickle, here: for files whose reading is bounded without it."""
    size = path.stat().st_size
    return tensors_in(read(path, size), size)


class Runs:
    """A pickle that calls something when it is opened."""

    def __init__(self, call: Callable[..., object], *arguments: object) -> None:
        self._called = (call, arguments)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self._called


def test_a_checkpoint_becomes_safetensors_beside_it_number_for_number(tmp_path: Path):
    path = tmp_path / "model.ckpt"
    torch.save({"state_dict": WEIGHTS, "epoch": 3, "optimizer_states": [{"a": torch.zeros(1)}]}, path)
    assert convert(path) == tmp_path / "model.safetensors"
    assert same(safetensors.load_file(tmp_path / "model.safetensors"), WEIGHTS)
    assert path.is_file()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["model.ckpt", "model.safetensors"]


def marker_writer(marker: Path) -> Runs:
    return Runs(subprocess.call, [sys.executable, "-c", f"open({str(marker)!r}, 'w')"])


def test_a_hostile_pickle_is_refused_and_does_nothing(tmp_path: Path):
    path, marker = tmp_path / "x.ckpt", tmp_path / "it ran"
    torch.save({"state_dict": WEIGHTS, "note": marker_writer(marker)}, path)
    with pytest.raises(ModelError, match=r"is refused: it would run \w+\.call; get the model as a \.safetensors"):
        convert(path)
    assert [each.name for each in tmp_path.iterdir()] == ["x.ckpt"]
    torch.load(path, weights_only=False)
    assert marker.exists(), "the file is as hostile as it should be"


@pytest.mark.filterwarnings("ignore:Detected pickle protocol:UserWarning")
@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_a_bare_hostile_pickle_does_nothing_either(tmp_path: Path, protocol: int):
    path, marker = tmp_path / "x.pt", tmp_path / "it ran"
    path.write_bytes(pickle.dumps(marker_writer(marker), protocol=protocol))
    with pytest.raises(pickle.UnpicklingError):
        in_child_code(path)
    assert not marker.exists()
    with path.open("rb") as file:
        pickle.load(file)
    assert marker.exists(), "the file is as hostile as it should be"


def test_a_pickle_that_asks_for_memory_without_end_is_refused(tmp_path: Path):
    if sys.platform != "linux":
        pytest.skip("only Linux bounds the memory of a process")
    path = tmp_path / "x.pt"
    # 64 GiB of numbers from 40 bytes: torch.Tensor may be called, as it must be for real weights
    torch.save({"a": Runs(torch.Tensor, 2**34)}, path)
    with pytest.raises(ModelError, match="more memory than its size explains"):
        convert(path)


def deflated(path: Path) -> None:
    torch.save({"a": torch.zeros(2**22)}, path)
    with zipfile.ZipFile(path) as old:
        parts = {entry.filename: old.read(entry) for entry in old.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    assert path.stat().st_size < 100_000


def repeated(path: Path) -> None:
    torch.save({"a": torch.zeros(1).expand(10**12)}, path)


def shared(path: Path) -> None:
    one = torch.zeros(1000)
    torch.save({f"a{number}": one for number in range(1000)}, path)


def endless_names(path: Path) -> None:
    torch.save({"n" * 600: torch.zeros(1)}, path)


@pytest.mark.parametrize("made", [deflated, repeated, shared, endless_names])
def test_a_file_that_would_grow_is_refused(tmp_path: Path, made: Callable[[Path], None]):
    path = tmp_path / "x.pt"
    made(path)
    with pytest.raises(SystemExit, match="refused: it unpacks to more than it is"):
        in_child_code(path)


def test_a_bomb_is_one_sentence_and_leaves_nothing(tmp_path: Path):
    deflated(tmp_path / "x.pt")
    with pytest.raises(ModelError, match=r"x\.pt is refused: it unpacks to more than it is; get"):
        convert(tmp_path / "x.pt")
    assert [each.name for each in tmp_path.iterdir()] == ["x.pt"]


def test_a_pickle_that_was_cut_short_is_one_sentence(tmp_path: Path):
    path = tmp_path / "x.bin"
    torch.save({"a": torch.rand(2000)}, path)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(ModelError, match="is refused: it is damaged, or holds something else than weights"):
        convert(path)


def test_the_old_format_is_read(tmp_path: Path):
    weights = {name: tensor for name, tensor in WEIGHTS.items() if name != "eight"}  # younger than the format
    torch.save(weights, tmp_path / "x.pth", _use_new_zipfile_serialization=False)
    assert same(in_child_code(tmp_path / "x.pth"), weights)


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ({"params_ema": {"conv.weight": torch.ones(1)}, "params": {"other": torch.ones(1)}}, ["conv.weight"]),
        ({"string_to_token": {"*": 265}, "string_to_param": {"*": torch.ones(1, 768)}}, ["string_to_param.*"]),
        (
            {"image_proj": {"a": torch.ones(1)}, "ip_adapter": {"1.b": torch.ones(1)}},
            ["image_proj.a", "ip_adapter.1.b"],
        ),
        ({"clip_l": torch.ones(1), "clip_g": torch.nn.Parameter(torch.ones(1))}, ["clip_l", "clip_g"]),
        ({1: torch.ones(1), ("x",): torch.ones(1), "text": "no weights"}, ["1"]),
    ],
)
def test_tensors_keep_the_names_that_their_readers_know(tmp_path: Path, content: dict[str, Any], names: list[str]):
    torch.save(content, tmp_path / "x.pt")
    assert list(in_child_code(tmp_path / "x.pt")) == names


@pytest.mark.parametrize("content", [{}, {"a": 1}, [torch.ones(1)], "text"])
def test_a_pickle_without_weights_is_refused(tmp_path: Path, content: object):
    torch.save(content, tmp_path / "x.pt")
    with pytest.raises(SystemExit, match="refused: it holds no weights"):
        in_child_code(tmp_path / "x.pt")


def test_numbers_of_other_kinds_are_refused(tmp_path: Path):
    torch.save({"a": torch.zeros(2, dtype=torch.complex64)}, tmp_path / "x.pt")
    with pytest.raises(SystemExit, match="a kind that is not known here"):
        in_child_code(tmp_path / "x.pt")


def test_what_trainers_kept_beside_the_weights_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    names = "pytorch_lightning", "pytorch_lightning.callbacks", "pytorch_lightning.callbacks.model_checkpoint"
    modules = {name: types.ModuleType(name) for name in names}
    checkpoint = type("ModelCheckpoint", (), {"__module__": names[-1]})
    cast(Any, modules[names[-1]]).ModelCheckpoint = checkpoint
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    kept = checkpoint()
    vars(kept)["best"] = 1
    torch.save({"callbacks": {checkpoint: kept}, "state_dict": WEIGHTS}, tmp_path / "x.ckpt")
    monkeypatch.undo()
    assert same(in_child_code(tmp_path / "x.ckpt"), WEIGHTS)


def test_the_written_file_is_aligned_and_read_by_safetensors(tmp_path: Path):
    path = tmp_path / "x.safetensors"
    with path.open("wb") as file:
        write(file, WEIGHTS)
    assert same(safetensors.load_file(path), WEIGHTS)
    assert int.from_bytes(path.read_bytes()[:8], "little") % 8 == 0


LOCKED = """
import os, socket, subprocess, sys, tempfile, shutil, ctypes
from fooo.files.pickle_child import refuse_everything_else
sys.addaudithook(refuse_everything_else)
folder = sys.argv[1]
tries = {
    "socket": lambda: socket.create_connection(("127.0.0.1", 9)),
    "name": lambda: socket.getaddrinfo("localhost", 80),
    "process": lambda: subprocess.run(["true"]),
    "shell": lambda: os.system("true"),
    "fork": lambda: os.fork(),
    "write": lambda: open(folder + "/new", "w"),
    "append": lambda: os.open(folder + "/old", os.O_WRONLY | os.O_APPEND),
    "remove": lambda: os.remove(folder + "/old"),
    "rename": lambda: os.rename(folder + "/old", folder + "/new"),
    "folder": lambda: os.mkdir(folder + "/new"),
    "copy": lambda: shutil.copy(folder + "/old", folder + "/new"),
    "library": lambda: ctypes.CDLL(None),
}
for name, attempt in tries.items():
    try:
        attempt()
    except PermissionError:
        continue
    print(name)
print(open(folder + "/old").read())
"""


@pytest.mark.skipif(os.name != "posix", reason="forks")
def test_the_child_can_read_and_do_nothing_else(tmp_path: Path):
    (tmp_path / "old").write_text("still here")
    done = subprocess.run(
        [sys.executable, "-c", LOCKED, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.split("\n")[0] == "still here", done.stdout + done.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["old"]


def test_the_child_is_told_no_secrets(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert set(bare_environment()) <= {"SYSTEMROOT", "LD_LIBRARY_PATH"}


def test_a_pickle_in_a_safetensors_files_name_is_told_what_to_do(tmp_path: Path):
    path = tmp_path / "x.safetensors"
    torch.save({"a": torch.zeros(2)}, path)
    with pytest.raises(ModelError, match=r"give it the ending \.ckpt"):
        read_header(path)
    with pytest.raises(ModelError, match=r"give it the ending \.ckpt first"):
        convert(path)
    assert convert(path.rename(tmp_path / "x.ckpt")) == path


def test_nothing_is_written_over(tmp_path: Path):
    torch.save(WEIGHTS, tmp_path / "x.pt")
    (tmp_path / "x.safetensors").write_text("mine")
    with pytest.raises(ModelError, match=r"x\.safetensors is there already; move it away first"):
        convert(tmp_path / "x.pt")
    with pytest.raises(ModelError, match="is no file"):
        convert(tmp_path / "none.pt")
