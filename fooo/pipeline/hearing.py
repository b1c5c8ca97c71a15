"""What the networks hear of a picture's prompts, step by step."""

from collections.abc import Sequence
from dataclasses import dataclass

from fooo.catalog import LocalModel
from fooo.pipeline.texts import NOTHING_ADDED, Additions, Encoded, TextEncoders
from fooo.plan import Nodes, Plain, Prompt, Stretch, Texts, parse, stretches
from fooo.request import Dialect


@dataclass(frozen=True, eq=False, slots=True)
class Heard:
    """The same words for some steps in a row."""

    until: int
    """The first step, from 0, that hears something else."""
    encoded: Encoded


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """One of the prompts between `AND`."""

    weight: float
    heard: tuple[Heard, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Hearing:
    positive: tuple[Part, ...]
    negative: tuple[Heard, ...]


def hear(
    encoders: TextEncoders, model: LocalModel, texts: Texts, steps: int, added: Additions = NOTHING_ADDED
) -> Hearing:
    """Encode everything that is said at any step, each text once, all of one length.

    Raises:
        ModelError: As for `TextEncoders.encode`.
    """
    positive = parse(texts.positive, Dialect.FOOO).prompt
    said = [stretches(part.tree, steps) for part in positive.parts]
    unsaid = stretches(_whole(parse(texts.negative, Dialect.FOOO).prompt), steps)
    sayings = list(dict.fromkeys(stretch.saying for each in (*said, unsaid) for stretch in each))
    encoded = dict(zip(sayings, encoders.encode(model, sayings, added), strict=True))

    def heard(found: Sequence[Stretch]) -> tuple[Heard, ...]:
        return tuple(Heard(stretch.until, encoded[stretch.saying]) for stretch in found)

    parts = zip(positive.parts, said, strict=True)
    return Hearing(tuple(Part(part.weight, heard(each)) for part, each in parts), heard(unsaid))


def _whole(negative: Prompt) -> Nodes:
    """A negative prompt is one: in it `AND` is a word like any other, as in the webui."""
    nodes: list[Nodes] = []
    for number, part in enumerate(negative.parts):
        nodes.append((*((Plain(" and "),) if number else ()), *part.tree))
    return tuple(node for each in nodes for node in each)
