"""The names in a prompt that stand for files: LoRAs and embeddings."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from fooo.catalog import Catalog
from fooo.catalog.styles import without_holes
from fooo.errors import UnknownName
from fooo.plan.plan import Lora
from fooo.plan.prompt import grammar
from fooo.plan.prompt.grammar import (
    Alternating,
    Composed,
    Embedding,
    Leaf,
    Node,
    Nodes,
    Notice,
    NoticeKind,
    Plain,
    Prompt,
    Scheduled,
    Weighted,
    leaves,
)
from fooo.plan.prompt.parse import parse
from fooo.plan.prompt.tags import EMBEDDING

_SAYABLE = re.compile(r"\w(?:[\w./-]*[\w-])?")
"""What can stand behind `embedding:`."""
_NAMES = re.compile(rf"\\.|<(?:lora|lyco):[^<>]*>|{EMBEDDING}", re.DOTALL)
_OPENS_A_PHRASE = ("", *",，、([")
_ENDS_A_PHRASE = ("", *",，、)]:")
_MARKS = re.compile(r"[\s,.;:!?，。；：！？、]*")


def all_leaves(prompt: Prompt) -> Iterator[Leaf]:
    """Everything that the prompt may say, those of schedules and alternations too, in order."""
    for part in prompt.parts:
        yield from _leaves_below(part.tree)


def says_anything(nodes: Nodes) -> bool:
    """Whether there are words in it at any step: tags, breaks and marks alone are none."""
    return any(
        isinstance(leaf, Embedding) or (isinstance(leaf, Plain) and not _MARKS.fullmatch(leaf.text))
        for leaf in _leaves_below(nodes)
    )


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


def find_embeddings(prompt: Prompt, catalog: Catalog, *, bare: re.Pattern[str] | None, at: str) -> Prompt:
    """The prompt with each embedding by its name in the catalog, also where the name stands among plain words.

    Args:
        prompt: As parsed.
        catalog: Its embeddings.
        bare: As from `bare_names`, of these embeddings.
        at: The field of the request that the prompt comes from.

    Raises:
        UnknownName: An `embedding:name` is not there.
    """
    parts = (replace(part, tree=_named(part.tree, catalog, bare, at)) for part in prompt.parts)
    return Prompt(tuple(Composed(part.tree, part.weight) for part in parts))


@dataclass(frozen=True, slots=True)
class Template:
    """The text of a style or a preset, its names read.

    Attributes:
        text: With each embedding by its name in the catalog; without LoRAs, and without what is not there.
        loras: That it names.
        missing: What it names and is not there.
    """

    text: str
    loras: tuple[Lora, ...] = ()
    missing: tuple[Notice, ...] = ()


def read_template(text: str, catalog: Catalog, *, bare: re.Pattern[str] | None, at: str) -> Template:
    """The same text, with what its names stand for. A name that is not there is no error: the person did not type it.

    Args:
        text: Of a style or a preset.
        catalog: Its LoRAs and embeddings.
        bare: As from `bare_names`, of these embeddings; only one that is a phrase of its own is meant.
        at: The field of the request that the text comes with.
    """
    loras: list[Lora] = []
    missing: list[Notice] = []

    def read(match: re.Match[str]) -> str:
        said = match[0]
        if said.startswith("\\") or (match.lastgroup == "bare" and not _is_alone(match)):
            return said
        try:
            if said.startswith("<"):
                loras.extend(find_loras(parse(said).prompt, catalog, at=at))
                return ""
            return f"embedding:{catalog.embedding(said.removeprefix('embedding:'), at)}"
        except UnknownName:
            missing.append(Notice(NoticeKind.MISSING, at, said, match.start() + 1))
            return ""

    named = re.compile(f"{_NAMES.pattern}|(?P<bare>{bare.pattern})", re.IGNORECASE) if bare else _NAMES
    read_text = named.sub(read, text)
    return Template(read_text if read_text == text else without_holes(read_text), tuple(loras), tuple(missing))


def _is_alone(match: re.Match[str]) -> bool:
    """Whether it is a phrase of its own: in "pastel mood" the writer of a style has not meant an embedding."""
    before, behind = match.string[: match.start()].rstrip(), match.string[match.end() :].lstrip()
    return before[-1:] in _OPENS_A_PHRASE and behind[:1] in _ENDS_A_PHRASE


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


def bare_names(embeddings: Mapping[str, object]) -> re.Pattern[str] | None:
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
