"""What a prompt says at a step: plain words with weights, schedules and alternations decided."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

from fooo.catalog import Tokens
from fooo.plan.prompt.chunks import Chunk, LearntToken, Mark, Weighed, chunk
from fooo.plan.prompt.grammar import (
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


@dataclass(frozen=True, slots=True)
class Learnt:
    """The tokens of an embedding, by its name in the catalog."""

    embedding: str
    weight: float = 1.0


_MANY = 1_000_000
"""Steps: of fewer, a small share is no step at all."""

Part = Said | Learnt | Mark
Saying = tuple[Part, ...]
"""Words in order, and where chunks are broken. Never two `Said` of one weight side by side."""


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
    clocks = set(_clocks(nodes))
    known: dict[tuple[int, ...], Saying] = {}
    found: list[Stretch] = []
    for step in range(max(1, steps) if clocks else 1):
        turns = tuple(_turn(clock, step, steps) for clock in clocks)
        if turns not in known:
            known[turns] = said_at(nodes, step, steps)
        if found and found[-1].saying == known[turns]:
            found.pop()
        found.append(Stretch(step + 1, known[turns]))
    return (*found[:-1], Stretch(max(1, steps), found[-1].saying))


def said_at(nodes: Nodes, step: int, steps: int) -> Saying:
    """What is said at a step, from 0, of `steps`. Tags say nothing: the plan has read them."""
    return _joined(_said(nodes, step, steps, 1.0))


def said_first(nodes: Nodes) -> Saying:
    """What is said at the first step, however many there are to be."""
    return said_at(nodes, 0, _MANY)


def cut(saying: Saying, tokens: Tokens, lengths: Mapping[str, int] | None = None) -> tuple[Chunk, ...]:
    """The tokens of what is said, in the chunks that a tower reads at once; at least one.

    Args:
        saying: What is said.
        tokens: The tower's vocabulary.
        lengths: How many tokens each embedding takes; one that is not named here takes one.
    """
    return chunk((_weighed(part, tokens, lengths or {}) for part in saying), tokens.comma)


def _weighed(part: Part, tokens: Tokens, lengths: Mapping[str, int]) -> Weighed | Mark:
    match part:
        case Mark():
            return part
        case Said(text, weight):
            return Weighed(tuple(tokens.ids(text)), weight)
        case Learnt(embedding, weight):
            learnt = tuple(LearntToken(embedding, number) for number in range(lengths.get(embedding, 1)))
            return Weighed(learnt, weight)
        case _:
            assert_never(part)


def _said(nodes: Nodes, step: int, steps: int, outer: float) -> Iterator[Part]:
    for leaf, weight in leaves(nodes, outer):
        yield from _of_leaf(leaf, weight, step, steps)


def _of_leaf(leaf: Leaf, weight: float, step: int, steps: int) -> Iterator[Part]:
    match leaf:
        case Plain(text):
            yield Said(text, weight)
        case Break():
            yield Mark.BREAK
        case Scheduled(before, after, when):
            yield from _said((before, after)[_turn(when, step, steps)], step, steps, weight)
        case Alternating(options):
            yield from _said(options[_turn(len(options), step, steps)], step, steps, weight)
        case Embedding(name):
            yield Learnt(name, weight)
        case Lora() | StyleName() | Hypernetwork():
            return
        case _:
            assert_never(leaf)


Clock = When | int
"""What a schedule changes by; of an alternation, how many options it goes through."""


def _clocks(nodes: Nodes) -> Iterator[Clock]:
    """Those of all that changes, also within what changes."""
    for leaf, _ in leaves(nodes):
        match leaf:
            case Scheduled(before, after, when):
                yield when
                yield from _clocks((*before, *after))
            case Alternating(options):
                yield len(options)
                for option in options:
                    yield from _clocks(option)
            case _:
                pass


def _turn(clock: Clock, step: int, steps: int) -> int:
    """The number, from 0, of what is said at a step; the webui cuts a share of the steps down to a whole."""
    match clock:
        case Share(value):
            return int(step >= int(value * steps))
        case Step(number):
            return int(step >= number)
        case int(count):
            return step % count
        case _:
            assert_never(clock)


def _joined(parts: Iterable[Part]) -> Saying:
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, Said) and isinstance(last, Said) and last.weight == part.weight:
            joined[-1] = Said(last.text + part.text, part.weight)
        else:
            joined.append(part)
    return tuple(joined)
