"""Previews come no faster than a person sees them."""

import numpy as np
import torch

from fooo.image import Picture
from fooo.pipeline.preview import PacedPreview
from fooo.pipeline.preview.paced import SECONDS


class Level:
    """A preview as bright as the latents."""

    def draw(self, latents: torch.Tensor) -> Picture:
        return Picture(np.full((1, 1, 3), int(latents.mean()), np.uint8))


def test_a_new_one_is_drawn_once_the_last_one_has_been_seen():
    times = iter([0.0, SECONDS / 2, SECONDS * 0.99, SECONDS, SECONDS * 1.5, SECONDS * 3])
    paced = PacedPreview(Level(), clock=lambda: next(times))
    shown = [int(paced.draw(torch.full((1, 4, 2, 2), float(step))).pixels[0, 0, 0]) for step in range(6)]
    assert shown == [0, 0, 0, 3, 3, 5]
