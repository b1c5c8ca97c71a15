"""Carries out a plan. The seam between thinking and computing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from fooo.image import Picture
from fooo.monitor import Monitor
from fooo.plan import Plan, Shot


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A picture, whole or, where it was ended early and its half was wanted, at `steps_done` of its steps.

    Attributes:
        seconds: From its start to its pixels; of what it shares with others that were drawn with it, its share.
        batch_size: How many pictures were drawn in the same network calls.
        blurred: Whether the operator's filter has blurred it.
    """

    shot: Shot
    picture: Picture
    seconds: float
    steps_done: int
    batch_size: int = 1
    blurred: bool = False


class Engine(Protocol):
    @property
    def device(self) -> str:
        """What draws, in words for a person."""
        ...

    def prepare(self, plan: Plan, monitor: Monitor) -> None:
        """Load what the plan needs, so that its first picture comes sooner.

        Raises:
            ModelError: A weight file is missing, damaged or of another kind.
        """
        ...

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        """Make the shots in order; yield each as soon as it is done.

        Ends early when the monitor answers stop, leaves a shot when it answers skip; a half picture is yielded only
        when the monitor says `keep`. A shot that yields nothing tells `ShotSkipped`.

        Raises:
            ModelError: A weight file is missing, damaged or of another kind.
            EngineError: The machine gave up, e.g. `OutOfMemory`.
        """
        ...

    def close(self) -> None:
        """End what it has begun, such as a process. Not while it draws."""
        ...
