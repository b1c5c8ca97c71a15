"""Guesses a large picture in windows of the size that the model knows, at every step."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch.nn import functional

from fooo.pipeline.conditioning import Conditioning
from fooo.pipeline.denoiser import Denoiser, Row
from fooo.pipeline.large.tiles import mix_tiles
from fooo.pipeline.latents import FACTOR, Latents
from fooo.plan.finish.windows import SHARED, goes_around
from fooo.request import Size, Tiling


@dataclass(frozen=True, slots=True)
class WindowedDenoiser:
    """Mixes the guesses of overlapping windows into one, each counting less towards its edges.

    The memory that it takes is that of a window, however large the picture is.

    Attributes:
        denoiser: Guesses each window.
        window: In pixels.
        tiling: Along which axes windows go beyond the picture's edge, into its opposite side.

    Source: Bar-Tal et al. 2023, "MultiDiffusion: Fusing Diffusion Paths for Controlled Image Generation", eq. 5, with
    weights that fade.
    """

    denoiser: Denoiser
    window: Size
    tiling: Tiling = Tiling.NONE

    def guess(
        self,
        latents: Latents,
        sigmas: Sequence[float],
        conditionings: Sequence[Conditioning],
        of: Sequence[Row],
    ) -> Latents:
        """As `Denoiser.guess`."""
        sides = (self.window.height // FACTOR, self.window.width // FACTOR)
        rows, columns = latents.shape[-2:]
        around = goes_around(self.tiling)
        down, right = (
            min(side, length) * goes for side, length, goes in zip(sides, (rows, columns), around, strict=True)
        )
        beyond = functional.pad(latents, (0, right, 0, down), mode="circular") if down or right else latents

        def look(row: slice, column: slice) -> Latents:
            return self.denoiser.guess(beyond[..., row, column], sigmas, conditionings, of)

        overlap = (sides[0] // SHARED, sides[1] // SHARED)
        return mix_tiles(look, (rows, columns), most=sides, overlap=overlap, around=around)
