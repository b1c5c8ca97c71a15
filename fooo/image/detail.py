"""The geometry of mending details: what is too small, what is cut out around it, and how it is put back.

Nothing here draws. What `cut_out` gives is redrawn by somebody and handed to `put_back`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fooo.image.boxes import Box, Detection
from fooo.image.mask import Mask
from fooo.image.picture import Picture
from fooo.image.resize import resized

SMALL = 0.25
"""Of the model's native size: SDXL draws eyes and teeth soundly in faces of about 256 pixels and more."""
CONTEXT = 2.5
"""Lengths of the thing along each side of what is cut out: hair, neck and light tell how a face is to look."""
GROWN = 0.15
"""Of the thing's length: how far around its box it is replaced altogether."""
FEATHER = 0.35
"""Of the thing's length: over how much the old picture fades in from there."""
_LEAST_CONTEXT = 1 + 2 * (GROWN + FEATHER)
_STEP = 64
"""Pixels: models are trained at multiples of it."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Cut:
    """What is cut out of a picture around a thing.

    Attributes:
        thing: Where the thing is, in the picture.
        box: What is cut out, in whole pixels, within the picture.
        size: (width, height) at which it is redrawn.
    """

    thing: Box
    box: Box
    size: tuple[int, int]

    @property
    def box_size(self) -> tuple[int, int]:
        return round(self.box.width), round(self.box.height)


def too_small(
    found: Iterable[Detection], native: tuple[int, int], *, share: float = SMALL, most: int
) -> tuple[Detection, ...]:
    """Those that are smaller than the model can draw well, where it shows most first.

    How much it shows is counted in pixels of the thing times what it lacks of the size that is well drawn: neither a
    face of a few pixels in a crowd nor one that is nearly large enough comes first.

    Args:
        found: In one picture.
        native: (width, height) of the pictures that the model draws best.
        share: Of the native size's shorter side; a thing whose longer side has less is too small.
        most: How many at most.
    """
    enough = share * min(native)

    def shows(thing: Detection) -> float:
        return thing.box.area * (1 - _length(thing.box) / enough)

    small = [each for each in found if 0 < _length(each.box) < enough]
    return tuple(sorted(small, key=shows, reverse=True)[:most])


def cut_around(thing: Box, picture: tuple[int, int], native: tuple[int, int], *, context: float = CONTEXT) -> Cut:
    """What to cut out for a thing: of the native shape around its middle, moved inwards at the picture's edges.

    A picture that is too small for the native shape gives what it has, redrawn at about as many pixels.

    Args:
        thing: Within the picture.
        picture: Its (width, height).
        native: The same of the pictures that the model draws best.
        context: How many times longer than the thing the sides are. Of a large thing they are shorter, as long as it
            can fade in: what is cut out larger than the native size would be redrawn with fewer pixels.
    """
    ratio = native[0] / native[1]
    length = max(thing.height, thing.width / ratio)
    wanted = max(_LEAST_CONTEXT * length, min(context * length, native[1]))
    width = min(picture[0], max(1, round(wanted * ratio)))
    height = min(picture[1], max(1, round(wanted)))
    left = _inwards(thing.centre[0] - width / 2, width, picture[0])
    top = _inwards(thing.centre[1] - height / 2, height, picture[1])
    is_native_shape = (width, height) == (round(wanted * ratio), round(wanted))
    size = native if is_native_shape else _of_shape(width / height, native)
    return Cut(thing, Box(left, top, left + width, top + height), size)


def cut_out(picture: Picture, cut: Cut) -> Picture:
    """What is to be redrawn, at the size for it (Lanczos): a sharper enlarging would draw features by itself."""
    return resized(picture, cut.box, cut.size)


def put_back(picture: Picture, redrawn: Picture, cut: Cut) -> Picture:
    """The picture with the redrawn part in it: brought to the colours around the thing, and faded in.

    Where `feathered` is 0, not one bit changes.

    Args:
        picture: From which it was cut.
        redrawn: Of `cut.size`, or any other size of that shape.
        cut: Where it belongs.
    """
    place = (_span(cut.box.top, cut.box.bottom), _span(cut.box.left, cut.box.right))
    old = picture.pixels[place].astype(np.float32)
    whole = Box(0, 0, *redrawn.size)
    new = resized(redrawn, whole, cut.box_size).pixels.astype(np.float32)
    weight = (feathered(cut, picture.size).values[place].astype(np.float32) / 255)[..., None]
    mixed = old + weight * (_in_colours_of(old, new, cut) - old)
    pixels = picture.pixels.copy()
    pixels[place] = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
    return Picture(pixels)


def feathered(cut: Cut, picture: tuple[int, int]) -> Mask:
    """How much of each pixel of the picture is replaced: all in and close around the thing, none from the cut's edge.

    It does not fade towards the picture's own edges: there is nothing beyond them to fade into.
    """
    across = _fade(cut.thing.left, cut.thing.right, cut.box.left, cut.box.right, picture[0], _length(cut.thing))
    down = _fade(cut.thing.top, cut.thing.bottom, cut.box.top, cut.box.bottom, picture[1], _length(cut.thing))
    return Mask(np.rint(np.outer(down, across) * 255).astype(np.uint8))


def _fade(start: float, end: float, cut_start: float, cut_end: float, length: int, thing: float) -> Floats:
    """Along one axis of the picture: 1 in the thing, smoothly down to 0 at the cut's edges or sooner."""
    middles = np.arange(length, dtype=np.float32) + 0.5
    before = _ramp(start - middles, start - cut_start, thing) if cut_start > 0 else np.ones_like(middles)
    behind = _ramp(middles - end, cut_end - end, thing) if cut_end < length else np.ones_like(middles)
    return before * behind


def _ramp(outside: Floats, room: float, thing: float) -> Floats:
    """By how far each pixel lies outside the thing, where the cut ends `room` from it."""
    grown = min(GROWN * thing, max(0.0, room) / 2)
    feather = max(1.0, min(FEATHER * thing, room - grown))
    share = np.clip((grown + feather - outside) / feather, 0, 1)
    smooth = share * share * (3 - 2 * share)
    return np.where(outside >= room, 0, smooth).astype(np.float32)


def _in_colours_of(old: Floats, new: Floats, cut: Cut) -> Floats:
    """The new pixels, shifted by what the two differ on average in the context, of which nothing was to change."""
    context = np.ones(old.shape[:2], bool)
    thing = (
        _span(cut.thing.top - cut.box.top, cut.thing.bottom - cut.box.top),
        _span(cut.thing.left - cut.box.left, cut.thing.right - cut.box.left),
    )
    context[thing] = False
    return new + (old[context] - new[context]).mean(axis=0) if context.any() else new


def _length(box: Box) -> float:
    return max(box.width, box.height)


def _inwards(start: float, length: int, picture: int) -> int:
    return min(max(0, round(start)), picture - length)


def _of_shape(ratio: float, native: tuple[int, int]) -> tuple[int, int]:
    """About as many pixels as the native size has, in another shape; of a strip, as long as those pixels reach."""
    pixels = native[0] * native[1]
    longest = pixels / _STEP**2
    ratio = min(max(ratio, 1 / longest), longest)
    height = (pixels / ratio) ** 0.5
    width, height = (max(_STEP, round(side / _STEP) * _STEP) for side in (height * ratio, height))
    return width, height


def _span(start: float, end: float) -> slice:
    """The pixels between two places, none of them before the first."""
    return slice(max(0, round(start)), max(0, round(end)))
