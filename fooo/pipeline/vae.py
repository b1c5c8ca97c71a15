"""Latents into pictures, and pictures into latents."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch.nn import functional

from fooo.errors import BadNumbers
from fooo.image import Picture
from fooo.pipeline.hooks import around
from fooo.pipeline.large.tiles import mix_tiles
from fooo.pipeline.latents import FACTOR, Latents
from fooo.request import Tiling

MOST, OVERLAP = 80, 16
"""Latents along a tile's side, and how many of them two neighbours share. 1024 x 1024 pixels are four tiles of 72."""


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
        pixels = _decoded_in_tiles(vae, latents, tiling)
    else:
        with around(vae, tiling):
            pixels = _decoded(vae, latents)
    if not bool(torch.isfinite(pixels).all()):
        raise BadNumbers("The picture's decoder (VAE) gave numbers that are no picture; draw again with --always-cpu.")
    return as_picture(pixels)


def _decoded(vae: AutoencoderKL, latents: Latents) -> torch.Tensor:
    """float32, shape (n, 3, 8 h, 8 w), about -1..1."""
    # a VAE that is asked itself looks through all of its layers
    dtype = next(vae.parameters()).dtype
    scaled = (latents / cast(float, vae.config["scaling_factor"])).to(dtype)
    return cast(torch.Tensor, cast(Any, vae).decode(scaled, return_dict=False)[0]).float()


def _decoded_in_tiles(vae: AutoencoderKL, latents: Latents, tiling: Tiling) -> torch.Tensor:
    """As `_decoded`. Where copies are to meet, each edge is decoded with what lies beyond it, which is cut off."""
    x, y = (OVERLAP if tiling in {axis, Tiling.BOTH} else 0 for axis in (Tiling.X, Tiling.Y))
    beyond = functional.pad(latents, (x, x, y, y), mode="circular")
    pixels = _in_tiles(lambda row, column: _decoded(vae, beyond[..., row, column]), beyond.shape, scale=FACTOR)
    height, width = pixels.shape[-2:]
    return pixels[..., y * FACTOR : height - y * FACTOR, x * FACTOR : width - x * FACTOR]


def encoded(vae: AutoencoderKL, pixels: torch.Tensor) -> Latents:
    """The mean latents of pixels -1..1 of shape (n, 3, 8 h, 8 w), on the processor."""
    output = cast(Any, vae.encode(pixels.to(vae.device, vae.dtype)))
    return cast(Latents, output.latent_dist.mode()).float().cpu() * cast(float, vae.config["scaling_factor"])


@torch.inference_mode()
def encode(vae: AutoencoderKL, picture: Picture, *, in_tiles: bool = False) -> Latents:
    """The latents of a picture whose sides are multiples of 8: float32, shape (1, 4, height / 8, width / 8).

    Args:
        vae: Whose encoder.
        picture: To begin with.
        in_tiles: Whether to encode a part after the other, in less memory.

    Raises:
        BadNumbers: The encoder gave NaN or infinity.
    """
    pixels = torch.tensor(picture.pixels).permute(2, 0, 1)[None].float() / 127.5 - 1
    latents = _encoded_in_tiles(vae, pixels) if in_tiles else encoded(vae, pixels)
    if not bool(torch.isfinite(latents).all()):
        raise BadNumbers("The picture's encoder (VAE) gave numbers that are no picture; draw again with --always-cpu.")
    return latents


def _encoded_in_tiles(vae: AutoencoderKL, pixels: torch.Tensor) -> Latents:
    height, width = (side // FACTOR for side in pixels.shape[-2:])
    return _in_tiles(
        lambda row, column: encoded(vae, pixels[..., _in_pixels(row), _in_pixels(column)]), (height, width), scale=1
    )


def _in_tiles(make: Callable[[slice, slice], torch.Tensor], shape: Sequence[int], *, scale: int) -> torch.Tensor:
    """As `mix_tiles` has it. A VAE sees more than what is near: see the tests for how much that makes of it."""
    height, width = shape[-2:]
    return mix_tiles(make, (height, width), most=(MOST, MOST), overlap=(OVERLAP, OVERLAP), scale=scale)


def as_picture(pixels: torch.Tensor) -> Picture:
    """From float values -1..1 of shape (1, 3, height, width); what lies outside is clipped."""
    scaled = (pixels[0] / 2 + 0.5).clamp(0, 1) * 255
    return Picture(scaled.round().permute(1, 2, 0).to("cpu", torch.uint8).contiguous().numpy().astype(np.uint8))


def _in_pixels(span: slice) -> slice:
    return slice(span.start * FACTOR, span.stop * FACTOR)
