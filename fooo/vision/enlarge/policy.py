"""How pictures are enlarged: a pure decision from what the machine is to the numbers and the tiles it computes with."""

from dataclasses import dataclass, replace
from math import isqrt

from fooo.weights.memory_policy import GIB, DeviceInfo, DeviceKind, Precision, more_exact

_MOST_ROOM = {DeviceKind.CPU: GIB, DeviceKind.MPS: GIB, DeviceKind.CUDA: 4 * GIB, DeviceKind.XPU: 4 * GIB}
"""Bytes for what flows between the layers; larger tiles would gain nothing."""
_SHARE = 0.5
"""Of the free memory."""
_BYTES = {2: 2048, 4: 3072}
"""That flow between the layers of R-ESRGAN's large network for a pixel of a tile, by the bytes of a number."""
_LEAST, _MOST = 192, 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class EnlargePolicy:
    """What is done.

    Attributes:
        device: Where it is computed.
        precision: In what.
        tile: Pixels along a tile's sides, those around it that have a say in it among them.
    """

    device: DeviceKind
    precision: Precision
    tile: int


def choose_enlarge_policy(device: DeviceInfo) -> EnlargePolicy:
    """The quickest numbers that are exact enough, in tiles for which the memory is enough.

    Half precision rounds eight times as finely as bfloat16, which is left to processors: they have nothing else.
    """
    if device.kind is not DeviceKind.CPU:
        precision = Precision.FLOAT16
    else:
        precision = Precision.BFLOAT16 if device.quick_bfloat16 else Precision.FLOAT32
    room = min(_MOST_ROOM[device.kind], int(device.free * _SHARE))
    return EnlargePolicy(device=device.kind, precision=precision, tile=_tile(room, precision))


def in_smaller_tiles(policy: EnlargePolicy) -> EnlargePolicy | None:
    """With half the memory; None below the least."""
    return replace(policy, tile=max(_LEAST, policy.tile * 7 // 10)) if policy.tile > _LEAST else None


def more_exactly(policy: EnlargePolicy) -> EnlargePolicy | None:
    """In numbers of a wider range or of more digits, in no more memory; None above all."""
    precision = more_exact(policy.precision)
    if precision is None:
        return None
    room = policy.tile**2 * _BYTES[policy.precision.bytes]
    return replace(policy, precision=precision, tile=_tile(room, precision))


def _tile(room: int, precision: Precision) -> int:
    return min(_MOST, max(_LEAST, isqrt(room // _BYTES[precision.bytes])))
