"""The layers of a network in groups, each small enough to come and go at every step."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True, eq=False, slots=True)
class LayerGroup:
    """A module that is called as a whole. Attributes: names: Of its weights, as the network calls them."""

    module: nn.Module
    names: tuple[str, ...]


def layer_groups(network: nn.Module, bytes_of: Callable[[str], int], *, most: int, least: int) -> Iterator[LayerGroup]:
    """The largest modules of at most `most` bytes, in their order; a single layer may be larger.

    Args:
        network: What they are parts of; it is none itself, for not every network is called as a whole.
        bytes_of: Of a weight by its name.
        most: Bytes of a group.
        least: Bytes below which a module is in no group: it is not worth the way.
    """
    for name, module in network.named_children():
        yield from _groups_of(name, module, bytes_of, most, least)


def _groups_of(
    name: str, module: nn.Module, bytes_of: Callable[[str], int], most: int, least: int
) -> Iterator[LayerGroup]:
    names = tuple(f"{name}.{weight}" for weight, _ in module.named_parameters())
    size = sum(map(bytes_of, names))
    if size < max(1, least):
        return
    children = list(module.named_children())
    # a list of modules is never called itself
    if children and (size > most or isinstance(module, nn.ModuleList)):
        for child_name, child in children:
            yield from _groups_of(f"{name}.{child_name}", child, bytes_of, most, least)
    else:
        yield LayerGroup(module, names)
