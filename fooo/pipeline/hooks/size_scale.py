"""Size scale: SDXL is told that its picture was cut from a larger one, and that the unwanted one was from a smaller."""

from dataclasses import replace
from functools import lru_cache
from typing import ClassVar

from fooo.events import LegName
from fooo.pipeline.conditioning import Conditioning
from fooo.pipeline.hooks.hook import Hook
from fooo.pipeline.moment import Call, CallName, Moment

_REMEMBERED = 32
"""Conditionings."""


class SizeScale(Hook):
    """Multiplies the original size that the base is told, while there is much noise.

    SDXL has learnt from pictures of every size and draws small ones blurred, large ones in detail.

    Args:
        positive: Times the size of the wanted picture.
        negative: Times that of the unwanted one.
        until: The noise level from which on it is told the truth.

    Source: Podell et al. 2023, "SDXL", section 2.2 (size conditioning); the scales are Fooocus's "ADM guidance".
    """

    # the refiner comes when little noise is left; Fooocus, too, tells it the truth
    legs: ClassVar[frozenset[LegName]] = frozenset({LegName.BASE})

    def __init__(self, *, positive: float, negative: float, until: float) -> None:
        self._positive, self._negative, self._until = positive, negative, until
        # one object at every step, so that the network need not hear its words anew
        self._scaled = lru_cache(maxsize=_REMEMBERED)(_scaled)

    def condition(self, call: Call, moment: Moment) -> Call:
        if moment.sigma <= self._until:
            return call
        scale = self._negative if call.name == CallName.NEGATIVE else self._positive
        return call.told(self._scaled(call.conditioning, scale))


def _scaled(conditioning: Conditioning, scale: float) -> Conditioning:
    numbers = conditioning.numbers.clone()
    numbers[:, :2] = (numbers[:, :2] * scale).trunc()
    return replace(conditioning, numbers=numbers)
