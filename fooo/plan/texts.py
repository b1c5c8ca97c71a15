"""The final texts: the person's words, with everything drawn, inside the styles' templates."""

from collections.abc import Iterator

from fooo.catalog import Catalog
from fooo.errors import UnknownName
from fooo.plan.dynamic import fill_in
from fooo.plan.grammar import Alternating, Embedding, Leaf, Lora, Nodes, Prompt, Scheduled, StyleName, leaves
from fooo.plan.parse import parse
from fooo.plan.plan import Texts
from fooo.plan.write import write
from fooo.request import Dialect, Request


def write_texts(request: Request, catalog: Catalog, *, seed: int, number: int) -> Texts:
    """Fill in what is left to the dice, apply the styles in order, each to what the one before it gave.

    The negatives are joined, the person's first. Styles named within the prompt come behind those of the request.

    Args:
        request: Its prompt, negative, dialect and styles.
        catalog: Styles and wildcards.
        seed: Of the picture.
        number: Of the picture in its job, from 0.

    Raises:
        UnknownName: A style, a wildcard, a LoRA or an embedding is not there.
        RequestError: A text grows too long or nests too deep.
    """
    words = _read(request, request.prompt, catalog, seed=seed, number=number, at="prompt")
    unwanted = _read(request, request.negative, catalog, seed=seed, number=number, at="negative")
    inline = [leaf.name for leaf in _all_leaves(words) if isinstance(leaf, StyleName)]
    styles = [catalog.style(name) for name in dict.fromkeys((*request.styles, *inline))]
    own, against = write(words, Dialect.FOOO), write(unwanted, Dialect.FOOO)
    positive = own
    for style in styles:
        positive = style.apply(positive)
    negatives = (against, *(style.negative_prompt for style in styles))
    return Texts(positive=positive, negative=", ".join(text for text in negatives if text), words=own, unwanted=against)


def _read(request: Request, text: str, catalog: Catalog, *, seed: int, number: int, at: str) -> Prompt:
    filled = fill_in(text, catalog.wildcards, seed=seed, number=number, dialect=request.dialect, at=at)
    prompt = parse(filled.strip(), request.dialect, at=at).prompt
    for leaf in _all_leaves(prompt):
        if isinstance(leaf, Lora | Embedding):
            raise UnknownName(at, leaf.name, ())
    return prompt


def _all_leaves(prompt: Prompt) -> Iterator[Leaf]:
    for part in prompt.parts:
        yield from _leaves_below(part.tree)


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
