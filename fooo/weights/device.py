"""The device that draws."""

from typing import Any, cast

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
            quick_bfloat16=torch.cuda.is_bf16_supported(including_emulation=False),
        )
    if not always_cpu and torch.xpu.is_available():
        properties = cast(Any, torch.xpu).get_device_properties(0)
        return DeviceInfo(
            kind=DeviceKind.XPU, name=properties.name, memory=properties.total_memory, quick_bfloat16=True
        )
    memory = psutil.virtual_memory().total
    if not always_cpu and torch.backends.mps.is_available():
        return DeviceInfo(kind=DeviceKind.MPS, name="Apple GPU", memory=memory, quick_bfloat16=False)
    # There is no public question for this one; the private one is guarded so that its absence means no.
    quick = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    return DeviceInfo(
        kind=DeviceKind.CPU,
        name="CPU",
        memory=memory,
        quick_bfloat16=bool(quick()),
    )
