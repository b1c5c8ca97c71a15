"""An engine that looks again at what there is, before each plan."""

from collections.abc import Callable, Iterator

from fooo.engine.engine import Engine, Made
from fooo.monitor import Monitor
from fooo.plan import Plan


class Anew:
    """In a process of its own, an engine is not told when files come: the plan may name one that came just now.

    Args:
        engine: Does the work.
        look_again: Called before each plan.
    """

    def __init__(self, engine: Engine, look_again: Callable[[], None]) -> None:
        self._engine, self._look_again = engine, look_again

    @property
    def device(self) -> str:
        return self._engine.device

    def prepare(self, plan: Plan, monitor: Monitor) -> None:
        """See `Engine.prepare`."""
        self._look_again()
        self._engine.prepare(plan, monitor)

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        """See `Engine.run`."""
        self._look_again()
        return self._engine.run(plan, monitor)

    def close(self) -> None:
        """See `Engine.close`."""
        self._engine.close()
