"""Changes to a network's weights that undo themselves."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

import torch
from torch import nn


class Difference(Protocol):
    def difference(self, shape: torch.Size, device: torch.device) -> torch.Tensor:
        """What is added to a weight of that shape, float32, on the device.

        Raises:
            ModelError: It does not fit.
        """
        ...


@contextmanager
def patched(network: nn.Module, changes: Mapping[str, Sequence[tuple[Difference, float]]]) -> Generator[None]:
    """The network with its weights changed; behind the context each is what it was, bit for bit.

    The weights as they were are kept in the processor's memory: where they are a view of a mapped file, they take none.

    Args:
        network: On any device; it may be moved to another one meanwhile.
        changes: By the name of a module, the differences that are added to its weight, each times a number. They are
            added up in float32 and rounded once.

    Raises:
        ModelError: A difference does not fit its weight; then nothing is changed.
    """
    originals: list[tuple[nn.Parameter, torch.Tensor]] = []
    try:
        # what is made within inference mode could never be changed again outside of it
        with torch.inference_mode(mode=False), torch.no_grad():
            for name, differences in changes.items():
                parameter = network.get_parameter(f"{name}.weight")
                changed = parameter.data.float()
                for each, times in differences:
                    changed = changed + times * each.difference(parameter.shape, parameter.device)
                originals.append((parameter, parameter.data.cpu()))
                parameter.data = changed.to(parameter.dtype)
        yield
    finally:
        with torch.inference_mode(mode=False):
            for parameter, original in originals:
                parameter.data = original.to(parameter.device)
