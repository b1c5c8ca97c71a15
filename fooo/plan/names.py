"""The names in a prompt that stand for files: LoRAs and embeddings."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from fooo.catalog import Catalog
from fooo.plan.plan import Lora
from fooo.plan.prompt import grammar
from fooo.plan.prompt.grammar import (
    Alternating,
    Composed,
    Embedding,
    Leaf,
    Node,
    Nodes,
    Plain,
    Prompt,
    Scheduled,
    Weighted,
    leaves,
)

_SAYABLE = re.compile(r"\w(?:[\w./-]*[\w-])?")
"""What can stand behind `embedding:`."""


def all_leaves(prompt: Prompt) -> Iterator[Leaf]:
    """Everything that the prompt may say, those of schedules and alternations too, in order."""
    for part in prompt.parts:
        yield from _leaves_below(part.tree)


def find_loras(prompt: Prompt, catalog: Catalog, *, at: str) -> tuple[Lora, ...]:
    """The LoRAs that the prompt names, in order, by their names in the catalog.

    Raises:
        UnknownName: One is not there.
    """
    return tuple(
        Lora(name=catalog.lora(leaf.name, at), unet_weight=leaf.unet_weight, text_weight=leaf.text_weight)
        for leaf in all_leaves(prompt)
        if isinstance(leaf, grammar.Lora)
    )


def find_embeddings(prompt: Prompt, catalog: Catalog, *, at: str) -> Prompt:
    """The prompt with each embedding by its name in the catalog, also where the name stands among plain words.

    Raises:
        UnknownName: An `embedding:name` is not there.
    """
    bare = _names(catalog.embeddings)
    parts = (replace(part, tree=_named(part.tree, catalog, bare, at)) for part in prompt.parts)
    return Prompt(tuple(Composed(part.tree, part.weight) for part in parts))


def _named(nodes: Nodes, catalog: Catalog, bare: re.Pattern[str] | None, at: str) -> Nodes:
    return tuple(found for node in nodes for found in _named_node(node, catalog, bare, at))


def _named_node(node: Node, catalog: Catalog, bare: re.Pattern[str] | None, at: str) -> Iterator[Node]:
    match node:
        case Plain(text):
            yield from _split(text, catalog, bare, at) if bare else (node,)
        case Embedding(name):
            yield Embedding(catalog.embedding(name, at))
        case Weighted():
            yield replace(node, children=_named(node.children, catalog, bare, at))
        case Scheduled():
            before, after = (_named(each, catalog, bare, at) for each in (node.before, node.after))
            yield replace(node, before=before, after=after)
        case Alternating(options):
            yield Alternating(tuple(_named(option, catalog, bare, at) for option in options))
        case _:
            yield node


def _split(text: str, catalog: Catalog, bare: re.Pattern[str], at: str) -> Iterator[Node]:
    start = 0
    for match in bare.finditer(text):
        if match.start() > start:
            yield Plain(text[start : match.start()])
        yield Embedding(catalog.embedding(match[0], at))
        start = match.end()
    if start < len(text):
        yield Plain(text[start:])


def _names(embeddings: Mapping[str, object]) -> re.Pattern[str] | None:
    """What finds a name that stands alone among words, the longest first; None where there are no embeddings."""
    names = "|".join(re.escape(name) for name in sorted(embeddings, key=len, reverse=True) if _SAYABLE.fullmatch(name))
    if not names:
        return None
    return re.compile(rf"(?<![\w./-])(?:{names})(?![\w/-])", re.IGNORECASE)


def _leaves_below(nodes: Nodes) -> Iterator[Leaf]:
    for leaf, _ in leaves(nodes):
        match leaf:
            case Scheduled(before, after):
                yield from _leaves_below(before)
                yield from _leaves_below(after)
            case Alternating(options):
                for option in options:
                    yield from _leaves_below(option)
            case _:
                yield leaf
