"""What is computed in which numbers and how large tiles are, by machine."""

from dataclasses import replace

import pytest

from fooo.vision.enlarge import EnlargePolicy, choose_enlarge_policy
from fooo.vision.enlarge.policy import in_smaller_tiles, more_exactly
from fooo.weights import DeviceInfo, DeviceKind, Precision

GIB = 2**30
PROCESSOR = DeviceInfo(kind=DeviceKind.CPU, name="CPU", memory=16 * GIB, free=12 * GIB, quick_bfloat16=True)
CARD = DeviceInfo(kind=DeviceKind.CUDA, name="GPU", memory=24 * GIB, free=20 * GIB, quick_bfloat16=True)


@pytest.mark.parametrize(
    ("device", "precision"),
    [
        (PROCESSOR, Precision.BFLOAT16),
        (replace(PROCESSOR, quick_bfloat16=False), Precision.FLOAT32),
        (CARD, Precision.FLOAT16),
        (replace(CARD, kind=DeviceKind.MPS), Precision.FLOAT16),
    ],
)
def test_the_numbers_are_the_quickest_that_are_exact_enough(device: DeviceInfo, precision: Precision):
    assert choose_enlarge_policy(device).precision is precision


def test_more_memory_gives_larger_tiles_up_to_a_bound():
    sides = [choose_enlarge_policy(replace(PROCESSOR, free=free)).tile for free in (0, GIB // 2, GIB, 64 * GIB)]
    assert sides == sorted(sides)
    assert sides[0] == 192
    # a tile of a processor takes a gibibyte at most, at 2 kB a pixel
    assert sides[-1] ** 2 * 2048 <= GIB
    assert choose_enlarge_policy(CARD).tile == 1024


def test_tiles_become_smaller_down_to_a_bound():
    policy: EnlargePolicy | None = choose_enlarge_policy(CARD)
    sides: list[int] = []
    while policy:
        sides.append(policy.tile)
        policy = in_smaller_tiles(policy)
    assert sides == sorted(set(sides), reverse=True)
    assert sides[-1] == 192


def test_more_exact_numbers_take_no_more_memory():
    policy = choose_enlarge_policy(CARD)
    raised = more_exactly(policy)
    assert raised is not None
    assert (raised.precision, raised.tile) == (Precision.BFLOAT16, policy.tile)
    highest = more_exactly(raised)
    assert highest is not None
    assert highest.precision is Precision.FLOAT32
    assert highest.tile < policy.tile
    assert more_exactly(highest) is None
