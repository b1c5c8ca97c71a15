"""What a prompt says at a step: plain words with weights, schedules and alternations decided."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import assert_never

from fooo.plan.chunks import Mark
from fooo.plan.grammar import (
    Alternating,
    Break,
    Embedding,
    Hypernetwork,
    Leaf,
    Lora,
    Nodes,
    Plain,
    Scheduled,
    Share,
    Step,
    StyleName,
    When,
    leaves,
)


@dataclass(frozen=True, slots=True)
class Said:
    """Words of one weight."""

    text: str
    weight: float = 1.0


Saying = tuple[Said | Mark, ...]
"""Words in order, and where chunks are broken. Never two of one weight side by side."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Steps in a row at which a prompt says the same."""

    until: int
    """The first step, from 0, that is not in it."""
    saying: Saying


def plain(text: str) -> Saying:
    """A text without any marks."""
    return (Said(text),) if text else ()


def stretches(nodes: Nodes, steps: int) -> tuple[Stretch, ...]:
    """What is said at each of `steps` steps, equal neighbours as one; at least one stretch."""
    found: list[Stretch] = []
    for step in range(max(1, steps)):
        saying = said_at(nodes, step, steps)
        if found and found[-1].saying == saying:
            found.pop()
        found.append(Stretch(step + 1, saying))
    return tuple(found)


def said_at(nodes: Nodes, step: int, steps: int) -> Saying:
    """What is said at a step, from 0, of `steps`. Tags say nothing: the plan has read them."""
    return _joined(_said(nodes, step, steps, 1.0))


def _said(nodes: Nodes, step: int, steps: int, outer: float) -> Iterator[Said | Mark]:
    for leaf, weight in leaves(nodes, outer):
        yield from _of_leaf(leaf, weight, step, steps)


def _of_leaf(leaf: Leaf, weight: float, step: int, steps: int) -> Iterator[Said | Mark]:
    match leaf:
        case Plain(text):
            yield Said(text, weight)
        case Break():
            yield Mark.BREAK
        case Scheduled(before, after, when):
            yield from _said(before if step < _steps_before(when, steps) else after, step, steps, weight)
        case Alternating(options):
            yield from _said(options[step % len(options)], step, steps, weight)
        case Embedding(name):
            yield Said(name, weight)
        case Lora() | StyleName() | Hypernetwork():
            return
        case _:
            assert_never(leaf)


def _steps_before(when: When, steps: int) -> int:
    """How many of the first steps come before the change: the webui cuts the share of the steps down to a whole."""
    match when:
        case Share(value):
            return int(value * steps)
        case Step(number):
            return number
        case _:
            assert_never(when)


def _joined(parts: Iterable[Said | Mark]) -> Saying:
    joined: list[Said | Mark] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, Said) and isinstance(last, Said) and last.weight == part.weight:
            joined[-1] = Said(last.text + part.text, part.weight)
        else:
            joined.append(part)
    return tuple(joined)
