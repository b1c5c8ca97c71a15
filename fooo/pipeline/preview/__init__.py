"""Pictures of unfinished latents, drawn at every step."""

from typing import Protocol

from fooo.image import Picture
from fooo.pipeline.latents import Latents
from fooo.pipeline.preview.linear import LinearPreview
from fooo.pipeline.preview.tiny import TinyPreview, find_tiny


class Preview(Protocol):
    def draw(self, latents: Latents) -> Picture:
        """The preview of clean latents as guessed now, shape (1, 4, h, w); its size is the preview's own."""
        ...


__all__ = ["LinearPreview", "Preview", "TinyPreview", "find_tiny"]
