"""Guidance: which guesses are wanted at a moment, and how they become one."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from fooo.pipeline.conditioning import Conditioning
from fooo.pipeline.latents import Latents
from fooo.pipeline.moment import Call, CallName, Moment

Guesses = Mapping[str, Latents]
"""The clean latents as each call guesses them, shape (1, 4, h, w) each."""


class Guidance(Protocol):
    def calls(self, words: Mapping[CallName, Conditioning], moment: Moment) -> Sequence[Call]:
        """The guesses that are wanted at this moment."""
        ...

    def combine(self, guesses: Guesses, moment: Moment) -> Latents:
        """One guess out of those that `calls` wanted."""
        ...


class ClassifierFreeGuidance:
    """The guess with the words, pushed away from the guess with the negative words.

    Args:
        scale: 1 asks for the positive guess alone, in half the time; SDXL likes 4 to 8.

    Source: Ho and Salimans 2022, "Classifier-Free Diffusion Guidance", eq. 6 (with scale = w + 1).
    """

    def __init__(self, scale: float) -> None:
        self._scale = scale

    def calls(self, words: Mapping[CallName, Conditioning], moment: Moment) -> Sequence[Call]:
        names = (CallName.POSITIVE,) if self._scale == 1 else (CallName.NEGATIVE, CallName.POSITIVE)
        return [Call(name=name, conditioning=words[name]) for name in names]

    def combine(self, guesses: Guesses, moment: Moment) -> Latents:
        positive = guesses[CallName.POSITIVE]
        if self._scale == 1:
            return positive
        negative = guesses[CallName.NEGATIVE]
        return negative + self._scale * (positive - negative)
