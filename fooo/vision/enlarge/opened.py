"""Enlarges what a picture file showed: the picture, and its transparency with it."""

from dataclasses import replace

from fooo.image.picture_files import OpenedPicture
from fooo.image.transparency import continued
from fooo.vision.enlarge.enlarger import Enlarger, Size, Watch, go_on


def enlarge_opened(
    enlarger: Enlarger, opened: OpenedPicture, size: Size, *, watch: Watch = go_on
) -> OpenedPicture | None:
    """The picture and its transparency, each as `Enlarger.enlarge` has it; None after a stop.

    Raises:
        BadNumbers, OutOfMemory, RuntimeError: As of `Enlarger.enlarge`.
    """
    if opened.alpha is None:
        picture = enlarger.enlarge(opened.picture, size, watch=watch)
        return picture and replace(opened, picture=picture)
    picture = enlarger.enlarge(continued(opened.picture, opened.alpha), size, watch=watch)
    alpha = picture and enlarger.enlarge_mask(opened.alpha, size, watch=watch)
    return OpenedPicture(picture, alpha, opened.exif) if picture and alpha else None
