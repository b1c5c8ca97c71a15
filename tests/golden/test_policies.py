"""How models are held on machines of each size, kept as a file: a change of what Fooo decides is meant.

To write it anew: python -m tests.golden.test_policies
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fooo.weights import DeviceInfo, DeviceKind, MemoryPolicy, ModelSizes, choose_policy
from fooo.weights.memory_policy import GIB

FILE = Path(__file__).parent / "policies.json"

_CLIP_L, _BIG_G, _VAE = 123_060_480, 694_659_840, 83_653_863
_XL, _XL_REFINER, _SD1 = 2_567_463_684, 2_259_526_660, 859_520_964
"""Numbers in the networks, as `tests.model_files.shapes` has them."""
MODELS = {
    "SDXL base and refiner": ModelSizes(
        unets=(_XL, _XL_REFINER), towers=(_CLIP_L, _BIG_G), vae=_VAE, pixels=1024 * 1024
    ),
    "SDXL base": ModelSizes(unets=(_XL,), towers=(_CLIP_L, _BIG_G), vae=_VAE, pixels=1024 * 1024),
    "SD 1.x": ModelSizes(unets=(_SD1,), towers=(_CLIP_L,), vae=_VAE, pixels=512 * 512),
    "pocket": ModelSizes(unets=(11_385_476, 3_800_100), towers=(961_280, 1_472_960), vae=3_236_095, pixels=128 * 128),
}


def card(gib: int, *, bf16: bool = True) -> DeviceInfo:
    """Half a GiB of it is the screen's."""
    return DeviceInfo(
        kind=DeviceKind.CUDA, name="x", memory=gib * GIB, free=int((gib - 0.5) * GIB), quick_bfloat16=bf16
    )


def processor(gib: int, *, bf16: bool) -> DeviceInfo:
    """The system and other programs have 2.5 GiB."""
    return DeviceInfo(kind=DeviceKind.CPU, name="x", memory=gib * GIB, free=int((gib - 2.5) * GIB), quick_bfloat16=bf16)


MACHINES = {
    **{f"{gib} GB card": card(gib) for gib in (4, 6, 8, 12, 24)},
    "4 GB card without bfloat16": card(4, bf16=False),
    "8 GB card without bfloat16": card(8, bf16=False),
    "Apple, 16 GB": DeviceInfo(
        kind=DeviceKind.MPS, name="x", memory=16 * GIB, free=int(10.5 * GIB), quick_bfloat16=False
    ),
    **{f"CPU only, {gib} GB, bfloat16": processor(gib, bf16=True) for gib in (8, 16, 32)},
    **{f"CPU only, {gib} GB": processor(gib, bf16=False) for gib in (8, 16)},
}


def policies() -> dict[str, dict[str, Any]]:
    found = {
        machine: {model: readable(choose_policy(device, sizes)) for model, sizes in MODELS.items()}
        for machine, device in MACHINES.items()
    }
    wish = {model: readable(choose_policy(card(24), sizes, low_memory=True)) for model, sizes in MODELS.items()}
    safe = {"SDXL base": readable(choose_policy(card(8, bf16=False), MODELS["SDXL base"], safe_vae=True))}
    return found | {"24 GB card, --memory low": wish, "8 GB card without bfloat16, with a VAE mended for it": safe}


def readable(policy: MemoryPolicy) -> dict[str, Any]:
    room = "all" if policy.room is None else f"{policy.room / GIB:.1f} GiB"
    return asdict(policy) | {"room": room}


def test_the_policies_are_the_ones_that_are_kept():
    assert policies() == json.loads(FILE.read_text(encoding="utf-8"))


def write() -> None:
    FILE.write_text(json.dumps(policies(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
