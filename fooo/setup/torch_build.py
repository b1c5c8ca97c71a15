"""Which build of PyTorch fits this machine, and where pip gets it; standard library only, as PyTorch is not there yet.

A build is named as PyTorch's own wheel index names it: cpu, cu126, cu130, rocm7.2, xpu; mps for a Mac's GPU.
"""

import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

TORCH_INDEX: Final = "https://download.pytorch.org/whl/"
# What the Python package index itself has for a system, without a tag in its version.
INDEX_BUILD: Final[Mapping[str, str]] = {"linux": "cu130", "win32": "cpu", "darwin": "mps"}
ROCM: Final = "rocm7.2"
# CUDA 13 has no code for cards before 2018 (compute capability 7.5) and needs driver 580; CUDA 12.6 serves those.
CUDA, OLD_CUDA = "cu130", "cu126"
TAG: Final = re.compile(r"cpu|xpu|cu\d+|rocm[\d.]+")


class Cost(NamedTuple):
    """What a person is told before the download starts."""

    name: str
    download: str
    minutes: str
    disk: int
    """GB, with all other packages."""


_COSTS: Final = {
    "cp": Cost("CPU", "200 MB", "1-3 minutes", 3),
    "mp": Cost("Apple's GPU", "100 MB", "1-3 minutes", 3),
    "cu": Cost("NVIDIA's CUDA", "3 GB", "5-20 minutes", 10),
    "ro": Cost("AMD's ROCm", "5 GB", "5-30 minutes", 20),
    "xp": Cost("Intel's XPU", "2 GB", "5-15 minutes", 10),
}
_UNKNOWN_COST: Final = Cost("the index you named", "up to 5 GB", "1-30 minutes", 3)


def read_wish(typed: str) -> str:
    """`typed` when it names builds or an index address.

    Raises:
        ValueError: It does not.
    """
    if typed in {"cpu", "cuda", "rocm", "xpu", "mps"} or "://" in typed or TAG.fullmatch(typed):
        return typed
    raise ValueError(f"{typed!r} is no build of PyTorch: cpu, cuda, rocm, xpu, mps or the address of an index")


def resolve(wish: str | None) -> str:
    """The build, or index address, that `wish` means here; None: the one for the device."""
    if wish is None:
        return _detect()
    return _cuda() if wish == "cuda" else ROCM if wish == "rocm" else wish


def cost_of(build: str) -> Cost:
    return _COSTS.get(_tag(build)[:2], _UNKNOWN_COST)


def build_of(version: str, requires: Iterable[str]) -> str:
    """Which build a wheel of PyTorch is: the tag in its version, or else what its libraries tell."""
    tag = version.partition("+")[2]
    if tag or sys.platform != "linux":
        return tag or INDEX_BUILD[sys.platform]
    here = (one for one in requires if "platform_machine" not in one or platform.machine() in one)
    return CUDA if any(one.startswith(("nvidia-", "cuda-")) for one in here) else "cpu"


def serves(have: str, wanted: str, *, exact: bool) -> bool:
    """Whether the build that is there will do; unless `exact`, the CPU is served by any, a newer card by any CUDA."""
    if exact or wanted == OLD_CUDA:
        return have == _tag(wanted)
    return wanted in {"cpu", have} or have[:2] == wanted[:2]


def source(wanted: str, *, pinned: str, local: Iterable[tuple[str, str]]) -> list[str]:
    """What to tell pip so that it takes the `wanted` build.

    Args:
        wanted: A build or an index address.
        pinned: PyTorch's version in constraints.txt.
        local: (version, build) of the wheels in folders that pip is set up with; these come first.

    Indexes are not asked what they have: pip's dry run downloads the whole wheel to say it. The tag in the version
    keeps the wheels of every other source out.
    """
    for version, build in local:
        if build == wanted:
            return [f"torch=={version}"]
    if wanted == INDEX_BUILD.get(sys.platform) or (sys.platform == "darwin" and "://" not in wanted):
        return ["torch"]
    index = wanted if "://" in wanted else TORCH_INDEX + wanted
    if TAG.fullmatch(_tag(wanted)):
        return [f"torch=={pinned}+{_tag(wanted)}", "--extra-index-url", index]
    return ["torch", "--index-url", index]


def _detect() -> str:
    if sys.platform == "darwin":
        return "mps"
    if _cards() or Path("/proc/driver/nvidia/version").exists():
        return _cuda()
    if Path("/dev/kfd").exists() and (Path("/opt/rocm").exists() or shutil.which("rocminfo")):
        return ROCM
    return "xpu" if shutil.which("xpu-smi") or any(Path("/sys/bus/pci/drivers/xe").glob("0000:*")) else "cpu"


def _cuda() -> str:
    return OLD_CUDA if any(driver < 580 or power < 7.5 for driver, power in _cards()) else CUDA


def _cards() -> list[tuple[int, float]]:
    """Driver and compute capability of each NVIDIA card."""
    query = ["nvidia-smi", "--query-gpu=driver_version,compute_cap", "--format=csv,noheader"]
    try:
        told = subprocess.run(query, capture_output=True, text=True, timeout=20, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return []
    found = re.findall(r"^(\d+)[\d.]*, *(\d+\.\d+)", told, re.MULTILINE)
    return [(int(driver), float(power)) for driver, power in found]


def _tag(build: str) -> str:
    return build.rstrip("/").rpartition("/")[2]
