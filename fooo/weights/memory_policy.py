"""How models are held in memory: a pure decision from what the machine is to what is done on it."""

from dataclasses import dataclass, replace
from enum import StrEnum

from fooo.events import Placement

GIB = 2**30
_MEGAPIXEL = 2**20
_SMALL = 1 * GIB
"""Bytes of weights in 16 bits. Smaller models are drawn in float32 on a processor: nobody notices what that costs."""

_ROW = 0.35 * GIB
"""Bytes that flow through an SDXL UNet for each row of a call: 16 bits a number, a picture of one megapixel."""
_DECODING = 2.3 * GIB
"""The same of the VAE's decoder."""
_TILE = 0.4
"""Megapixels of a tile, as `pipeline/vae.py` cuts them."""
_SHARE_IN_PIECES = 0.05
"""Of the device's memory: what allocators lose between the pieces."""
_GROUP_SHARE = 0.05
"""Of a network: the largest group of layers that is streamed at once."""
_ENOUGH_FOR_MPS = 64 * GIB
_MOST_ROWS = 16


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

    @property
    def bytes(self) -> int:
        """Of a number."""
        return 4 if self is Precision.FLOAT32 else 2


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceInfo:
    """What draws.

    Attributes:
        memory: Bytes of its memory.
        free: Bytes of it that no other program had taken when Fooo started.
        quick_bfloat16: Whether it multiplies bfloat16 in hardware.
    """

    kind: DeviceKind
    name: str
    memory: int
    free: int
    quick_bfloat16: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSizes:
    """How large the networks are that draw a picture together.

    Attributes:
        unets, towers: Numbers in each.
        vae: Numbers in it.
        pixels: Of the picture.
    """

    unets: tuple[int, ...]
    towers: tuple[int, ...]
    vae: int
    pixels: int

    def each(self, precision: Precision, vae_precision: Precision) -> tuple[int, ...]:
        """Bytes of each network, the VAE's last."""
        return (*(size * precision.bytes for size in (*self.unets, *self.towers)), self.vae * vae_precision.bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPolicy:
    """What is done.

    Attributes:
        precision: Of the UNets and the text encoders.
        vae_precision: Of the VAE: SDXL's overflows in float16.
        placement: Which networks lie on the device together.
        room: Bytes on the device for weights; None: as many as there are.
        rows: Most guesses that one call of a UNet makes together.
        sliced_attention: Whether a network attends to the picture piece by piece.
        tiled_vae: Whether a picture is decoded tile by tile.
    """

    device: DeviceKind
    precision: Precision
    vae_precision: Precision
    placement: Placement = Placement.ALL
    room: int | None = None
    rows: int = _MOST_ROWS
    sliced_attention: bool = False
    tiled_vae: bool = False


def choose_policy(
    device: DeviceInfo, sizes: ModelSizes, *, low_memory: bool = False, safe_vae: bool = False
) -> MemoryPolicy:
    """The quickest policy for which the memory is enough.

    Args:
        device: What draws.
        sizes: Of what it draws with.
        low_memory: Whether as little memory as possible shall be taken.
        safe_vae: Whether the VAE is known to stay in float16's range.
    """
    precision = _precision(device, sizes)
    overflows = precision is Precision.FLOAT16 and not safe_vae
    base = MemoryPolicy(
        device=device.kind,
        precision=precision,
        vae_precision=Precision.FLOAT32 if overflows else precision,
        # elsewhere attention never holds the whole table of each pixel against each
        sliced_attention=device.kind is DeviceKind.MPS and device.memory < _ENOUGH_FOR_MPS,
    )
    each = sizes.each(base.precision, base.vae_precision)
    if low_memory:
        return replace(base, placement=Placement.STREAMED, room=0, rows=2, tiled_vae=True)
    for placement, wanted, tiled in (
        (Placement.ALL, sum(each), False),
        (Placement.ALL, sum(each), True),
        # one that has to leave for each picture to be decoded costs more time than tiles do
        (Placement.ONE_AT_A_TIME, max(each) + each[-1], False),
        (Placement.ONE_AT_A_TIME, max(each), True),
    ):
        room = _room(device, sizes, replace(base, tiled_vae=tiled))
        if wanted <= room:
            rows = _rows(sizes, base, room - wanted) if placement is Placement.ALL else 2
            return replace(base, placement=placement, room=room, rows=rows, tiled_vae=tiled)
    policy = replace(base, placement=Placement.STREAMED, rows=2, tiled_vae=True)
    return replace(policy, room=max(0, _room(device, sizes, policy) - round(max(each) * _GROUP_SHARE)))


def lowered(policy: MemoryPolicy, sizes: ModelSizes) -> MemoryPolicy | None:
    """The policy that takes less memory by one step; None below the least."""
    largest = max(sizes.each(policy.precision, policy.vae_precision))
    match policy.placement:
        case Placement.ALL:
            return replace(policy, placement=Placement.ONE_AT_A_TIME, room=largest, rows=2, tiled_vae=True)
        case Placement.ONE_AT_A_TIME:
            return replace(policy, placement=Placement.STREAMED, room=largest // 2, rows=2, tiled_vae=True)
        case Placement.STREAMED:
            least = replace(policy, room=0, rows=1, sliced_attention=True, tiled_vae=True)
            return None if policy == least else least


def more_exact(precision: Precision) -> Precision | None:
    """The next precision in which fewer numbers are broken: of a wider range, then of more digits; None above all."""
    match precision:
        case Precision.FLOAT16:
            return Precision.BFLOAT16
        case Precision.BFLOAT16:
            return Precision.FLOAT32
        case Precision.FLOAT32:
            return None


def _precision(device: DeviceInfo, sizes: ModelSizes) -> Precision:
    """A processor computes float16 hundreds of times slower than bfloat16 or float32, so it never does."""
    if device.quick_bfloat16 and device.kind is not DeviceKind.CPU:
        return Precision.BFLOAT16
    match device.kind:
        case DeviceKind.CPU:
            small = sum(sizes.each(Precision.FLOAT16, Precision.FLOAT16)) < _SMALL
            return Precision.FLOAT32 if small or not device.quick_bfloat16 else Precision.BFLOAT16
        case DeviceKind.CUDA | DeviceKind.XPU | DeviceKind.MPS:
            return Precision.FLOAT16


def _room(device: DeviceInfo, sizes: ModelSizes, policy: MemoryPolicy) -> int:
    """Bytes that are left for weights beside what flows between the layers; below 0 where that alone is too much."""
    megapixels = sizes.pixels / _MEGAPIXEL
    decoded = min(megapixels, _TILE) if policy.tiled_vae else megapixels
    guessing = 2 * _ROW * megapixels * policy.precision.bytes / 2
    decoding = _DECODING * decoded * policy.vae_precision.bytes / 2
    return round(device.free - device.memory * _SHARE_IN_PIECES - max(guessing, decoding))


def _rows(sizes: ModelSizes, policy: MemoryPolicy, spare: int) -> int:
    a_row = _ROW * sizes.pixels / _MEGAPIXEL * policy.precision.bytes / 2
    return min(_MOST_ROWS, 2 + int(spare / a_row))
