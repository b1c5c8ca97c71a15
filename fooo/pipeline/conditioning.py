"""What a network is told about the picture besides its latents."""

from dataclasses import dataclass

import torch

from fooo.request import Size

WANTED_SCORE = 6.0
UNWANTED_SCORE = 2.5
"""Aesthetic scores, 1..10, that the refiner is told of the wanted and of the unwanted picture (SDXL's own values)."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Conditioning:
    """For one picture and one call.

    Attributes:
        context: Encoded words, shape (1, tokens, width); tokens is a multiple of 77.
        pooled: The sentence as a whole, shape (1, width of the second tower).
        numbers: Size conditioning, shape (1, 6) for the base, (1, 5) for the refiner.
        perturbed: Whether the network is to guess without seeing its picture as a whole; `PerturbedAttention` sees to
            it.
    """

    context: torch.Tensor
    pooled: torch.Tensor
    numbers: torch.Tensor
    perturbed: bool = False


def base_numbers(size: Size) -> torch.Tensor:
    """Original height and width, crop top and left, target height and width; shape (1, 6).

    Source: Podell et al. 2023, "SDXL", section 2.2.
    """
    return torch.tensor([[size.height, size.width, 0, 0, size.height, size.width]], dtype=torch.float32)


def refiner_numbers(size: Size, score: float) -> torch.Tensor:
    """Original height and width, crop top and left, aesthetic score 1..10; shape (1, 5)."""
    return torch.tensor([[size.height, size.width, 0, 0, score]], dtype=torch.float32)
