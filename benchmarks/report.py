"""Measured figures into a page of the documentation: each table stands between two marks of its own."""

import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psutil
import torch

from fooo.weights import DeviceInfo, DeviceKind


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    measured: str
    wanted: str = ""


def table(rows: Sequence[Row]) -> str:
    lines = [f"| {row.what} | {row.measured} | {row.wanted} |" for row in rows]
    return "\n".join(["| what | measured | wanted |", "|---|---|---|", *lines])


def put_into(page: Path, name: str, text: str) -> None:
    """Replace what stands between `<!-- name -->` and `<!-- end of name -->`.

    Raises:
        ValueError: The page has no such marks.
    """
    content = page.read_text(encoding="utf-8")
    marks = f"<!-- {name} -->", f"<!-- end of {name} -->"
    pattern = re.compile(rf"(?<={re.escape(marks[0])}\n).*?(?={re.escape(marks[1])})", re.DOTALL)
    if not pattern.search(content):
        raise ValueError(f"{page} has no place for {name}")
    page.write_text(pattern.sub(lambda _: f"\n{text}\n\n", content), encoding="utf-8")


def machine(device: DeviceInfo) -> str:
    """What measured, with how many threads, in a sentence's length."""
    memory = f"{psutil.virtual_memory().total / 2**30:.0f} GiB"
    versions = f"Python {platform.python_version()}, torch {cast(Any, torch).__version__.partition('+')[0]}"
    if device.kind is DeviceKind.CPU:
        kinds = ("avx512_bf16", "avx512f", "avx2")
        known = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
        best = next((f" with {kind}" for kind in kinds if kind in known), "")
        return f"{_threads()} of {os.cpu_count()} processor cores{best}, {memory}, no graphics card, {versions}"
    return f"{device.name}, {device.memory / 2**30:.0f} GiB, {_threads()} of {os.cpu_count()} cores, {versions}"


def _threads() -> str:
    """How many compute at once, and where they may; a thread more than there are cores makes all of them slower."""
    threads = cast(int, cast(Any, torch).get_num_threads())
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{threads} thread{'' if threads == 1 else 's'} on {cores}"
