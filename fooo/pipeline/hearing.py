"""What the networks hear of a picture's prompts, step by step."""

from collections.abc import Sequence
from dataclasses import dataclass

from fooo.catalog import LocalModel
from fooo.pipeline.texts import NOTHING_ADDED, Additions, Encoded, TextEncoders
from fooo.plan import Stretch, Texts, parse, stretches
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
    parts = parse(texts.positive, Dialect.FOOO).prompt.parts
    # one of no weight moves nothing, and would cost a guess at each step
    parts = [part for part in parts if part.weight] or parts[:1]
    said = [stretches(part.tree, steps) for part in parts]
    unsaid = stretches(parse(texts.negative, Dialect.FOOO, whole=True).prompt.parts[0].tree, steps)
    sayings = list(dict.fromkeys(stretch.saying for each in (*said, unsaid) for stretch in each))
    encoded = dict(zip(sayings, encoders.encode(model, sayings, added), strict=True))

    def heard(found: Sequence[Stretch]) -> tuple[Heard, ...]:
        return tuple(Heard(stretch.until, encoded[stretch.saying]) for stretch in found)

    positive = (Part(part.weight, heard(each)) for part, each in zip(parts, said, strict=True))
    return Hearing(tuple(positive), heard(unsaid))
