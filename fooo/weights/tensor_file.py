"""A safetensors file as tensors: views of the mapped file, of which nothing is read before it is computed with."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors
import torch

from fooo.errors import ModelError

_safetensors: Any = safetensors

FileState = tuple[int, int]
"""Bytes, and the time of the last change in nanoseconds."""


def file_state(file: Path) -> FileState:
    """By which it is seen that a file was exchanged; that of a missing one is like no other's."""
    try:
        state = file.stat()
    except OSError:
        return (-1, 0)
    return state.st_size, state.st_mtime_ns


@dataclass(frozen=True, eq=False, slots=True)
class TensorFile:
    """An open file. Attributes: metadata: What it says about itself."""

    names: tuple[str, ...]
    metadata: Mapping[str, str]
    _opened: Any

    def read(self, name: str) -> torch.Tensor:
        """Raises: KeyError: There is no such tensor."""
        return self._opened.get_tensor(name)


@contextmanager
def open_tensors(file: Path) -> Generator[TensorFile]:
    """The file, open; the tensors that were read from it outlive it.

    Raises:
        ModelError: It is missing or damaged.
    """
    try:
        with _safetensors.safe_open(file, framework="pt") as opened:
            yield TensorFile(tuple(opened.keys()), opened.metadata() or {}, opened)
    except FileNotFoundError:
        raise ModelError(file, "is missing", "copy it again") from None
    except OSError as error:
        raise ModelError(file, f"cannot be read ({error.strerror})", "look at its rights, or copy it again") from None
    except safetensors.SafetensorError:
        raise ModelError(file, "is damaged or cut short", "copy it again") from None
