"""Files with headers of any kind, and what it may cost to look at one."""

import struct
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path

from fooo.catalog import ModelKind
from fooo.catalog.identify import identify_file
from fooo.errors import ModelError
from tests.adapter_files import lora
from tests.model_files import Weights
from tests.stopwatch import seconds

MOST_SECONDS = 1.0
MOST_BYTES = 100_000_000


def a_small_lora() -> Weights:
    """With real numbers, in the middle of the UNet only."""
    return lora(ModelKind.SD1, only=lambda module: "mid_block" in module)


def raw_file(folder: Path, header: bytes, *, length: int | None = None, data: int = 0) -> Path:
    """Args: length: What it claims of the header, where that is not true. data: Bytes behind the header."""
    file = folder / "x.safetensors"
    with file.open("wb") as stream:
        stream.write(struct.pack("<Q", len(header) if length is None else length) + header)
        stream.truncate(8 + len(header) + data)
    return file


def costs(call: Callable[[], object]) -> int:
    """Bytes that were allocated at once, at most; longer than `MOST_SECONDS` of computing fails."""
    tracemalloc.start()
    try:
        # the watch over memory makes everything some five times slower
        assert seconds(call, enough=5 * MOST_SECONDS) < 5 * MOST_SECONDS
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def look(file: Path) -> None:
    """Both ways; any error but the one with a sentence fails."""
    for thorough in (True, False):
        said = "."
        try:
            identify_file(file, thorough=thorough)
        except ModelError as error:
            said = str(error)
        assert said.endswith(".")
        assert "\n" not in said
        assert seconds(partial(identify_file, file, thorough=thorough), enough=MOST_SECONDS) < MOST_SECONDS
