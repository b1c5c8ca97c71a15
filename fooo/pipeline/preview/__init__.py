"""Pictures of unfinished latents."""

from fooo.pipeline.preview.linear import LinearPreview
from fooo.pipeline.preview.paced import PacedPreview
from fooo.pipeline.preview.preview import Preview
from fooo.pipeline.preview.tiny import TinyPreview, find_tiny

__all__ = ["LinearPreview", "PacedPreview", "Preview", "TinyPreview", "find_tiny"]
