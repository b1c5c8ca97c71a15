"""Where in the loop we are."""

from dataclasses import dataclass, replace
from enum import StrEnum

from fooo.events import LegName
from fooo.pipeline.conditioning import Conditioning
from fooo.plan import Shot


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One question of the sampler.

    Attributes:
        step: From 0, of `steps`.
        sigma: Noise level, in standard deviations of the latents.
    """

    shot: Shot
    leg: LegName
    step: int
    steps: int
    sigma: float


class CallName(StrEnum):
    """Which guess a network call is for."""

    POSITIVE = "positive"
    NEGATIVE = "negative"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One row of a network call: which guess, and what it is conditioned on.

    Attributes:
        name: A `CallName`, or that of a guess which a hook asked for.
    """

    name: str
    conditioning: Conditioning

    def told(self, conditioning: Conditioning) -> "Call":
        return replace(self, conditioning=conditioning)
