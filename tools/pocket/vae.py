"""Training the VAE: crops first, four times the pictures for the same work; whole pictures at the end."""

import hashlib
import logging
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch import nn
from torch.nn import functional

from tools.pocket import networks, seam
from tools.pocket.chance import stream
from tools.pocket.keeping import MadeOtherwise
from tools.pocket.networks import Sizes
from tools.pocket.scenes import NATIVE
from tools.pocket.training import Run, averages, device, half
from tools.pocket.work import Work

log = logging.getLogger(__name__)

NOISE = 0.07
"""On the latents while training, as a standard deviation: what decodes well must not depend on their last digits.

Sampling the posterior instead collapsed it.
"""
DECODER = "vae-decoder"
"""Step whose checkpoint holds a decoder that was trained on alone."""
RATE, DECODER_RATE = 2.5e-4, 1e-4
"""Of the whole, and of a decoder that has learnt before: four pictures a step shake it at a higher one."""
WHOLE_FROM = 0.5
"""Share of the budget after which whole pictures are seen."""


class Coder(nn.Module):
    """Encodes and decodes in one call."""

    def __init__(self, vae: AutoencoderKL) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        latents = encode(self.vae, pictures)
        return decode(self.vae, latents + NOISE * torch.randn_like(latents)), latents


def encode(network: AutoencoderKL, pictures: torch.Tensor) -> torch.Tensor:
    """The mean latents, shape (n, 4, height / 8, width / 8), of pictures in [-1, 1]."""
    untyped: Any = network
    return untyped.encode(pictures).latent_dist.mean


def decode(network: AutoencoderKL, latents: torch.Tensor) -> torch.Tensor:
    untyped: Any = network
    return untyped.decode(latents).sample


def train(work: Work, sizes: Sizes, *, minutes: float, seed: int, start: AutoencoderKL | None = None) -> None:
    seam.seed_everything(seed)
    network = start or networks.vae(sizes)
    networks.keep_near_the_mean(network)
    seam.placed(network, device(), channels_last=True)
    # The spread is fixed: its rows of the last convolution must not learn.
    _learn(work, Run(work.checkpoint("vae"), {"vae": network}, minutes=minutes, rate=RATE), seed, decoder_only=False)


def train_decoder(work: Work, sizes: Sizes, *, minutes: float, seed: int) -> None:
    """Goes on from the averaged VAE with the decoder alone: latents keep their meaning, bit for bit.

    Its run has a budget and a checkpoint of its own, which `trained` prefers.

    Raises:
        FileNotFoundError: No VAE has been trained in this work folder.
        MadeOtherwise: The decoder's checkpoint belongs to another encoder.
    """
    seam.seed_everything(seed)
    network = trained(work, sizes).train().requires_grad_(True)
    for part in _encoding(network):
        part.requires_grad_(False)
    run = Run(work.checkpoint(DECODER), {"vae": network}, minutes=minutes, rate=DECODER_RATE)
    _learn(work, run, seed, decoder_only=True)


def _learn(work: Work, run: Run, seed: int, *, decoder_only: bool) -> None:
    """Until the budget is spent; a decoder alone, which has seen crops before, sees whole pictures from the start."""
    where = device()
    network, averaged = (cast(AutoencoderKL, each["vae"]) for each in (run.networks, run.averages))
    coder = Coder(network)
    shards = [shard for shard in work.shards() if shard.size == NATIVE]
    rng = stream(seed, run.file.stem, run.step)
    pool = torch.empty(0)
    with run:
        while run.goes_on:
            if run.step % 800 == 0 or not len(pool):
                chosen: list[int] = rng.choice(len(shards), min(4, len(shards)), replace=False).tolist()
                pool = torch.cat([seam.as_tensor(shards[each].pixels()) for each in chosen])
            whole = decoder_only or run.share > WHOLE_FROM
            pictures = crops(pool, rng, 4 if whole else 16, 128 if whole else 64).to(where)
            with half(where):
                guess, latents = coder(pictures)
            run.take(distance(guess.float(), pictures) + 1e-4 * latents.float().pow(2).mean())
            if run.step % 800 == 0:
                if not decoder_only:
                    networks.keep_near_the_mean(network)
                    networks.keep_near_the_mean(averaged)
                log.info("psnr %.2f dB, latents' spread %.2f", *measure(averaged, pool[:64].to(where)))


def crops(pool: torch.Tensor, rng: np.random.Generator, count: int, side: int) -> torch.Tensor:
    """Float pictures in [-1, 1], shape (count, 3, side, side), from uint8 (n, height, width, 3)."""
    height, width = pool.shape[1:3]
    side = min(side, height, width)
    top, left = int(rng.integers(0, height - side + 1)), int(rng.integers(0, width - side + 1))
    rows = seam.as_tensor(rng.integers(0, len(pool), count))
    return as_network(pool[rows, top : top + side, left : left + side])


def as_network(pixels: torch.Tensor) -> torch.Tensor:
    """uint8 (n, height, width, 3) to float in [-1, 1], (n, 3, height, width)."""
    return (pixels.permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)


def distance(guess: torch.Tensor, pictures: torch.Tensor) -> torch.Tensor:
    """L1, squares, and L1 of both gradients, so that edges stay edges."""
    edges = sum(functional.l1_loss(torch.diff(guess, dim=axis), torch.diff(pictures, dim=axis)) for axis in (-1, -2))
    return functional.l1_loss(guess, pictures) + 4 * functional.mse_loss(guess, pictures) + 0.5 * edges


@torch.no_grad()
def measure(network: AutoencoderKL, pixels: torch.Tensor) -> tuple[float, float]:
    """Mean PSNR in dB over pictures, uint8 (n, height, width, 3), and the latents' standard deviation."""
    pictures = as_network(pixels)
    with half(pictures.device):
        latents = encode(network, pictures)
        guess = decode(network, latents).float().clamp(-1, 1)
    errors = (guess - pictures).pow(2).mean((1, 2, 3))
    return float((10 * torch.log10(4 / errors)).mean()), float(latents.float().std())


def released(folder: Path) -> AutoencoderKL:
    """The VAE of a released model, to go on from."""
    return seam.load(AutoencoderKL, folder / "vae", torch_dtype=torch.float32)


def trained(work: Work, sizes: Sizes) -> AutoencoderKL:
    """The averaged network of the last run, with the decoder that was trained on alone where there is one.

    Raises:
        FileNotFoundError: No VAE has been trained in this work folder.
        MadeOtherwise: The decoder's checkpoint belongs to another encoder.
    """
    network = networks.vae(sizes)
    network.load_state_dict(averages(work.checkpoint("vae"))["vae"])
    later = work.checkpoint(DECODER)
    if later.exists():
        encoder = encoder_digest(network)
        network.load_state_dict(averages(later)["vae"])
        if encoder_digest(network) != encoder:
            raise MadeOtherwise(f"{later} belongs to another encoder than that of {work.checkpoint('vae')}: delete it.")
    return seam.placed(network.eval().requires_grad_(False), device(), channels_last=True)


def encoder_digest(network: AutoencoderKL) -> str:
    """SHA-256 of the weights that latents depend on: those of the encoder and of the convolution after it."""
    digest = hashlib.sha256()
    for part in _encoding(network):
        for name, weight in sorted(part.state_dict().items()):
            digest.update(name.encode())
            digest.update(weight.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _encoding(network: AutoencoderKL) -> tuple[nn.Module, nn.Module]:
    return cast(nn.Module, network.encoder), cast(nn.Module, network.quant_conv)
