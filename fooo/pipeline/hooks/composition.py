"""Several prompts in one picture: `a cat AND a dog:0.7`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fooo.events import LegName
from fooo.pipeline.conditioning import Conditioning
from fooo.pipeline.guidance import Guesses
from fooo.pipeline.hooks.hook import Hook
from fooo.pipeline.latents import Latents
from fooo.pipeline.moment import Call, CallName, Moment


@dataclass(frozen=True, eq=False, slots=True)
class Voice:
    """A further prompt beside the first one."""

    name: str
    """Of its call."""
    weight: float
    words: Mapping[LegName, Conditioning]


class Composition(Hook):
    """Asks for a guess with each prompt and lets their directions away from the negative add up.

    Args:
        first: Weight of the first prompt.
        others: The further ones.

    Source: Liu et al. 2022, "Compositional Visual Generation with Composable Diffusion Models", eq. 11.
    """

    def __init__(self, first: float, others: Sequence[Voice]) -> None:
        self._first, self._others = first, others

    def calls(self, wanted: Sequence[Call], moment: Moment) -> Sequence[Call]:
        return [*wanted, *(Call(name=each.name, conditioning=each.words[moment.leg]) for each in self._others)]

    def guide(self, guesses: Guesses, moment: Moment) -> Guesses:
        voices = [(self._first, guesses[CallName.POSITIVE])]
        voices += [(each.weight, guesses[each.name]) for each in self._others]
        negative = guesses.get(CallName.NEGATIVE)
        together = _mean(voices) if negative is None else _away(negative, voices)
        return {**guesses, CallName.POSITIVE: together}


def _away(negative: Latents, voices: Sequence[tuple[float, Latents]]) -> Latents:
    together = negative
    for weight, guess in voices:
        together = together + weight * (guess - negative)
    return together


def _mean(voices: Sequence[tuple[float, Latents]]) -> Latents:
    """Without a negative to lead away from, the prompts' own mean by weight."""
    total = sum(weight for weight, _ in voices) or 1.0
    together = voices[0][1] * (voices[0][0] / total)
    for weight, guess in voices[1:]:
        together = together + guess * (weight / total)
    return together
