"""A preview that costs next to nothing and fits any model: a linear map from latents to colours."""

from typing import Any, cast

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch.nn import functional

from fooo.image import Picture
from fooo.pipeline.latents import FACTOR, Latents
from fooo.pipeline.vae import encoded

_SAMPLES, _SIDE = 8, 16


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
            latents = encoded(vae, functional.interpolate(pixels, scale_factor=FACTOR, mode="bilinear"))
        ones = torch.ones_like(latents[:, :1])
        known = torch.cat([latents, ones], dim=1).movedim(1, -1).reshape(-1, 5)
        wanted = pixels.movedim(1, -1).reshape(-1, 3)
        fitted: torch.Tensor = cast(Any, torch.linalg).lstsq(known, wanted)[0]
        # straight to 0..255: at every step of a small model each operation counts
        self._matrix = fitted[:4] * 127.5
        self._black = fitted[4] * 127.5 + 127.5

    @torch.inference_mode()
    def draw(self, latents: Latents) -> Picture:
        """The preview of latents of shape (1, 4, h, w); h by w pixels."""
        _, channels, height, width = latents.shape
        colours = torch.addmm(self._black, latents.view(channels, -1).T.cpu(), self._matrix)
        return Picture(colours.clamp_(0, 255).round_().to(torch.uint8).view(height, width, 3).numpy())
