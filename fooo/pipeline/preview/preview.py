"""What a preview is."""

from typing import Protocol

from fooo.image import Picture
from fooo.pipeline.latents import Latents


class Preview(Protocol):
    def draw(self, latents: Latents) -> Picture:
        """The preview of clean latents as guessed now, shape (1, 4, h, w); its size is the preview's own."""
        ...
