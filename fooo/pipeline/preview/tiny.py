"""A preview that is nearly the picture: TAESD, a decoder so small that it may run at every step."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny
from torch.nn import functional

from fooo.errors import ModelError
from fooo.image import Picture
from fooo.pipeline.latents import Latents
from fooo.pipeline.vae import as_picture
from fooo.weights.tensor_file import open_tensors

log = logging.getLogger(__name__)

_BY_SCALE = {0.13025: "taesdxl", 0.18215: "taesd"}
"""The file that decodes the latents of a VAE, by how the VAE scales them; no two families scale alike."""
_LONGEST = 64
"""Latents along a side; larger ones are shrunk, so that a preview takes at most 512 x 512 pixels."""


class TinyPreview:
    """Draws with a file that is built as diffusers' `AutoencoderTiny`.

    Args:
        file: Of TAESD or TAESDXL.
        device: That of the latents.

    Raises:
        ModelError: The file is missing, damaged or of another kind.

    Source: Bohan 2023, "Tiny AutoEncoder for Stable Diffusion"; the network is diffusers'.
    """

    def __init__(self, file: Path, device: torch.device) -> None:
        self._network = _read(file)
        cast(Any, self._network).to(device)

    @torch.inference_mode()
    def draw(self, latents: Latents) -> Picture:
        """The preview of latents of shape (1, 4, h, w); 8 h by 8 w pixels, at most 512."""
        shrink = _LONGEST / max(latents.shape[-2:])
        if shrink < 1:
            latents = functional.interpolate(latents, scale_factor=shrink, mode="area")
        return as_picture(cast(torch.Tensor, cast(Any, self._network).decode(latents, return_dict=False)[0]).float())


def find_tiny(vae: AutoencoderKL, files: Mapping[str, Path], device: torch.device) -> TinyPreview | None:
    """The tiny decoder for the latents of a VAE; None where its file is not there or cannot be read.

    Args:
        vae: The one that decodes the finished picture.
        files: Of tiny decoders, by their names without ending.
        device: That of the latents.
    """
    name = _BY_SCALE.get(cast(float, vae.config["scaling_factor"]), "")
    if name not in files:
        return None
    try:
        return TinyPreview(files[name], device)
    except ModelError as error:
        log.warning("%s The preview is coarse without it.", error)
        return None


def _read(file: Path) -> AutoencoderTiny:
    network = AutoencoderTiny()
    with open_tensors(file) as opened:
        tensors = {name: opened.read(name).float() for name in opened.names}
    try:
        network.load_state_dict(tensors)
    except RuntimeError:
        raise ModelError(file, "holds another network than a tiny decoder", "fetch it again") from None
    return network.eval().requires_grad_(requires_grad=False)
