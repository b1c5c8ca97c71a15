"""What draws: whether PyTorch knows the card, computes rightly on it, and how much memory it has."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

import torch
from torch.nn import functional

from fooo.doctor.finding import Area, Finding, State
from fooo.weights import DeviceKind, find_device

GIB = 2**30
_LITTLE_MEMORY = 4 * GIB
_LARGEST_DIFFERENCE = 0.05
"""Of the largest number: bfloat16 keeps eight bits, and errs by 0.004 a rounding. A broken kernel is wrong by 1."""

_COMPILED = re.compile(r"(sm|compute)_(\d+)(\d)([a-z]?)")

Inputs = Mapping[str, torch.Tensor]
LAYERS: Mapping[str, Callable[[Inputs], torch.Tensor]] = {
    "linear layers": lambda given: functional.linear(given["rows"], given["matrix"], given["bias"]),
    "convolutions": lambda given: functional.conv2d(given["picture"], given["kernel"], padding=1),
    "attention": lambda given: functional.scaled_dot_product_attention(given["heads"], given["heads"], given["heads"]),
    "normalisation": lambda given: functional.silu(functional.group_norm(given["picture"], 4)),
}
"""The kinds of layers that an SDXL model is made of; each with inputs of its own."""


def check_device(*, always_cpu: bool) -> Iterator[Finding]:
    """Of the device that will draw."""
    device = find_device(always_cpu=always_cpu)
    yield Finding(area=Area.DEVICE, name="Draws on", state=State.OK, found=f"{device.name} ({device.kind.value})")
    if device.kind is DeviceKind.CUDA:
        yield _architecture_here(device.name)
        free, total = torch.cuda.mem_get_info()
        yield check_card_memory(total, free)
    half = torch.bfloat16 if device.quick_bfloat16 else torch.float16
    plain = device.kind is DeviceKind.CPU and not device.quick_bfloat16
    yield check_computation(differences(device.kind, torch.float32 if plain else half))


def check_architecture(card: str, architecture: str, compiled: Sequence[str]) -> Finding:
    """Whether PyTorch has code for the card.

    Args:
        card: Its name.
        architecture: `sm_` with its compute capability, such as `sm_89`; of AMD's such as `gfx1100`.
        compiled: What PyTorch was compiled for, as `torch.cuda.get_arch_list` tells.

    Source: NVIDIA, "CUDA C++ Programming Guide", binary and PTX compatibility.
    """
    fits = any(_runs(architecture, each) for each in compiled)
    return Finding(
        area=Area.DEVICE,
        name="Code for it",
        state=State.OK if fits else State.FAULT,
        found=f"PyTorch {torch.__version__} has {'' if fits else 'no '}code for {card} ({architecture})",
        mend="" if fits else "Start once with --torch cuda (for AMD, --torch rocm), or draw with --always-cpu.",
    )


def check_card_memory(total: int, free: int) -> Finding:
    """Args: total, free: Bytes of the card's memory."""
    if total < _LITTLE_MEMORY:
        mend = "SDXL models will be slow: draw with the preset pocket, or with --always-cpu."
    elif free < total / 2:
        mend = "Close the other programs that use the card, such as games and browsers."
    else:
        mend = ""
    return Finding(
        area=Area.DEVICE,
        name="Card's memory",
        state=State.WARNING if mend else State.OK,
        found=f"{total / GIB:.1f} GiB, {free / GIB:.1f} GiB of it free",
        mend=mend,
    )


def check_computation(differences: Mapping[str, float]) -> Finding:
    """Args: differences: By kind of layer: from the right result, as a share of its largest number; NaN is wrong."""
    wrong = [name for name, difference in differences.items() if not difference <= _LARGEST_DIFFERENCE]
    return Finding(
        area=Area.DEVICE,
        name="Computes",
        state=State.FAULT if wrong else State.OK,
        found=f"wrongly: {', '.join(wrong)}" if wrong else "rightly",
        mend="Update the card's driver and PyTorch; until then draw with --always-cpu." if wrong else "",
    )


def differences(device: DeviceKind, number: torch.dtype) -> dict[str, float]:
    """Each kind of layer on the device, against the processor in double precision, as a share of its largest number."""
    inputs = sample_inputs()
    on_device = {name: tensor.to(number).to(device.value) for name, tensor in inputs.items()}
    return {name: _difference(layer(on_device), layer(inputs)) for name, layer in LAYERS.items()}


def sample_inputs() -> Inputs:
    """The same numbers each time, for all of `LAYERS`."""
    generator = torch.Generator().manual_seed(0)
    shapes = {
        "rows": (8, 64), "matrix": (32, 64), "bias": (32,),
        "picture": (1, 8, 16, 16), "kernel": (8, 8, 3, 3), "heads": (1, 2, 16, 32),
    }  # fmt: skip
    return {name: torch.randn(shape, generator=generator, dtype=torch.float64) for name, shape in shapes.items()}


def _runs(architecture: str, compiled: str) -> bool:
    """Whether code that was compiled for one architecture runs on another."""
    card, code = _COMPILED.fullmatch(architecture), _COMPILED.fullmatch(compiled)
    if not card or not code or code[4]:
        return architecture == compiled
    power, needed = (int(card[2]), int(card[3])), (int(code[2]), int(code[3]))
    # machine code runs on later cards of its generation, intermediate code on all later cards
    return needed <= power if code[1] == "compute" else needed[0] == power[0] and needed[1] <= power[1]


def _architecture_here(card: str) -> Finding:
    properties = cast(Any, torch.cuda).get_device_properties(0)
    if torch.version.hip:
        architecture = str(properties.gcnArchName).partition(":")[0]
    else:
        architecture = f"sm_{properties.major}{properties.minor}"
    return check_architecture(card, architecture, torch.cuda.get_arch_list())


def _difference(found: torch.Tensor, right: torch.Tensor) -> float:
    return float(((found.cpu().double() - right).abs().max() / right.abs().max()).item())
