"""Mends details of a picture, such as faces: each is cut out, redrawn larger by somebody, and put back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fooo.errors import BadNumbers
from fooo.image import Box, Detection, Picture
from fooo.image.detail import cut_around, cut_out, put_back
from fooo.image.soundness import Fault, fault_of
from fooo.plan.dice import Dice

Redraw = Callable[[Picture, int], Picture | None]
"""Redraws what was cut out, with a seed, at the same size; None after a stop.

Raises:
    BadNumbers: It came out broken.
"""

_SEEDS = 2**32


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Mended:
    """What became of a picture.

    Attributes:
        picture: The one that was given, where nothing was redrawn.
        boxes: Of what was redrawn, in that order.
        left: Of what was to be redrawn and stayed as it was, why.
        stopped: Whether it ended before all was done.
    """

    picture: Picture
    boxes: tuple[Box, ...] = ()
    left: tuple[Fault, ...] = ()
    stopped: bool = False


def mend(
    picture: Picture,
    chosen: Sequence[Detection],
    redraw: Redraw,
    *,
    native: tuple[int, int],
    seed: int,
) -> Mended:
    """The picture with these details redrawn; all else bit for bit as it was.

    Args:
        picture: Of any size.
        chosen: What is to be redrawn, in this order; see `too_small`.
        redraw: Is given what is cut out at about `native` size.
        native: (width, height) of the pictures that the model draws best.
        seed: Of the picture; each detail is drawn with one of its own from it.
    """
    boxes: list[Box] = []
    left: list[Fault] = []
    for thing, own_seed in zip(chosen, detail_seeds(seed, len(chosen)), strict=True):
        cut = cut_around(thing.box, picture.size, native)
        redrawn = _redrawn(cut_out(picture, cut), own_seed, redraw)
        match redrawn:
            case None:
                return Mended(picture=picture, boxes=tuple(boxes), left=tuple(left), stopped=True)
            case Fault():
                left.append(redrawn)
            case Picture():
                picture = put_back(picture, redrawn, cut)
                boxes.append(thing.box)
    return Mended(picture=picture, boxes=tuple(boxes), left=tuple(left))


def detail_seeds(seed: int, count: int) -> tuple[int, ...]:
    """The seeds of a picture's details, each 0..2**32 - 1; the first ones are the same however many there are."""
    dice = Dice(seed, "detail")
    return tuple(dice.below(_SEEDS) for _ in range(count))


def _redrawn(part: Picture, seed: int, redraw: Redraw) -> Picture | Fault | None:
    try:
        redrawn = redraw(part, seed)
    except BadNumbers:
        return Fault.NO_NUMBERS
    if redrawn is None:
        return None
    return fault_of(redrawn.pixels) or redrawn
