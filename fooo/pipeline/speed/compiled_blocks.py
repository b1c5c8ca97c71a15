"""The blocks that a UNet repeats, made into code of their own for the device."""

from collections.abc import Callable
from typing import Any, cast

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch.nn import functional


def compile_blocks(unet: UNet2DConditionModel) -> None:
    """From now on each kind of block is compiled when it is first called, for each shape of what it is called with.

    Compiling the blocks instead of the whole takes a tenth of the time, for they are alike. A second call does nothing.
    """
    network = cast(Any, unet)
    kinds = set(cast(list[str], network._repeated_blocks))
    for module in network.modules():
        if type(module).__name__ in kinds and module._compiled_call_impl is None:
            module.compile()


def why_not_compiled(device: torch.device, compiled: Callable[..., Any] | None = None) -> str | None:
    """Why nothing can be compiled here, in a few words; None where it works. It is tried, which takes seconds.

    Args:
        device: What would run it.
        compiled: Makes quicker what it is given, at its first call; None: torch's own way.
    """
    make = compiled or cast(Any, torch).compile
    try:
        make(functional.gelu)(torch.ones(2, 2, device=device))
    except (RuntimeError, ImportError, OSError) as error:
        return str(error).partition("\n")[0] or type(error).__name__
    return None
