"""Sharpness: fine texture that the guesses would smooth away is kept."""

import torch
from torch.nn import functional

from fooo.pipeline.guidance import Guesses
from fooo.pipeline.hooks.hook import Hook
from fooo.pipeline.latents import Latents
from fooo.pipeline.moment import CallName, Moment
from fooo.pipeline.noise_levels import NoiseLevels

_REACH = 6
"""Latents to each side that are blurred over."""
_SPREAD = 3.0
"""Of the blur in space, and in colour where the picture's own spread is 1."""
_FULL = 0.001
"""Share of the noise that is blurred at the end, for a sharpness of 1."""


class Sharpness(Hook):
    """Blurs a little of the noise that the network sees, but not across the edges of the picture.

    So what it takes for noise and is texture stays in the picture. The share grows from nothing to its full size at the
    end. Without a negative guess to lead away from there is none.

    Args:
        sharpness: 0..30.
        levels: What the model was trained at.

    Source: Fooocus, "image sharpness" (anisotropic filter of the noise); the filter is of Tomasi and Manduchi 1998,
    "Bilateral Filtering for Gray and Color Images", section 2, its colours those of another picture (Petschnigg et al.
    2004, "Digital Photography with Flash and No-Flash Image Pairs", section 4.1).
    """

    def __init__(self, sharpness: float, levels: NoiseLevels) -> None:
        self._sharpness, self._levels = sharpness, levels

    def guide(self, guesses: Guesses, moment: Moment) -> Guesses:
        if CallName.NEGATIVE not in guesses:
            return guesses
        clean = guesses[CallName.POSITIVE]
        noise = moment.latents - clean
        share = _FULL * self._sharpness * self._levels.progress(moment.sigma)
        sharper = clean + (noise - blur(noise, clean)) * share
        return {**guesses, CallName.POSITIVE: sharper}


def blur(latents: Latents, guide: Latents) -> Latents:
    """Latents blurred where the guide is smooth, and not across its edges.

    Args:
        latents: Shape (1, 4, h, w), h and w above 6.
        guide: Of the same shape; only how it differs within itself counts.
    """
    spread, mean = torch.std_mean(guide)
    colours = _padded((guide - mean) / (spread + 1e-5))
    values = _padded(latents)
    _, _, height, width = latents.shape
    middle = colours[..., _REACH : _REACH + height, _REACH : _REACH + width, None]
    total, weights = torch.zeros_like(latents), torch.zeros_like(latents[:, :1])
    offsets = torch.arange(-_REACH, _REACH + 1, device=latents.device)
    for row in range(2 * _REACH + 1):
        # one row of the window at a time, its columns on an axis of their own
        beside = colours[..., row : row + height, :].unfold(-1, 2 * _REACH + 1, 1)
        distance = (beside - middle).abs().sum(1, keepdim=True).square() + offsets.square() + (row - _REACH) ** 2
        weight = torch.exp(-distance / (2 * _SPREAD**2))
        total = total + (values[..., row : row + height, :].unfold(-1, 2 * _REACH + 1, 1) * weight).sum(-1)
        weights = weights + weight.sum(-1)
    return total / weights


def _padded(latents: Latents) -> Latents:
    return functional.pad(latents, (_REACH,) * 4, mode="reflect")
