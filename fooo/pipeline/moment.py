"""Where in the loop we are."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from fooo.events import LegName
from fooo.pipeline.conditioning import Conditioning
from fooo.pipeline.latents import Latents
from fooo.plan import Shot


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One question of the sampler.

    Attributes:
        step: Of the schedule, from 0, of `steps`; where a sampler goes back to more noise, it goes back too.
        sigma: Noise level, in standard deviations of the latents.
        latents: What the guesses are made from.
        done: Share of the picture's network calls that are made, this one included; it only rises.
    """

    shot: Shot
    leg: LegName
    step: int
    steps: int
    sigma: float
    latents: Latents = field(compare=False, repr=False)
    done: float

    @property
    def steps_done(self) -> int:
        """The `steps` by the share of the calls, 1..steps."""
        return max(1, round(self.done * self.steps))


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
