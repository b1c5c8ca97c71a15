"""The tree of a prompt: what its words and marks mean, whatever they looked like."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

MORE = 1.1
"""What a round bracket without a number multiplies by."""
LESS = 1 / 1.1
"""What a square bracket multiplies by."""


@dataclass(frozen=True, slots=True)
class Plain:
    """Words as they go to the encoders. Never empty, and never beside another one."""

    text: str


@dataclass(frozen=True, slots=True)
class Weighted:
    """`(a)`, `[a]`, `(a:1.3)`. Weights multiply; an `absolute` one stands in place of all around it, as in ComfyUI."""

    children: "Nodes"
    weight: float
    absolute: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """Of all steps, as said: below 0 means from the start, above 1 never."""

    value: float


@dataclass(frozen=True, slots=True)
class Step:
    """A number of steps, as said; more than there are means never."""

    number: int


When = Share | Step


@dataclass(frozen=True, slots=True)
class Scheduled:
    """`[a:b:0.4]`, `[a:b:12]`: `before` up to and with that step, `after` from the next one; either may be empty."""

    before: "Nodes"
    after: "Nodes"
    when: When


@dataclass(frozen=True, slots=True)
class Alternating:
    """`[a|b|c]`: the first option in the first step, the next in the next, and round again. Options may be empty."""

    options: tuple["Nodes", ...]


@dataclass(frozen=True, slots=True)
class Break:
    """`BREAK`: a new chunk of tokens begins."""


@dataclass(frozen=True, slots=True)
class Lora:
    """`<lora:name:0.8>`. It holds for the whole picture, wherever it stands."""

    name: str
    text_weight: float
    unet_weight: float


@dataclass(frozen=True, slots=True)
class Embedding:
    """`embedding:name`: learnt words, named by their file without its ending."""

    name: str


@dataclass(frozen=True, slots=True)
class StyleName:
    """`<style:Name>`."""

    name: str


@dataclass(frozen=True, slots=True)
class Hypernetwork:
    """`<hypernet:name:1>`. SDXL has none: it is kept to say so."""

    name: str


Leaf = Plain | Scheduled | Alternating | Break | Lora | Embedding | StyleName | Hypernetwork
Node = Leaf | Weighted
Nodes = tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Composed:
    """One of the prompts of `a AND b:0.7`; the weight scales how far its guess leads away from the negative's."""

    tree: Nodes
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Prompt:
    """Everything that was asked for: one part, or those between `AND`."""

    parts: tuple[Composed, ...]


class NoticeKind(StrEnum):
    UNCLOSED = "unclosed"
    STRAY = "stray"
    CROSSING = "crossing"
    HYPERNETWORK = "hypernetwork"
    BROKEN_TAG = "broken tag"
    WHOLE_WEIGHT = "whole weight"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something in a text that its writer may not have meant. Args: position: Of its first character, from 1."""

    kind: NoticeKind
    said: str
    position: int

    def __str__(self) -> str:
        return f'"{self.said}" at character {self.position} {self._tells()}.'

    def _tells(self) -> str:
        match self.kind:
            case NoticeKind.UNCLOSED:
                return r"is never closed, so its weight holds to the end; write \ before a bracket that is a letter"
            case NoticeKind.STRAY:
                return "closes nothing and is taken as a letter"
            case NoticeKind.CROSSING:
                return "closes a bracket across another one that is still open; each weight holds to its own end"
            case NoticeKind.HYPERNETWORK:
                return "is left out: hypernetworks are made for Stable Diffusion 1 and 2"
            case NoticeKind.BROKEN_TAG:
                return "is taken as letters: a name and numbers belong in it, as in <lora:name:0.8>"
            case NoticeKind.WHOLE_WEIGHT:
                return "weighs the whole prompt, as in the webui"
            case _:
                assert_never(self.kind)


def leaves(nodes: Nodes, outer: float = 1.0) -> Iterator[tuple[Leaf, float]]:
    """What stands in the brackets, in order, each with the weight that all brackets around it give it.

    A schedule or an alternation is one leaf: at a step, go on with `leaves(what it is then, its weight)`. Neighbouring
    words of one weight are one text to the webui, also where a bracket or a tag stood between them.
    """
    for node in nodes:
        if isinstance(node, Weighted):
            yield from leaves(node.children, node.weight if node.absolute else outer * node.weight)
        else:
            yield node, outer


def as_factors(nodes: Nodes, outer: float = 1.0) -> Nodes:
    """The same tree with each absolute weight as the factor that gives it, so that all weights multiply."""
    return tuple(_as_factors(node, outer) for node in nodes)


def _as_factors(node: Node, outer: float) -> Node:
    match node:
        case Weighted(children, weight, absolute):
            whole = weight if absolute else outer * weight
            # nothing multiplies up from 0: what stands within stays 0
            factor = (whole / outer if outer else 0.0) if absolute else weight
            return Weighted(as_factors(children, whole), factor)
        case Scheduled(before, after, when):
            return Scheduled(as_factors(before, outer), as_factors(after, outer), when)
        case Alternating(options):
            return Alternating(tuple(as_factors(option, outer) for option in options))
        case _:
            return node
