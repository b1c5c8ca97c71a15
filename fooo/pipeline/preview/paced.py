"""Previews of one picture, no more of them than a person sees."""

import time
from collections.abc import Callable

from fooo.image import Picture
from fooo.pipeline.latents import Latents
from fooo.pipeline.preview.preview import Preview

SECONDS = 0.1
"""Between two previews: a small model takes a step in less."""


class PacedPreview:
    """Hands out the last preview again where a new one would come too soon after it. Of one picture alone.

    Args:
        preview: Draws.
        clock: In seconds.
    """

    def __init__(self, preview: Preview, clock: Callable[[], float] = time.monotonic) -> None:
        self._preview, self._clock = preview, clock
        self._last: tuple[float, Picture] | None = None

    def draw(self, latents: Latents) -> Picture:
        """As `Preview.draw`, of these latents or of earlier ones."""
        now = self._clock()
        if self._last is None or now - self._last[0] >= SECONDS:
            self._last = now, self._preview.draw(latents)
        return self._last[1]
