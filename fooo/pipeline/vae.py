"""Latents into pictures, and pictures into latents."""

from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch.nn import functional

from fooo.errors import BadNumbers
from fooo.image import Picture
from fooo.pipeline.hooks import around
from fooo.pipeline.large.tiles import mix_bands, mix_tiles
from fooo.pipeline.latents import FACTOR, Latents
from fooo.plan.finish.windows import goes_around
from fooo.request import Tiling

MOST, OVERLAP = 80, 16
"""Latents along a tile's side, and how many of them two neighbours share. 1024 x 1024 pixels are four tiles of 72."""
_MOST, _OVERLAP = (MOST, MOST), (OVERLAP, OVERLAP)


@torch.inference_mode()
def decode(vae: AutoencoderKL, latents: Latents, tiling: Tiling = Tiling.NONE, *, in_tiles: bool = False) -> Picture:
    """The picture of clean latents of shape (1, 4, h, w); 8 h by 8 w pixels.

    Args:
        vae: Whose decoder.
        latents: On its device.
        tiling: Along which axes copies of the picture are to meet without a seam.
        in_tiles: Whether to decode a part after the other, in less memory.

    Raises:
        BadNumbers: The decoder gave NaN or infinity.
    """
    if in_tiles:
        return _decoded_in_tiles(vae, latents, tiling)
    with around(vae, tiling):
        return as_picture(_sound(_decoded(vae, latents)))


def _decoded(vae: AutoencoderKL, latents: Latents) -> torch.Tensor:
    """float32, shape (n, 3, 8 h, 8 w), about -1..1."""
    # a VAE that is asked itself looks through all of its layers
    dtype = next(vae.parameters()).dtype
    scaled = (latents / cast(float, vae.config["scaling_factor"])).to(dtype)
    return cast(torch.Tensor, cast(Any, vae).decode(scaled, return_dict=False)[0]).float()


def _decoded_in_tiles(vae: AutoencoderKL, latents: Latents, tiling: Tiling) -> Picture:
    """Where copies are to meet, each edge is decoded with what lies beyond it, which is cut off.

    A VAE sees more than what is near: see the tests for how much that makes of it.
    """
    y, x = (OVERLAP * goes for goes in goes_around(tiling))
    beyond = functional.pad(latents, (x, x, y, y), mode="circular")
    rows, columns = beyond.shape[-2:]
    pixels = np.empty((rows * FACTOR, columns * FACTOR, 3), np.uint8)
    for place, band in mix_bands(
        lambda row, column: _decoded(vae, beyond[..., row, column]),
        (rows, columns),
        most=_MOST,
        overlap=_OVERLAP,
        scale=FACTOR,
    ):
        pixels[place] = as_picture(_sound(band)).pixels
    height, width = pixels.shape[:2]
    return Picture(pixels[y * FACTOR : height - y * FACTOR, x * FACTOR : width - x * FACTOR])


def encoded(vae: AutoencoderKL, pixels: torch.Tensor) -> Latents:
    """The mean latents of pixels -1..1 of shape (n, 3, 8 h, 8 w), on the processor."""
    output = cast(Any, vae.encode(pixels.to(vae.device, vae.dtype)))
    return cast(Latents, output.latent_dist.mode()).float().cpu() * cast(float, vae.config["scaling_factor"])


@torch.inference_mode()
def encode(vae: AutoencoderKL, picture: Picture, tiling: Tiling = Tiling.NONE, *, in_tiles: bool = False) -> Latents:
    """The latents of a picture whose sides are multiples of 8: float32, shape (1, 4, height / 8, width / 8).

    Args:
        vae: Whose encoder.
        picture: To begin with.
        tiling: Along which axes copies of the picture meet without a seam: it is seen with what lies beyond its edges.
        in_tiles: Whether to encode a part after the other, in less memory.

    Raises:
        BadNumbers: The encoder gave NaN or infinity.
    """
    height, width = (side // FACTOR for side in picture.pixels.shape[:2])
    y, x = (OVERLAP * goes for goes in goes_around(tiling))

    def look(row: slice, column: slice) -> Latents:
        rows, columns = (_around(span, room, length) for span, room, length in ((row, y, height), (column, x, width)))
        seen = torch.tensor(picture.pixels[np.ix_(rows, columns)])
        return encoded(vae, seen.permute(2, 0, 1)[None].float() / 127.5 - 1)

    whole = (height + 2 * y, width + 2 * x)
    latents = (
        mix_tiles(look, whole, most=_MOST, overlap=_OVERLAP)
        if in_tiles
        else look(slice(0, whole[0]), slice(0, whole[1]))
    )
    latents = latents[..., y : y + height, x : x + width]
    if not bool(torch.isfinite(latents).all()):
        raise BadNumbers("The picture's encoder (VAE) gave numbers that are no picture; draw again with --always-cpu.")
    return latents


def _around(span: slice, room: int, length: int) -> npt.NDArray[np.intp]:
    """The pixels of latents of a picture that lies `room` latents further on and is repeated on both sides."""
    first, end = int(span.start) - room, int(span.stop) - room
    return np.arange(first * FACTOR, end * FACTOR, dtype=np.intp) % (length * FACTOR)


def as_picture(pixels: torch.Tensor) -> Picture:
    """From float values -1..1 of shape (1, 3, height, width); what lies outside is clipped."""
    scaled = (pixels[0] / 2 + 0.5).clamp_(0, 1).mul_(255).round_()
    return Picture(scaled.permute(1, 2, 0).to("cpu", torch.uint8).contiguous().numpy().astype(np.uint8))


def _sound(pixels: torch.Tensor) -> torch.Tensor:
    """The same. Raises: BadNumbers: They are no numbers."""
    if not bool(torch.isfinite(pixels).all()):
        raise BadNumbers("The picture's decoder (VAE) gave numbers that are no picture; draw again with --always-cpu.")
    return pixels
