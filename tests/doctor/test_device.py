"""The card: code for it, numbers from it, memory on it."""

import math

import pytest
import torch

from fooo.doctor import State
from fooo.doctor.device import (
    GIB,
    LAYERS,
    check_architecture,
    check_card_memory,
    check_computation,
    check_device,
    differences,
    sample_inputs,
)
from fooo.weights import DeviceKind


@pytest.mark.parametrize(
    ("architecture", "compiled", "fits"),
    [
        ("sm_89", ["sm_80", "sm_86", "sm_90"], True),  # code of the same generation
        ("sm_120", ["sm_80", "sm_90", "compute_90"], True),  # translated when it is loaded
        ("sm_120", ["sm_75", "sm_80", "sm_86", "sm_90"], False),  # a new card and an old PyTorch
        ("sm_61", ["sm_75", "sm_80", "sm_120"], False),  # an old card and a new PyTorch
        ("sm_86", ["sm_89"], False),
        ("sm_103", ["sm_100a"], False),  # code for one card alone
        ("sm_90", [], False),
        ("gfx1100", ["gfx1030", "gfx1100"], True),
        ("gfx803", ["gfx1030", "gfx1100"], False),
    ],
)
def test_a_card_needs_code_that_runs_on_it(architecture: str, compiled: list[str], fits: bool):
    found = check_architecture("A card", architecture, compiled)
    assert found.state is (State.OK if fits else State.FAULT)
    assert architecture in found.found
    assert bool(found.mend) is not fits


@pytest.mark.parametrize(
    ("total", "free", "mend"),
    [(24, 20, ""), (24, 4, "Close the other programs"), (3, 3, "preset pocket")],
)
def test_little_memory_on_the_card_is_a_warning(total: int, free: int, mend: str):
    found = check_card_memory(total * GIB, free * GIB)
    assert found.state is (State.WARNING if mend else State.OK)
    assert mend in found.mend


@pytest.mark.parametrize("wrong", [0.5, math.nan, math.inf])
def test_a_layer_that_computes_wrongly_is_a_fault_by_name(wrong: float):
    found = check_computation({"linear layers": wrong, "attention": 0.01})
    assert (found.state, found.found) == (State.FAULT, "wrongly: linear layers")
    assert "--always-cpu" in found.mend


def test_this_machines_processor_computes_rightly():
    found = {each.name: each for each in check_device(always_cpu=True)}
    assert found["Draws on"].found == "CPU (cpu)"
    assert (found["Computes"].state, found["Computes"].found) == (State.OK, "rightly")


@pytest.mark.parametrize(
    ("number", "least", "most"),
    # rounding of 24 and of 8 bits, a few roundings deep: it is seen, and is no fault
    [(torch.float32, 1e-9, 1e-5), (torch.bfloat16, 1e-4, 0.02)],
)
def test_rounding_is_told_from_wrong_results(number: torch.dtype, least: float, most: float):
    found = differences(DeviceKind.CPU, number)
    assert all(least < difference < most for difference in found.values()), found
    assert check_computation(found).state is State.OK


@pytest.mark.parametrize("name", sample_inputs())
def test_a_device_that_loses_any_of_the_numbers_is_found_out(name: str):
    inputs = sample_inputs()
    lost = {**inputs, name: torch.zeros_like(inputs[name])}
    wrong = {
        layer: float((compute(lost) - compute(inputs)).abs().max() / compute(inputs).abs().max())
        for layer, compute in LAYERS.items()
    }
    assert check_computation(wrong).state is State.FAULT
