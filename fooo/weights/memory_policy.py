"""How networks are held: a pure decision from what the machine is to what is done on it."""

from dataclasses import dataclass
from enum import StrEnum

GIB = 2**30
_SMALL = 1 * GIB
_SHARE_FOR_WEIGHTS = 0.7
"""Of the device's memory; the rest is for what flows between the layers."""


class DeviceKind(StrEnum):
    CPU = "cpu"
    CUDA = "cuda"
    """NVIDIA, and AMD through ROCm."""
    XPU = "xpu"
    MPS = "mps"


class Precision(StrEnum):
    FLOAT32 = "float32"
    FLOAT16 = "float16"
    BFLOAT16 = "bfloat16"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceInfo:
    """What draws.

    Attributes:
        memory: Bytes of its memory.
        quick_bfloat16: Whether it multiplies bfloat16 in hardware.
    """

    kind: DeviceKind
    name: str
    memory: int
    quick_bfloat16: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPolicy:
    """What is done.

    Attributes:
        precision: Of the UNets and the text encoders.
        vae_precision: Of the VAE: SDXL's overflows in float16.
        offload: Whether each network leaves the device after its use.
    """

    device: DeviceKind
    precision: Precision
    vae_precision: Precision
    offload: bool


def choose_policy(device: DeviceInfo, *, weights: int) -> MemoryPolicy:
    """The policy for drawing with models of `weights` bytes on disk, taken as 16-bit numbers.

    A processor computes float16 hundreds of times slower than bfloat16 or float32, so it never does. Small models are
    drawn in float32 there: it costs nothing that a person notices.
    """
    match device.kind:
        case DeviceKind.CPU:
            small = weights < _SMALL or not device.quick_bfloat16
            precision = Precision.FLOAT32 if small else Precision.BFLOAT16
            return MemoryPolicy(device=device.kind, precision=precision, vae_precision=precision, offload=False)
        case DeviceKind.CUDA | DeviceKind.XPU | DeviceKind.MPS:
            half = Precision.BFLOAT16 if device.quick_bfloat16 else Precision.FLOAT16
            return MemoryPolicy(
                device=device.kind,
                precision=half,
                vae_precision=half if half is Precision.BFLOAT16 else Precision.FLOAT32,
                offload=weights > device.memory * _SHARE_FOR_WEIGHTS,
            )
