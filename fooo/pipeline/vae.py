"""Latents into pictures, and pictures into latents."""

from collections.abc import Callable, Iterator
from itertools import product
from math import ceil
from typing import Any, cast

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch.nn import functional

from fooo.errors import BadNumbers
from fooo.image import Picture
from fooo.pipeline.hooks import around
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
    pixels = decode_in_tiles(lambda tile: _decoded(vae, tile), beyond)
    height, width = pixels.shape[-2:]
    return pixels[..., y * FACTOR : height - y * FACTOR, x * FACTOR : width - x * FACTOR]


def encoded(vae: AutoencoderKL, pixels: torch.Tensor) -> Latents:
    """The mean latents of pixels -1..1 of shape (n, 3, 8 h, 8 w), on the processor."""
    output = cast(Any, vae.encode(pixels.to(vae.device, vae.dtype)))
    return cast(Latents, output.latent_dist.mode()).float().cpu() * cast(float, vae.config["scaling_factor"])


def as_picture(pixels: torch.Tensor) -> Picture:
    """From float values -1..1 of shape (1, 3, height, width); what lies outside is clipped."""
    scaled = (pixels[0] / 2 + 0.5).clamp(0, 1) * 255
    return Picture(scaled.round().permute(1, 2, 0).to("cpu", torch.uint8).contiguous().numpy().astype(np.uint8))


def decode_in_tiles(
    decode: Callable[[Latents], torch.Tensor], latents: Latents, *, most: int = MOST, overlap: int = OVERLAP
) -> torch.Tensor:
    """What `decode` gives of latents of any size, out of tiles that fade into each other where they overlap.

    A decoder whose pixels depend on more than the latents nearby gives slightly other tiles than it would a whole
    picture: see the tests for how much.

    Args:
        decode: Latents of shape (1, 4, h, w) into pixels of shape (1, 3, 8 h, 8 w).
        latents: Shape (1, 4, h, w).
        most: Of a tile's side, in latents.
        overlap: Of neighbours, in latents; less than `most`.

    Returns:
        float32, shape (1, 3, 8 h, 8 w).
    """
    height, width = latents.shape[-2:]
    rows, columns = (list(spans(length, most, overlap)) for length in (height, width))
    if len(rows) == len(columns) == 1:
        return decode(latents)
    total = torch.zeros((1, 1, height * FACTOR, width * FACTOR), device=latents.device)
    pixels = total.expand(1, 3, -1, -1).clone()
    for row, column in product(rows, columns):
        tile = decode(latents[..., row, column])
        window = _fade(tile, axis=-2, overlap=overlap) * _fade(tile, axis=-1, overlap=overlap)
        place = (..., _in_pixels(row), _in_pixels(column))
        pixels[place] += tile * window
        total[place] += window
    return pixels / total


def spans(length: int, most: int, overlap: int) -> Iterator[slice]:
    """The fewest stretches of equal length, at most `most`, that cover `length` and share `overlap` or more."""
    if length <= most:
        yield slice(0, length)
        return
    count = ceil((length - overlap) / (most - overlap))
    size = ceil((length + (count - 1) * overlap) / count)
    for number in range(count):
        start = number * (length - size) // (count - 1)
        yield slice(start, start + size)


def _fade(tile: torch.Tensor, *, axis: int, overlap: int) -> torch.Tensor:
    """How much each pixel counts: less and less towards both edges, over as many as are shared."""
    pixels = torch.arange(1, tile.shape[axis] + 1, device=tile.device)
    fade = torch.minimum(pixels, pixels.flip(0)).clamp(max=overlap * FACTOR).float()
    return fade[:, None] if axis == -2 else fade


def _in_pixels(span: slice) -> slice:
    return slice(span.start * FACTOR, span.stop * FACTOR)
