"""Guidance: which guesses are wanted at a moment, and how they become one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

import torch

from fooo.pipeline.conditioning import Conditioning
from fooo.pipeline.latents import Latents
from fooo.pipeline.moment import Call, CallName, Moment
from fooo.pipeline.noise_levels import NoiseLevels

Guesses = Mapping[str, Latents]
"""The clean latents as each call guesses them, shape (1, 4, h, w) each."""


class Guidance(Protocol):
    def calls(self, words: Mapping[CallName, Conditioning], moment: Moment) -> Sequence[Call]:
        """The guesses that are wanted at this moment."""
        ...

    def combine(self, guesses: Guesses, moment: Moment) -> Latents:
        """One guess out of those that `calls` wanted."""
        ...


Scale: TypeAlias = Callable[[float], float]
"""The scale at a noise level: 1 asks for the positive guess alone, in half the time; SDXL likes 4 to 8."""


def constant(scale: float) -> Scale:
    return lambda _sigma: scale


def adaptive(scale: float, mimicked: float, levels: NoiseLevels) -> Scale:
    """A large scale that begins as a smaller one and becomes itself as the noise falls.

    A large scale burns colours in while the picture is laid out, and brings out details later on.

    Args:
        scale: Reached at the lowest noise level. Not above `mimicked`, it is constant.
        mimicked: Where it begins.
        levels: What the model was trained at.

    Source: Fooocus, "CFG mimicking from TSNR": the mean of both guesses by the training step.
    """
    if scale <= mimicked:
        return constant(scale)
    return lambda sigma: mimicked + levels.progress(sigma) * (scale - mimicked)


def within(scale: Scale, low: float, high: float, *, elsewhere: float = 1.0) -> Scale:
    """A scale for the noise levels above `low` and up to `high`.

    Source: Kynkaanniemi et al. 2024, "Applying Guidance in a Limited Interval Improves Sample and Distribution Quality
    in Diffusion Models", section 3.
    """
    return lambda sigma: scale(sigma) if low < sigma <= high else elsewhere


class ClassifierFreeGuidance:
    """The guess with the words, pushed away from the guess with the negative words.

    Args:
        scale: How far, at each noise level.
        rescale: How far the contrast of the result is brought back to that of the guess with the words, 0..1.

    Source: Ho and Salimans 2022, "Classifier-Free Diffusion Guidance", eq. 6 (with scale = w + 1).
    """

    def __init__(self, scale: Scale, rescale: float = 0.0) -> None:
        self._scale, self._rescale = scale, rescale

    def calls(self, words: Mapping[CallName, Conditioning], moment: Moment) -> Sequence[Call]:
        guided = self._scale(moment.sigma) != 1
        names = (CallName.NEGATIVE, CallName.POSITIVE) if guided else (CallName.POSITIVE,)
        return [Call(name=name, conditioning=words[name]) for name in names]

    def combine(self, guesses: Guesses, moment: Moment) -> Latents:
        positive, negative = guesses[CallName.POSITIVE], guesses.get(CallName.NEGATIVE)
        if negative is None:
            return positive
        guided = torch.lerp(negative, positive, self._scale(moment.sigma))
        return rescaled(guided, positive, moment, self._rescale) if self._rescale else guided


def rescaled(guided: Latents, positive: Latents, moment: Moment, share: float) -> Latents:
    """A guided guess with its contrast brought back towards that of the guess with the words.

    Both are compared as v, whatever the network tells: at the most noise v is the picture and at the least the noise,
    so that at both ends what is scaled is what was guessed, and not what is known.

    Args:
        guided: The guess that is rescaled.
        positive: Whose contrast it is to have.
        moment: Where both were guessed.
        share: 0 leaves it as it is, 1 gives it that contrast wholly.

    Source: Lin et al. 2024, "Common Diffusion Noise Schedules and Sample Steps are Flawed", section 3.4; v
    as in Salimans and Ho 2022, "Progressive Distillation for Fast Sampling of Diffusion Models", section 4.
    """
    known = moment.latents / (moment.sigma**2 + 1)
    # v is known - clean, times a number that both have in common
    contrast = (known - positive).std() / (known - guided).std()
    return known - (known - guided) * (share * contrast + 1 - share)
