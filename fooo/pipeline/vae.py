"""Latents into pictures: the decoder, and a linear stand-in for it that is quick enough for every step."""

from typing import Any, cast

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch.nn import functional

from fooo.errors import BadNumbers
from fooo.image import Picture
from fooo.pipeline.latents import FACTOR, Latents

_SAMPLES, _SIDE = 8, 16


@torch.inference_mode()
def decode(vae: AutoencoderKL, latents: Latents) -> Picture:
    """The picture of clean latents of shape (1, 4, h, w); 8 h by 8 w pixels.

    Raises:
        BadNumbers: The decoder gave NaN or infinity.
    """
    pixels = _decoded(vae, latents)
    if not bool(torch.isfinite(pixels).all()):
        raise BadNumbers("The picture's decoder (VAE) gave numbers that are no picture; draw again with --always-cpu.")
    return _picture(pixels)


class LinearPreview:
    """Guesses a small picture, one pixel a latent, as a linear map from the four channels to red, green and blue.

    The map is fitted by least squares to the latents that the model's own encoder gives smooth random colours, so it
    fits any model.
    """

    def __init__(self, vae: AutoencoderKL) -> None:
        generator = torch.Generator("cpu").manual_seed(0)
        colours = torch.rand((_SAMPLES, 3, 4, 4), generator=generator) * 2 - 1
        pixels = functional.interpolate(colours, size=(_SIDE, _SIDE), mode="bilinear")
        with torch.inference_mode():
            latents = _encoded(vae, functional.interpolate(pixels, scale_factor=FACTOR, mode="bilinear"))
        ones = torch.ones_like(latents[:, :1])
        known = torch.cat([latents, ones], dim=1).movedim(1, -1).reshape(-1, 5)
        wanted = pixels.movedim(1, -1).reshape(-1, 3)
        self._map: torch.Tensor = cast(Any, torch.linalg).lstsq(known, wanted)[0]

    @torch.inference_mode()
    def draw(self, latents: Latents) -> Picture:
        """The preview of latents of shape (1, 4, h, w); h by w pixels."""
        matrix = self._map.to(latents.device)
        pixels = torch.einsum("ncyx,cr->nryx", latents, matrix[:4]) + matrix[4].view(1, 3, 1, 1)
        return _picture(pixels)


def _decoded(vae: AutoencoderKL, latents: Latents) -> torch.Tensor:
    """float32, shape (n, 3, 8 h, 8 w), about -1..1."""
    scaled = (latents / cast(float, vae.config["scaling_factor"])).to(vae.dtype)
    return cast(torch.Tensor, cast(Any, vae).decode(scaled, return_dict=False)[0]).float()


def _encoded(vae: AutoencoderKL, pixels: torch.Tensor) -> Latents:
    """The mean latents of pixels -1..1 of shape (n, 3, 8 h, 8 w), on the processor."""
    output = cast(Any, vae.encode(pixels.to(vae.device, vae.dtype)))
    return cast(Latents, output.latent_dist.mode()).float().cpu() * cast(float, vae.config["scaling_factor"])


def _picture(pixels: torch.Tensor) -> Picture:
    """From float values -1..1 of shape (1, 3, height, width); what lies outside is clipped."""
    scaled = (pixels[0] / 2 + 0.5).clamp(0, 1) * 255
    return Picture(scaled.round().permute(1, 2, 0).to("cpu", torch.uint8).contiguous().numpy().astype(np.uint8))
