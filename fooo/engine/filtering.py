"""An engine whose pictures are looked at last: what its operator does not want to be seen comes out blurred."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from fooo.engine.engine import Engine, Made
from fooo.events import Event, Step
from fooo.image import Picture
from fooo.monitor import Answer, Monitor
from fooo.plan import Plan

MOST_SCORE = 0.5
"""From which a picture is blurred: half way between what the network's makers call safe and very likely not."""


class Filtered:
    """Blurs the pictures of an engine that must not be seen, and all previews, which nobody has looked at yet.

    Args:
        engine: Does the work.
        score: How likely a picture must not be seen, 0..1. What it raises ends the job: nothing passes unseen.
        blur: Makes a picture that may.
    """

    def __init__(self, engine: Engine, score: Callable[[Picture], float], blur: Callable[[Picture], Picture]) -> None:
        self._engine, self._score, self._blur = engine, score, blur

    @property
    def device(self) -> str:
        return self._engine.device

    def prepare(self, plan: Plan, monitor: Monitor) -> None:
        """See `Engine.prepare`."""
        self._engine.prepare(plan, monitor)

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        """See `Engine.run`.

        Raises:
            ModelError: A picture could not be looked at.
        """
        for made in self._engine.run(plan, _Veiled(monitor, self._blur)):
            if self._score(made.picture) < MOST_SCORE:
                yield made
            else:
                yield replace(made, picture=self._blur(made.picture), blurred=True)

    def close(self) -> None:
        """See `Engine.close`."""
        self._engine.close()


class _Veiled(Monitor):
    """A monitor that is told blurred previews, and answers as the one behind it."""

    def __init__(self, monitor: Monitor, blur: Callable[[Picture], Picture]) -> None:
        super().__init__(_listen_to_nothing)
        self._behind, self._blur = monitor, blur

    def stop(self, *, keep: bool = False) -> None:
        self._behind.stop(keep=keep)

    def skip(self, *, keep: bool = False) -> None:
        self._behind.skip(keep=keep)

    def begin_shot(self) -> Answer:
        return self._behind.begin_shot()

    def tell(self, event: Event) -> Answer:
        if isinstance(event, Step) and event.preview:
            event = replace(event, preview=self._blur(event.preview))
        return self._behind.tell(event)

    @property
    def keep(self) -> bool:
        return self._behind.keep

    @property
    def wish(self) -> tuple[Answer, bool]:
        return self._behind.wish


def _listen_to_nothing(_event: Event) -> None:
    """The monitor behind is told."""
