"""From the tree of a prompt back to its text, in one canonical form."""

import re
from decimal import Decimal
from itertools import pairwise
from typing import assert_never

from fooo.plan.prompt.grammar import (
    LESS,
    MORE,
    Alternating,
    Break,
    Embedding,
    Hypernetwork,
    Lora,
    Node,
    Nodes,
    Plain,
    Prompt,
    Scheduled,
    Share,
    Step,
    StyleName,
    Weighted,
    When,
    as_factors,
)
from fooo.plan.prompt.parse import and_as_letters
from fooo.plan.prompt.tags import NUMBER, TAGS_AT_END
from fooo.request import Dialect

_MARK = re.compile(
    r"""
    [\\()\[\]{]
    |_(?=_[^\W_])
    |(?<!\w)B(?=REAK(?!\w))
    |(?<!\w)e(?=mbedding(?::|\Z))
    |<(?=(?:lora|lyco|hypernet|style)(?::|\Z))
    """,
    re.VERBOSE,
)
"""What would not stay a letter, here or where `dynamic` fills in; at the end, because a `:` may follow."""
_SEPARATOR = re.compile(r"[:|]")
_BEFORE_A_LAST_WEIGHT = re.compile(rf"(?<!\\)(?:\\\\)*(?=:\s*{NUMBER}\s*{TAGS_AT_END})")
"""No backslashes, or those that are letters: an odd one would escape the weight."""
_ESCAPING_NOTHING = re.compile(r"(?<!\\)(?:\\\\)*\\\Z")
_GOES_ON_A_NAME = re.compile(r"[\w./-]")
_ENDS_IN_A_WORD = re.compile(r"\w\Z")

AND = " AND "
"""Parts the prompts of one picture."""


def write(prompt: Prompt, dialect: Dialect = Dialect.FOOO) -> str:
    """The text that `parse` reads as that tree, in the dialect that the tree came from.

    Filling it in again changes nothing: what was left to the dice has been drawn, and letters stay letters.
    """
    return AND.join(f"{text}{weight}" for text, weight in write_parts(prompt, dialect))


def write_whole(nodes: Nodes) -> str:
    """The text that `parse` reads as those nodes where it is told that it is whole."""
    return _write(as_factors(nodes))


def unweighed(text: str) -> str:
    """Any text, so that behind it a weight or an `AND` is one, and a number at its end is none."""
    return _ESCAPING_NOTHING.sub(r"\g<0>\\", _BEFORE_A_LAST_WEIGHT.sub(r"\g<0>\\", text))


def write_parts(prompt: Prompt, dialect: Dialect = Dialect.FOOO) -> tuple[tuple[str, str], ...]:
    """The text of each part and, behind it, its weight as `:0.7` where that is not 1; joined by `AND` the prompt."""
    weighs = dialect is Dialect.WEBUI or len(prompt.parts) > 1
    weights = [f":{_number(part.weight)}" if part.weight != 1 else "" for part in prompt.parts]
    # only ComfyUI's kin write weights that stand in place of those around them
    trees = [part.tree if dialect is Dialect.FOOOCUS else as_factors(part.tree) for part in prompt.parts]
    texts = [
        and_as_letters(_write(tree, weighs=weighs and not weight)) for tree, weight in zip(trees, weights, strict=True)
    ]
    return tuple(zip(texts, weights, strict=True))


def _write(nodes: Nodes, *, in_square: bool = False, weighs: bool = False) -> str:
    """The nodes one after the other. Args: weighs: A `:` and a number at the end would be their weight."""
    texts = [_write_node(node, in_square=in_square) for node in nodes]
    for number, (before, node) in enumerate(pairwise(nodes), 1):
        texts[number] = f"{_between(before, node)}{texts[number]}"
    words = [number for number, node in enumerate(nodes) if not isinstance(node, Lora | StyleName | Hypernetwork)]
    if weighs and words and isinstance(nodes[words[-1]], Plain):
        return "".join(texts[: words[-1]]) + unweighed("".join(texts[words[-1] :]))
    return "".join(texts)


def _between(before: Node, node: Node) -> str:
    """What keeps the name of an embedding apart from words on either side."""
    match before, node:
        case Embedding(), Plain(text) if _GOES_ON_A_NAME.match(text):
            return "\\"
        case Plain(text), Embedding() if _ENDS_IN_A_WORD.search(text):
            return "()"
        case _:
            return ""


def _write_node(node: Node, *, in_square: bool) -> str:
    match node:
        case Plain(text):
            escaped = _MARK.sub(r"\\\g<0>", text)
            return _SEPARATOR.sub(r"\\\g<0>", escaped) if in_square else escaped
        case Weighted():
            return _write_weighted(node)
        case Scheduled(before, after, when):
            texts = [_write(each, in_square=True) for each in ((before, after) if before or not after else (after,))]
            return f"[{':'.join((*texts, _write_when(when)))}]"
        case Alternating(options):
            return f"[{'|'.join(_write(option, in_square=True) for option in options)}]"
        case Break():
            return " BREAK "
        case Lora() | Embedding() | StyleName() | Hypernetwork():
            return _write_name(node)
        case _:
            assert_never(node)


def _write_weighted(node: Weighted) -> str:
    if node.weight == MORE and not node.absolute:
        return f"({_write(node.children, weighs=True)})"
    if node.weight == LESS and not node.absolute:
        less = f"[{_write(node.children, in_square=True)}]"
        if not (less.startswith("[[") and "," in less):  # else it would be an array
            return less
    return f"({_write(node.children)}:{_number(node.weight)})"


def _write_name(node: Lora | Embedding | StyleName | Hypernetwork) -> str:
    match node:
        case Lora(name, text_weight, unet_weight):
            weights = (text_weight,) if text_weight == unet_weight else (text_weight, unet_weight)
            return f"<lora:{':'.join((name, *map(_number, weights)))}>"
        case Embedding(name):
            return f"embedding:{name}"
        case StyleName(name):
            return f"<style:{name}>"
        case Hypernetwork(name):
            return f"<hypernet:{name}>"
        case _:
            assert_never(node)


def _write_when(when: When) -> str:
    match when:
        case Share(value):
            return _number(value) if "." in _number(value) else f"{_number(value)}.0"
        case Step(number):
            return str(number)
        case _:
            assert_never(when)


def _number(value: float) -> str:
    """The shortest digits that give the same float again, without an exponent."""
    shortest = f"{Decimal(repr(value)):f}"
    return shortest.removesuffix(".0")
