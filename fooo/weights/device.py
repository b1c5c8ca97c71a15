"""The device that draws."""

import gc
from typing import Any, assert_never, cast

import psutil
import torch

from fooo.weights.memory_policy import DeviceInfo, DeviceKind


def find_device(*, always_cpu: bool = False) -> DeviceInfo:
    """The best device of this machine, or its processor."""
    if not always_cpu and torch.cuda.is_available():
        properties = cast(Any, torch.cuda).get_device_properties(0)
        return DeviceInfo(
            kind=DeviceKind.CUDA,
            name=properties.name,
            memory=properties.total_memory,
            free=torch.cuda.mem_get_info()[0],
            quick_bfloat16=torch.cuda.is_bf16_supported(including_emulation=False),
        )
    if not always_cpu and torch.xpu.is_available():
        properties = cast(Any, torch.xpu).get_device_properties(0)
        return DeviceInfo(
            kind=DeviceKind.XPU,
            name=properties.name,
            memory=properties.total_memory,
            free=_free_of_xpu(properties.total_memory),
            quick_bfloat16=True,
        )
    memory = psutil.virtual_memory()
    if not always_cpu and torch.backends.mps.is_available():
        # the processor's memory is the card's too, but the system keeps some of it from the card
        free = min(memory.available, cast(Any, torch.mps).recommended_max_memory())
        return DeviceInfo(kind=DeviceKind.MPS, name="Apple GPU", memory=memory.total, free=free, quick_bfloat16=False)
    # There is no public question for this one; the private one is guarded so that its absence means no.
    quick = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    return DeviceInfo(
        kind=DeviceKind.CPU,
        name="CPU",
        memory=memory.total,
        free=memory.available,
        quick_bfloat16=bool(quick()),
    )


def cards() -> tuple[str, ...]:
    """The names of this machine's graphics cards, in PyTorch's order; of the kind that `find_device` prefers."""
    if torch.cuda.is_available():
        return tuple(f"cuda:{number}" for number in range(torch.cuda.device_count()))
    if torch.xpu.is_available():
        return tuple(f"xpu:{number}" for number in range(torch.xpu.device_count()))
    return ("mps",) if torch.backends.mps.is_available() else ()


def free_memory(device: DeviceKind) -> None:
    """Give back what is held of the device's memory and used by no tensor any more."""
    gc.collect()
    match device:
        case DeviceKind.CUDA:
            torch.cuda.empty_cache()
        case DeviceKind.XPU:
            torch.xpu.empty_cache()
        case DeviceKind.MPS:
            torch.mps.empty_cache()
        case DeviceKind.CPU:
            pass
        case _:
            assert_never(device)


def _free_of_xpu(total: int) -> int:
    try:
        return int(cast(Any, torch.xpu).mem_get_info()[0])
    except RuntimeError:  # some drivers cannot say
        return total
