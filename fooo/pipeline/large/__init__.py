"""Pictures larger than memory, or than what a model has learnt, holds at once."""

from fooo.pipeline.large.tiles import mix_bands, mix_tiles
from fooo.pipeline.large.windows import WindowedDenoiser

__all__ = ["WindowedDenoiser", "mix_bands", "mix_tiles"]
