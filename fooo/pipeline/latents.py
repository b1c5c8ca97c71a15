"""Latents: the small, four-channel pictures that the networks work on."""

import math
from collections.abc import Sequence
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


def mix(weighted: Sequence[tuple[Latents, float]]) -> Latents:
    """The sum of some latents, each times its weight; one of weight 1 is itself, bit for bit."""
    mixed = weighted[0][0] * weighted[0][1]
    for latents, weight in weighted[1:]:
        mixed = mixed + latents * weight
    return mixed


def on_the_way(start: Latents, end: Latents, share: float) -> Latents:
    """From one noise to another along the arc between them, on which all are as loud as these two.

    Args:
        start: Where `share` is 0, bit for bit.
        end: Where it is 1, bit for bit.
        share: In 0..1.

    Source: Shoemake 1985, "Animating Rotation with Quaternion Curves" (spherical linear interpolation).
    """
    if share in (0, 1):
        return end if share else start
    cosine = (start * end).sum() / (start.square().sum() * end.square().sum()).sqrt()
    angle = math.acos(min(1.0, max(-1.0, float(cosine))))
    if math.sin(angle) < 1e-6:  # the same noise twice
        return start
    weights = (math.sin((1 - share) * angle) / math.sin(angle), math.sin(share * angle) / math.sin(angle))
    return mix([(start, weights[0]), (end, weights[1])])
