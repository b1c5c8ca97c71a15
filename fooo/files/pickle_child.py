"""A program of its own: reads the tensors of one pickle and writes them as safetensors, able to do nothing else.

Started by `fooo.files.convert` as `python -I -B pickle_child.py SOURCE TARGET SECONDS`, so that a hostile file meets a
process without network, tokens or a place to write. Whatever goes wrong ends it; `convert` reads why.
"""

import json
import os
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, cast

import torch

_MOST_TENSORS = 100_000
_LONGEST_NAME = 500
_WRAPPERS = ("state_dict", "params_ema", "params")
"""Under one of these, trainers put the weights beside what else they keep."""

_DEEPEST = 3

_NUMBERS = {
    torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16",
    torch.float8_e4m3fn: "F8_E4M3", torch.float8_e5m2: "F8_E5M2",
    torch.int64: "I64", torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL",
}  # fmt: skip

_HARMLESS = (
    "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint",
    "pytorch_lightning.callbacks.early_stopping.EarlyStopping",
    "numpy.core.multiarray.scalar",
    "numpy._core.multiarray.scalar",
    "numpy.dtype",
)
"""What trainers of 2022 kept beside the weights: `Ignored` takes their place."""

_FORBIDDEN = (
    "socket.", "subprocess.", "ctypes.", "shutil.", "urllib.", "ftplib.", "smtplib.", "webbrowser.", "os.system",
    "os.exec", "os.spawn", "os.posix_spawn", "os.fork", "os.startfile", "os.kill", "os.remove", "os.rename", "os.rmdir",
    "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown", "os.putenv", "pty.spawn",
)  # fmt: skip
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Ignored:
    """Stands where an object was that is not wanted."""

    def __init__(self, *_: object, **__: object) -> None: ...
    def __setstate__(self, state: object) -> None: ...


def main(source: Path, target: Path, seconds: int) -> None:
    size = source.stat().st_size
    with target.open("wb") as file:
        limit(size, seconds)
        sys.addaudithook(refuse_everything_else)
        write(file, tensors_in(read(source, size), size))


def limit(size: int, seconds: int) -> None:
    """Bound what this process may take, as far as the system can.

    Args:
        size: Of the source, in bytes.
        seconds: Of the processor's time.
    """
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not on Windows

    _lower(resource.RLIMIT_CPU, seconds)
    _lower(resource.RLIMIT_FSIZE, 2 * size + 2**26)
    _lower(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux":
        taken = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        # the file once mapped and once copied, and what a reader needs beside it
        _lower(resource.RLIMIT_AS, taken + 2 * size + 2**29)


def _lower(which: int, most: int) -> None:
    import resource  # noqa: PLC0415 - not on Windows

    _, hard = resource.getrlimit(which)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (most, most))


def refuse_everything_else(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: Python asks it before each such step, and it cannot be taken away again.

    Raises:
        PermissionError: The step is none that reading weights needs.
    """
    opens_to_write = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING
    if opens_to_write or event.startswith(_FORBIDDEN):
        raise PermissionError(f"refused: it tried {event}")


def read(source: Path, size: int) -> object:
    """What the pickle holds, tensors and plain values; nothing in it is called.

    Raises:
        SystemExit: It unpacks to more than it is.
    """
    is_zip = zipfile.is_zipfile(source)
    if is_zip:
        with zipfile.ZipFile(source) as archive:
            entries = archive.infolist()
        packed = any(entry.compress_type != zipfile.ZIP_STORED for entry in entries)
        if packed or sum(entry.file_size for entry in entries) > size:
            sys.exit("refused: it unpacks to more than it is")
    torch.set_num_threads(1)
    with torch.serialization.safe_globals([(Ignored, name) for name in _HARMLESS]):
        return torch.load(source, map_location="cpu", weights_only=True, mmap=is_zip)


def tensors_in(content: object, size: int) -> dict[str, torch.Tensor]:
    """The tensors by name; those of mappings in mappings by both names, with a dot between.

    Raises:
        SystemExit: There are none, or they are more than the file can hold.
    """
    wrapped = next((_mapping(content)[name] for name in _WRAPPERS if _mapping(_mapping(content).get(name))), content)
    found: dict[str, torch.Tensor] = {}
    total = 0
    for name, tensor in _named_tensors(wrapped, "", 1):
        total += _checked_bytes(tensor)
        if len(found) == _MOST_TENSORS or total > 2 * size or len(name) > _LONGEST_NAME:
            sys.exit("refused: it unpacks to more than it is")
        found[name] = tensor
    if not found:
        sys.exit("refused: it holds no weights")
    return found


def _mapping(value: object) -> Mapping[object, object]:
    return cast(Mapping[object, object], value) if isinstance(value, Mapping) else {}


def _named_tensors(value: object, prefix: str, depth: int) -> Iterator[tuple[str, torch.Tensor]]:
    for key, inner in _mapping(value).items():
        if not isinstance(key, str | int):
            continue  # nobody names weights so, and such a key can be endless when it is written out
        if isinstance(inner, torch.Tensor):
            yield f"{prefix}{key}", inner.detach()
        elif depth < _DEEPEST:
            yield from _named_tensors(inner, f"{prefix}{key}.", depth + 1)


def _checked_bytes(tensor: torch.Tensor) -> int:
    """How many bytes the tensor takes when written out."""
    if tensor.layout != torch.strided or tensor.device.type != "cpu" or tensor.dtype not in _NUMBERS:
        sys.exit(f"refused: it holds numbers of a kind that is not known here ({tensor.dtype})")
    taken = tensor.numel() * tensor.element_size()
    if taken > tensor.untyped_storage().nbytes():
        sys.exit("refused: it unpacks to more than it is")
    return taken


def write(file: IO[bytes], tensors: Mapping[str, torch.Tensor]) -> None:
    """Write a safetensors file, one tensor after the other; only one is copied at a time.

    Source: https://github.com/huggingface/safetensors, "Format".
    """
    # the widest numbers first, so that each lies at a multiple of its width
    names = sorted(tensors, key=lambda name: (-tensors[name].element_size(), name))
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name in names:
        tensor = tensors[name]
        end = at + tensor.numel() * tensor.element_size()
        header[name] = {"dtype": _NUMBERS[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    file.write(len(text).to_bytes(8, "little") + text)
    for name in names:
        file.write(tensors[name].contiguous().reshape(-1).view(torch.uint8).numpy().data)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
