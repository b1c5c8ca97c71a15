"""Pictures of which something is transparent: the colours beneath, where files hold whatever a program left there."""

import numpy as np
import numpy.typing as npt

from fooo.image.mask import Mask
from fooo.image.picture import Picture

Floats = npt.NDArray[np.float32]


def continued(picture: Picture, alpha: Mask) -> Picture:
    """The picture with its visible colours continued into where nothing is visible; the visible pixels as they are.

    What looks at a pixel's surroundings, as a resize or a network does, else draws a dark rim around the visible.
    """
    visible = alpha.values > 0
    if visible.all() or not visible.any():
        return picture
    weights: Floats = (alpha.values.astype(np.float32) / np.float32(255))[..., None]
    colours = _filled(picture.pixels.astype(np.float32) * weights, weights)
    pixels = np.where(visible[..., None], picture.pixels, np.clip(np.rint(colours), 0, 255)).astype(np.uint8)
    return Picture(pixels)


def on_white(picture: Picture) -> Picture:
    """The picture without alpha, as pages show what is transparent."""
    if picture.alpha is None:
        return picture
    share = picture.alpha.values[..., None].astype(np.float32) / 255
    mixed = picture.pixels * share + 255 * (1 - share)
    return Picture(np.rint(mixed).astype(np.uint8))


def _filled(colours: Floats, weights: Floats) -> Floats:
    """Colours for every pixel: where none has weight, those of a picture half the size, which are of a wider look.

    Args:
        colours: Times their weights; shape (height, width, 3).
        weights: Shape (height, width, 1); somewhere above 0.
    """
    here = weights > 0
    own = np.divide(colours, weights, out=np.zeros_like(colours), where=here)
    if here.all():
        return own
    wider = _filled(_halved(colours), _halved(weights)).repeat(2, axis=0).repeat(2, axis=1)
    return np.where(here, own, wider[: own.shape[0], : own.shape[1]])


def _halved(values: Floats) -> Floats:
    """Means of 2 x 2; beyond the edge there is nothing."""
    height, width, channels = values.shape
    even = np.pad(values, ((0, height % 2), (0, width % 2), (0, 0)))
    halved: Floats = even.reshape(-(-height // 2), 2, -(-width // 2), 2, channels).mean(axis=(1, 3))
    return halved
