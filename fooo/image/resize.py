"""Pictures at other sizes."""

import numpy as np
from PIL import Image

from fooo.image.picture import Picture


def fit(picture: Picture, width: int, height: int) -> Picture:
    """The picture at exactly that size: cropped evenly, as little as its shape takes, then resized (Lanczos)."""
    across, down = picture.size
    shape = width / height
    kept = (min(across, down * shape), min(down, across / shape))
    left, top = (across - kept[0]) / 2, (down - kept[1]) / 2
    box = (left, top, left + kept[0], top + kept[1])
    resized = Image.fromarray(picture.pixels).resize((width, height), Image.Resampling.LANCZOS, box=box)
    return Picture(np.asarray(resized).copy())
