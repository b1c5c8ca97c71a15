"""How a picture begins: from noise, or from a picture of the store."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import assert_never

from fooo.catalog import LocalModel
from fooo.errors import RequestError
from fooo.plan.plan import Open
from fooo.plan.sizes import Sizes, choose_sizes, like
from fooo.request import Keep, Request, Size, Vary

PictureSizes = Mapping[str, Size]
"""The size of each picture of the store that a request names, by its id."""

NO_PICTURES: PictureSizes = MappingProxyType({})


def start_sizes(request: Request, filled: Request, base: LocalModel, pictures: PictureSizes) -> Sizes:
    """The size that is drawn, and the size of the picture before it is enlarged.

    Raises:
        RequestError: The size is out of range, or the picture to begin with is not in the store.
    """
    match filled.start:
        case None:
            return choose_sizes(filled.size, base.native_size)
        case Keep(picture=picture):
            own = _size_of(picture, pictures)
            return Sizes(own, own)
        case Vary(picture=picture):
            # a preset's size is for pictures from noise
            return choose_sizes(request.size or like(_size_of(picture, pictures), base.native_size), base.native_size)
        case _:
            assert_never(filled.start)


def choose_open(filled: Request, sizes: Sizes) -> tuple[Open, ...]:
    """The pass that begins with a picture of the store; none where noise is the beginning."""
    if filled.start is None:
        return ()
    return (Open(size=sizes.drawn, picture=filled.start.picture),)


def _size_of(picture: str, pictures: PictureSizes) -> Size:
    if picture not in pictures:
        raise RequestError("start.picture", "is no picture that Fooo keeps", "hand the picture in again")
    return pictures[picture]
