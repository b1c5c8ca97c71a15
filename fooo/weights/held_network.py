"""A network whose weights are on the device while they are needed, and otherwise as its file has them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle

from fooo.weights.layer_groups import LayerGroup, layer_groups


class Difference(Protocol):
    def difference(self, weight: torch.Tensor) -> torch.Tensor:
        """What is added to a weight, float32.

        Args:
            weight: As the file has it, but float32; without numbers, on the meta device, where only the fit is asked.

        Raises:
            ModelError: It does not fit.
        """
        ...


Changes = Mapping[str, Sequence[tuple[Difference, float]]]
"""By the name of a weight, the differences that are added to it, each times a number."""


class HeldNetwork:
    """Lays a network's weights on the device, all of them or one group of layers after the other, and away again.

    A weight that is away is as it was read: mostly a view of the mapped file, which takes no memory of its own. So no
    copy is ever sent back from a device, and laying a weight anew takes changes off it bit for bit.

    Args:
        network: Its weights on the processor, in whatever precision the file has them.
        device: Where it computes.
        dtype: In what it computes.
        channels_last: Whether the weights of convolutions lie there with the channels of a pixel side by side, and what
            flows between them with them.
    """

    def __init__(
        self, network: nn.Module, device: torch.device, dtype: torch.dtype, *, channels_last: bool = False
    ) -> None:
        self.network, self.dtype = network, dtype
        self._device, self._channels_last = device, channels_last
        self._parameters, self._buffers = dict(network.named_parameters()), list(network.buffers())
        self._stored = {name: parameter.data for name, parameter in self._parameters.items()}
        self._changes: Changes = {}
        self._laid: set[str] = set()
        self._hooks: list[RemovableHandle] = []
        self._visitor: LayerGroup | None = None
        """The group whose turn it is, or was."""

    @property
    def is_whole(self) -> bool:
        """Whether all of it is on the device."""
        return len(self._laid) == len(self._stored)

    @property
    def bytes(self) -> int:
        """What it takes on the device as a whole. A weight that is computed with as the file has it takes nothing."""
        return sum(map(self._bytes_of, self._stored))

    def change(self, changes: Changes) -> None:
        """Add these differences to the weights, in place of those before, when they are laid the next time.

        They are added up in float32 and rounded once. Weights that are there and other than wanted leave the device.

        Raises:
            ModelError: A difference does not fit its weight; then nothing is changed.
        """
        for name, differences in changes.items():
            like = torch.empty_like(self._stored[name], dtype=torch.float32, device="meta")
            for each, _ in differences:
                each.difference(like)
        self._put_away(self._changes.keys() | changes.keys())
        self._changes = changes

    def lay(self) -> None:
        """Put all of it on the device that is not there."""
        self._lay(self._stored.keys() - self._laid)

    def stream(self, room: float) -> None:
        """From now on let each group of layers come to the device at its turn, and leave when the next one comes.

        Args:
            room: Bytes of weights that may stay there all the time.
        """
        self.put_away()
        whole = self.bytes
        staying = set(self._stored)
        for group in layer_groups(self.network, self._bytes_of, most=whole // 25, least=whole // 1000):
            takes = sum(map(self._bytes_of, group.names))
            if takes <= room:
                room -= takes
            else:
                staying -= set(group.names)
                self._stream(group)
        self._lay(staying)

    def put_away(self) -> None:
        """Take all of it off the device."""
        for hook in self._hooks:
            hook.remove()
        self._hooks.clear()
        self._visitor = None
        self._put_away(self._stored)

    def _stream(self, group: LayerGroup) -> None:
        def bring(*_call: object) -> None:
            if self._visitor is not group:
                self._put_away(self._visitor.names if self._visitor else ())
                self._visitor = group
                self._lay(group.names)

        self._hooks.append(group.module.register_forward_pre_hook(bring))

    def _lay(self, names: Iterable[str]) -> None:
        # what is made within inference mode could never be changed again outside of it
        with torch.inference_mode(mode=False), torch.no_grad():
            for buffer in self._buffers:
                buffer.data = buffer.data.to(self._device)
            for name in names:
                self._parameters[name].data = self._ready(name)
                self._laid.add(name)

    def _put_away(self, names: Iterable[str]) -> None:
        with torch.inference_mode(mode=False), torch.no_grad():
            for name in names:
                self._parameters[name].data = self._stored[name]
                self._laid.discard(name)

    def _ready(self, name: str) -> torch.Tensor:
        """The weight as it is computed with."""
        stored = self._brought(self._stored[name])
        differences = self._changes.get(name, ())
        layout = self._layout_of(stored)
        if not differences:
            return stored.to(self.dtype, memory_format=layout)
        plain = changed = stored.float()
        for each, times in differences:
            changed = changed + times * each.difference(plain)
        return changed.to(self.dtype, memory_format=layout)

    def _layout_of(self, weight: torch.Tensor) -> torch.memory_format:
        """How its numbers lie in memory where it is computed with."""
        return torch.channels_last if self._channels_last and weight.ndim == 4 else torch.preserve_format

    def _brought(self, stored: torch.Tensor) -> torch.Tensor:
        """On the device, which is left to round: so the fewest bytes are sent. Apple's knows no eight-bit fractions."""
        widened = stored.to(self.dtype) if self._device.type == "mps" and stored.itemsize == 1 else stored
        return widened.to(self._device)

    def _bytes_of(self, name: str) -> int:
        weight = self._stored[name]
        as_it_is = weight.dtype is self.dtype and weight.device.type == self._device.type and name not in self._changes
        if self._layout_of(weight) is torch.channels_last:
            as_it_is = as_it_is and weight.is_contiguous(memory_format=torch.channels_last)
        return 0 if as_it_is else weight.numel() * self.dtype.itemsize
