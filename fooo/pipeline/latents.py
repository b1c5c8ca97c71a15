"""Latents: the small, four-channel pictures that the networks work on."""

from typing import TypeAlias

import torch

from fooo.request import Size

Latents: TypeAlias = torch.Tensor
"""float32, shape (n, 4, height / 8, width / 8), scaled so that clean latents have a spread of about 1."""

FACTOR = 8
"""Pixels a latent, along each side."""


def draw_noise(seed: int, size: Size) -> Latents:
    """Standard normal noise for one picture, shape (1, 4, height / 8, width / 8), on the processor.

    It is always drawn there, so that a seed means the same picture on every device.
    """
    generator = torch.Generator("cpu").manual_seed(seed)
    shape = (1, 4, size.height // FACTOR, size.width // FACTOR)
    return torch.randn(shape, generator=generator, dtype=torch.float32)
