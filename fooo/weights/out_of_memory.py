"""Tells running out of memory from every other failure: torch has an error of its own for accelerators only."""

import torch

from fooo.errors import OutOfMemory

_TEXTS = (
    "can't allocate memory", "not enough memory", "out of memory", "alloc_failed", "outofmemory",
    "out_of_device_memory", "out_of_host_memory",
)  # fmt: skip
"""What torch's allocator for the processor says on Linux and macOS, and on Windows; what drivers and libraries say."""


def is_out_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(text in str(error).lower() for text in _TEXTS)


def out_of_memory() -> OutOfMemory:
    return OutOfMemory("The memory is not enough for this picture; choose a smaller size, or close other programs.")
