"""Draws pictures of styles while nobody asks for anything."""

import logging
import threading
import time
from typing import Self

from fooo.engine import Engine
from fooo.errors import EngineError, FoooError, QueueUnusable
from fooo.events import Event
from fooo.monitor import Monitor
from fooo.plan import Plan
from fooo.service.service import Fooo
from fooo.service.styles.pictures import StylePictures
from fooo.service.styles.wishes import Wish, next_wish

log = logging.getLogger(__name__)

QUIET = 120.0
"""Seconds for which nothing was asked."""
MOST_SECONDS = 20.0
"""That one picture may take, as this machine was measured: a processor with a full model takes minutes, and is left in
peace; where nothing was measured yet, nothing is drawn."""

_LOOK_EVERY = 0.05
"""Seconds between looks whether somebody wants the device, while a picture is drawn; a step takes longer."""


class IdleDrawing:
    """One picture at a time, each once, by the model that drew last; never a job, so in no history and no quota.

    It watches as long as its block runs. Whoever asks for something has the device after the step that is computed.

    Args:
        program: Whose device it is.
        pictures: Where they are kept.
        quiet: Seconds for which nothing was asked before it begins.
        most_seconds: That one may take.
    """

    def __init__(
        self, program: Fooo, pictures: StylePictures, *, quiet: float = QUIET, most_seconds: float = MOST_SECONDS
    ) -> None:
        self._program, self._pictures = program, pictures
        self._quiet, self._most_seconds = quiet, most_seconds
        self._given_up: frozenset[str] = frozenset()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="fooo-styles", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Ends after the step that is being computed; comes before the program is closed."""
        self._closed.set()
        self._thread.join()

    def _watch(self) -> None:
        seen, since, settled = self._program.changes, time.monotonic(), False
        while not self._closed.wait(min(1.0, self._quiet)):
            if self._program.changes != seen:
                seen, since, settled = self._program.changes, time.monotonic(), False
            elif not settled and time.monotonic() - since >= self._quiet and not self._is_asked():
                # where there is nothing to draw, that stays so until something changes
                known = self._draw_next()
                seen, settled = (seen, True) if known is None else (known, False)

    def _is_asked(self) -> bool:
        """Whether somebody waits for the device, or wants it to rest."""
        try:
            return self._program.queue.is_paused or any(not job.has_ended for job in self._program.jobs())
        except QueueUnusable:
            return True  # whoever waits has the first turn when it can be read again

    def _draw_next(self) -> int | None:
        """The program's changes as they were when one was begun; None where there is none to draw."""
        program = self._program
        wish = next_wish(program.jobs(), program.catalog, self._pictures, self._given_up)
        try:
            plan = program.plan(wish.request) if wish else None
            promise = program.promise(plan) if plan else None
            if wish is None or plan is None or promise is None or promise.seconds > self._most_seconds:
                return None
            return self._draw(wish, plan)
        except FoooError as error:
            log.info("no style is drawn: %s", error)
            return None

    def _draw(self, wish: Wish, plan: Plan) -> int:
        """Have it drawn, and give way; the program's changes as they were then.

        Raises:
            EngineError: The program is closing.
        """
        monitor, done = Monitor(_listen_to_nothing), threading.Event()

        def draw(engine: Engine | None) -> None:
            if engine and not self._is_asked():
                self._keep(wish, plan, engine, monitor)
            done.set()

        def fail(error: FoooError) -> None:
            log.info("the style %s is not drawn: %s", wish.style.name, error)
            self._given_up |= {wish.style.name}
            done.set()

        self._program.aside(draw, fail)
        began = self._program.changes
        while not done.wait(_LOOK_EVERY):
            if self._closed.is_set() or self._program.changes != began or self._is_asked():
                monitor.stop()
        return began

    def _keep(self, wish: Wish, plan: Plan, engine: Engine, monitor: Monitor) -> None:
        """Raises: EngineError: It cannot be drawn, or not be kept."""
        for made in engine.run(plan, monitor):
            try:
                # a blurred one tells nothing; it is not tried again in this run
                if made.blurred:
                    self._given_up |= {wish.style.name}
                else:
                    self._pictures.keep(wish.style, wish.model, made.picture)
            except OSError as error:
                raise EngineError(f"The picture of a style cannot be kept ({error.strerror}).") from None


def _listen_to_nothing(_event: Event) -> None:
    """Nobody watches it."""
