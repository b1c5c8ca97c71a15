"""Pictures as they may be seen: a little worn, spoilt beyond telling, or given back by the VAE."""

import numpy as np
import numpy.typing as npt
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from PIL import Image, ImageFilter

from tools.pocket import seam, vae
from tools.pocket.training import half


def worn(picture: npt.NDArray[np.uint8], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """As a clear picture may be: a little soft or rough now and then."""
    kind = rng.random()
    if kind < 0.3:
        return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 0.9))))
    if kind < 0.5:
        return (picture + rng.normal(0, rng.uniform(2, 9), picture.shape)).clip(0, 255).astype(np.uint8)
    return picture


def spoil(
    picture: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8], rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """Blurred, half-noised, mixed with another, or torn into displaced pieces."""
    kind = rng.random()
    if kind < 0.25:
        return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(rng.uniform(4.5, 9))))
    if kind < 0.45:
        share = rng.uniform(0.55, 0.85)
        noise = Image.fromarray(rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)).resize(
            picture.shape[1::-1], Image.Resampling.BICUBIC
        )
        return (picture * (1 - share) + np.asarray(noise) * share).astype(np.uint8)
    if kind < 0.75:
        share = rng.uniform(0.42, 0.58)
        return (picture * (1 - share) + other * share).astype(np.uint8)
    pieces = int(rng.choice([4, 8]))
    size = len(picture) // pieces
    order = rng.permutation(pieces * pieces)
    tiles = picture.reshape(pieces, size, pieces, size, 3).swapaxes(1, 2).reshape(-1, size, size, 3)[order]
    torn = tiles.reshape(pieces, pieces, size, size, 3).swapaxes(1, 2).reshape(picture.shape)
    return np.asarray(Image.fromarray(torn).filter(ImageFilter.GaussianBlur(rng.uniform(0.8, 2.5))))


@torch.no_grad()
def through(coder: AutoencoderKL, pixels: npt.NDArray[np.uint8], *, noise: float = 0.0) -> npt.NDArray[np.uint8]:
    """Pictures after the VAE; damaged with `noise` on their latents, as a multiple of the latents' spread."""
    where = next(coder.parameters()).device
    made: list[npt.NDArray[np.uint8]] = []
    for part in seam.pieces(seam.as_tensor(pixels), 32):
        with half(where):
            latents = vae.encode(coder, vae.as_network(part).to(where))
            pictures = vae.decode(coder, latents + noise * latents.std() * torch.randn_like(latents))
        made.append(((pictures.float().clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy())
    return np.concatenate(made)
