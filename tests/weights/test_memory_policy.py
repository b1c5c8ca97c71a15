"""Which policy fits which machine; the whole table is in `tests/golden/policies.json`."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fooo.events import Placement
from fooo.weights.memory_policy import (
    GIB,
    DeviceInfo,
    DeviceKind,
    MemoryPolicy,
    ModelSizes,
    Precision,
    choose_policy,
    lowered,
    more_exact,
)

SDXL = ModelSizes(unets=(2_570_000_000,), towers=(123_000_000, 695_000_000), vae=84_000_000, pixels=1024 * 1024)
POCKET = ModelSizes(unets=(11_000_000,), towers=(1_000_000,), vae=3_000_000, pixels=128 * 128)
ORDER = [Placement.STREAMED, Placement.ONE_AT_A_TIME, Placement.ALL]


@st.composite
def devices(draw: st.DrawFn) -> DeviceInfo:
    memory, taken = draw(st.integers(GIB, 80 * GIB)), draw(st.integers(0, 4 * GIB))
    kind, bf16 = draw(st.sampled_from(DeviceKind)), draw(st.booleans())
    return DeviceInfo(kind=kind, name="x", memory=memory, free=max(0, memory - taken), quick_bfloat16=bf16)


def device(kind: DeviceKind, gib: float, *, bf16: bool) -> DeviceInfo:
    return DeviceInfo(kind=kind, name="x", memory=int(gib * GIB), free=int(gib * GIB), quick_bfloat16=bf16)


def weights(policy: MemoryPolicy, sizes: ModelSizes) -> tuple[int, ...]:
    return sizes.each(policy.precision, policy.vae_precision)


@pytest.mark.parametrize(
    ("kind", "bf16", "sizes", "precision", "vae"),
    [
        (DeviceKind.CPU, True, POCKET, Precision.FLOAT32, Precision.FLOAT32),
        (DeviceKind.CPU, True, SDXL, Precision.BFLOAT16, Precision.BFLOAT16),
        (DeviceKind.CPU, False, SDXL, Precision.FLOAT32, Precision.FLOAT32),
        (DeviceKind.CUDA, True, SDXL, Precision.BFLOAT16, Precision.BFLOAT16),
        (DeviceKind.CUDA, False, SDXL, Precision.FLOAT16, Precision.FLOAT32),
        (DeviceKind.MPS, False, POCKET, Precision.FLOAT16, Precision.FLOAT32),
    ],
)
def test_the_precision_is_the_one_that_the_device_is_quick_in(
    kind: DeviceKind, bf16: bool, sizes: ModelSizes, precision: Precision, vae: Precision
):
    policy = choose_policy(device(kind, 16, bf16=bf16), sizes)
    assert (policy.precision, policy.vae_precision) == (precision, vae)


def test_a_vae_that_is_safe_in_float16_is_computed_in_it_and_only_there():
    for kind in (DeviceKind.CUDA, DeviceKind.CPU):
        policy = choose_policy(device(kind, 16, bf16=False), SDXL, safe_vae=True)
        assert policy.vae_precision is policy.precision
    assert choose_policy(device(DeviceKind.CUDA, 16, bf16=False), SDXL, safe_vae=True).precision is Precision.FLOAT16


@given(devices(), st.sampled_from([SDXL, POCKET]), st.booleans())
def test_a_processor_never_computes_in_float16(device: DeviceInfo, sizes: ModelSizes, low: bool):
    policy = choose_policy(replace(device, kind=DeviceKind.CPU), sizes, low_memory=low, safe_vae=low)
    assert Precision.FLOAT16 not in {policy.precision, policy.vae_precision}


@given(devices(), st.sampled_from([SDXL, POCKET]))
def test_what_lies_on_the_device_together_is_never_more_than_there_is(device: DeviceInfo, sizes: ModelSizes):
    policy = choose_policy(device, sizes)
    assert policy.room is not None
    assert policy.room <= device.free
    match policy.placement:
        case Placement.ALL:
            assert sum(weights(policy, sizes)) <= policy.room
        case Placement.ONE_AT_A_TIME:
            assert max(weights(policy, sizes)) <= policy.room < sum(weights(policy, sizes))
        case Placement.STREAMED:
            assert policy.room < max(weights(policy, sizes))


@given(devices(), st.integers(0, 8 * GIB), st.sampled_from([SDXL, POCKET]))
def test_more_memory_never_makes_it_slower(device: DeviceInfo, more: int, sizes: ModelSizes):
    larger = replace(device, memory=device.memory + more, free=device.free + more)
    here, there = (choose_policy(each, sizes) for each in (device, larger))
    assert ORDER.index(there.placement) >= ORDER.index(here.placement)


@given(devices(), st.sampled_from([SDXL, POCKET]), st.booleans())
def test_lowering_ends_at_the_least_and_computes_the_same(device: DeviceInfo, sizes: ModelSizes, low: bool):
    policy: MemoryPolicy | None = choose_policy(device, sizes, low_memory=low)
    steps: list[MemoryPolicy] = []
    while policy is not None:
        steps.append(policy)
        policy = lowered(policy, sizes)
    assert len(steps) <= 4
    assert len(set(steps)) == len(steps)
    assert len({(each.precision, each.vae_precision) for each in steps}) == 1
    least = steps[-1]
    assert (least.placement, least.room, least.rows, least.tiled_vae) == (Placement.STREAMED, 0, 1, True)
    places = [ORDER.index(each.placement) for each in steps]
    assert places == sorted(places, reverse=True)


def test_who_wants_little_memory_taken_gets_the_least_that_costs_no_second_reading():
    policy = choose_policy(device(DeviceKind.CUDA, 80, bf16=True), SDXL, low_memory=True)
    assert (policy.placement, policy.room, policy.tiled_vae) == (Placement.STREAMED, 0, True)
    # one by one, the guesses with the words and without would each have all layers come once more
    assert policy.rows == 2


def test_numbers_become_more_exact_up_to_float32():
    chain = [Precision.FLOAT16]
    while (following := more_exact(chain[-1])) is not None:
        chain.append(following)
    assert chain == [Precision.FLOAT16, Precision.BFLOAT16, Precision.FLOAT32]
