import pytest

from fooo.weights.memory_policy import GIB, DeviceInfo, DeviceKind, Precision, choose_policy

SDXL, POCKET = 7 * GIB, 40 * 2**20


def device(kind: DeviceKind, gib: int, *, bf16: bool) -> DeviceInfo:
    return DeviceInfo(kind=kind, name="x", memory=gib * GIB, quick_bfloat16=bf16)


@pytest.mark.parametrize(
    ("kind", "gib", "bf16", "weights", "precision", "vae", "offload"),
    [
        (DeviceKind.CPU, 24, True, POCKET, Precision.FLOAT32, Precision.FLOAT32, False),
        (DeviceKind.CPU, 24, True, SDXL, Precision.BFLOAT16, Precision.BFLOAT16, False),
        (DeviceKind.CPU, 24, False, SDXL, Precision.FLOAT32, Precision.FLOAT32, False),
        (DeviceKind.CUDA, 24, True, SDXL, Precision.BFLOAT16, Precision.BFLOAT16, False),
        (DeviceKind.CUDA, 8, True, SDXL, Precision.BFLOAT16, Precision.BFLOAT16, True),
        (DeviceKind.CUDA, 8, False, SDXL, Precision.FLOAT16, Precision.FLOAT32, True),
        (DeviceKind.CUDA, 4, False, POCKET, Precision.FLOAT16, Precision.FLOAT32, False),
        (DeviceKind.MPS, 16, False, SDXL, Precision.FLOAT16, Precision.FLOAT32, False),
    ],
)
def test_the_policy_fits_the_machine(
    kind: DeviceKind, gib: int, bf16: bool, weights: int, precision: Precision, vae: Precision, offload: bool
):
    policy = choose_policy(device(kind, gib, bf16=bf16), weights=weights)
    assert (policy.precision, policy.vae_precision, policy.offload) == (precision, vae, offload)


@pytest.mark.parametrize("weights", [POCKET, SDXL])
@pytest.mark.parametrize("bf16", [True, False])
def test_a_processor_never_computes_in_float16(weights: int, bf16: bool):
    assert choose_policy(device(DeviceKind.CPU, 8, bf16=bf16), weights=weights).precision is not Precision.FLOAT16
