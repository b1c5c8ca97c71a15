"""Guesses a large picture in windows of the size that the model knows, at every step."""

from collections.abc import Sequence
from dataclasses import dataclass

from fooo.pipeline.conditioning import Conditioning
from fooo.pipeline.denoiser import Denoiser, Row
from fooo.pipeline.large.tiles import mix_tiles
from fooo.pipeline.latents import FACTOR, Latents
from fooo.request import Size

_SHARED = 4
"""A window shares this part of its side with its neighbour: what one sees at its edge, the other sees well within."""


@dataclass(frozen=True, slots=True)
class WindowedDenoiser:
    """Mixes the guesses of overlapping windows into one, each counting less towards its edges.

    The memory that it takes is that of a window, however large the picture is.

    Attributes:
        denoiser: Guesses each window.
        window: In pixels.

    Source: Bar-Tal et al. 2023, "MultiDiffusion: Fusing Diffusion Paths for Controlled Image Generation", eq. 5, with
    weights that fade.
    """

    denoiser: Denoiser
    window: Size

    def guess(
        self,
        latents: Latents,
        sigmas: Sequence[float],
        conditionings: Sequence[Conditioning],
        of: Sequence[Row],
    ) -> Latents:
        """As `Denoiser.guess`."""
        sides = (self.window.height // FACTOR, self.window.width // FACTOR)

        def look(row: slice, column: slice) -> Latents:
            return self.denoiser.guess(latents[..., row, column], sigmas, conditionings, of)

        rows, columns = latents.shape[-2:]
        return mix_tiles(look, (rows, columns), most=sides, overlap=(sides[0] // _SHARED, sides[1] // _SHARED))
