"""The tree of a prompt: what its words and marks mean, whatever they looked like."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

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
    """What it is about; the faces have a sentence for each."""

    UNCLOSED = "unclosed"
    """A bracket that is never closed: its weight holds to the end."""
    STRAY = "stray"
    """One that closes nothing, and is taken as a letter."""
    CROSSING = "crossing"
    """One that closes across another that is still open: each weight holds to its own end."""
    HYPERNETWORK = "hypernetwork"
    """A tag that is left out."""
    BROKEN_TAG = "broken_tag"
    """A tag without a name, or with other things than numbers in it: taken as letters."""
    WHOLE_WEIGHT = "whole_weight"
    """A number that weighs a whole prompt, which is alone."""
    WIDE_BRACKETS = "wide_brackets"
    """A weight in Chinese brackets: taken as letters."""
    MISSING = "missing"
    """A LoRA or an embedding that a style or a preset names, and that is not there: left out."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something in a text that is not what its writer may have meant.

    Attributes:
        at: The field of the request that the text comes from.
        said: What it is about, as typed; of a long one its beginning.
        position: Of its first character, from 1.
    """

    kind: NoticeKind
    at: str
    said: str
    position: int


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
        case Weighted((Weighted(absolute=True) as inner,)):
            return _as_factors(inner, outer)  # the outer one weighs nothing
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
