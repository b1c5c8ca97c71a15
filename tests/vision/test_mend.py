"""Details are redrawn where it shows, each with a seed of its own, and nothing else changes by one bit."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from fooo.errors import BadNumbers
from fooo.image import Box, Detection, Picture
from fooo.image.detail import cut_around, feathered, too_small
from fooo.image.soundness import Fault
from fooo.vision.mend import Mended, detail_seeds, mend
from tests.photographs import photograph

NATIVE = (256, 256)
PICTURE = photograph("astronaut")
FACE, SMALLER = Box(181, 58, 240, 118), Box(200, 350, 230, 380)
SEED = 7


@dataclass
class Painter:
    """Redraws a part upside down, whatever it shows, or gives what it was told to; counts."""

    instead: Callable[[int], Picture | None] | None = None
    seen: list[tuple[Picture, int]] = field(default_factory=list[tuple[Picture, int]])

    def __call__(self, part: Picture, seed: int) -> Picture | None:
        self.seen.append((part, seed))
        if self.instead:
            return self.instead(len(self.seen))
        return Picture(part.pixels[::-1].copy())


def faces(*boxes: Box) -> list[Detection]:
    return [Detection(box=box, score=0.9) for box in boxes]


def mended(painter: Painter, *boxes: Box, most: int = 4, share: float = 0.25) -> Mended:
    chosen = too_small(faces(*boxes), NATIVE, share=share, most=most)
    return mend(PICTURE, chosen, painter, native=NATIVE, seed=SEED)


def even(level: float) -> Picture:
    return Picture(np.full((256, 256, 3), level, np.uint8))


def test_each_is_given_at_the_native_size_and_put_back_where_it_shows_most_first():
    painter = Painter()
    result = mended(painter, SMALLER, FACE, share=0.5)
    assert result.boxes == (FACE, SMALLER)
    assert [part.size for part, _ in painter.seen] == [NATIVE, NATIVE]
    assert not result.stopped
    assert result.left == ()
    for face in (FACE, SMALLER):
        place = (slice(round(face.top), round(face.bottom)), slice(round(face.left), round(face.right)))
        assert (result.picture.pixels[place] != PICTURE.pixels[place]).mean() > 0.8  # some are equal by chance


def test_beside_the_feathered_boxes_not_one_bit_changes():
    boxes = (FACE, SMALLER, Box(0, 490, 20, 512))
    result = mended(Painter(), *boxes, share=0.5)
    reached = np.zeros((512, 512), bool)
    for box in boxes:
        reached |= feathered(cut_around(box, PICTURE.size, NATIVE), PICTURE.size).values > 0
    assert 0.05 < reached.mean() < 0.5
    assert np.array_equal(result.picture.pixels[~reached], PICTURE.pixels[~reached])


def test_each_has_a_seed_of_its_own_which_does_not_hang_on_their_number():
    painter = Painter()
    mended(painter, FACE, SMALLER, share=0.5)
    seeds = tuple(seed for _, seed in painter.seen)
    assert seeds == detail_seeds(SEED, 2) == detail_seeds(SEED, 9)[:2]
    assert len({*detail_seeds(SEED, 200), *detail_seeds(SEED + 1, 200)}) == 400
    assert all(0 <= seed < 2**32 for seed in detail_seeds(SEED, 200))


def test_two_runs_are_alike():
    one, other = (mended(Painter(), FACE, SMALLER, share=0.5) for _ in range(2))
    assert np.array_equal(one.picture.pixels, other.picture.pixels)


@pytest.mark.parametrize("boxes", [(), (Box(20, 20, 90, 100),), (Box(5, 5, 5, 5),)], ids=["none", "large", "empty"])
def test_without_a_face_that_needs_it_the_picture_is_the_very_same(boxes: tuple[Box, ...]):
    painter = Painter()
    result = mended(painter, *boxes)
    assert result.picture is PICTURE
    assert result.boxes == ()
    assert painter.seen == []


def test_what_is_chosen_is_redrawn_whatever_its_size_in_the_order_in_which_it_is_given():
    painter = Painter()
    large = Box(20, 20, 90, 100)
    result = mend(PICTURE, faces(SMALLER, large, FACE), painter, native=NATIVE, seed=SEED)
    assert result.boxes == (SMALLER, large, FACE)


def test_of_200_faces_as_many_are_redrawn_as_are_wanted():
    rows = [Box(24 * column, 24 * row, 24 * column + 20, 24 * row + 20) for row in range(10) for column in range(20)]
    painter = Painter()
    assert len(mended(painter, *rows, most=5).boxes) == len(painter.seen) == 5


@pytest.mark.parametrize(
    "box", [Box(0, 0, 20, 30), Box(490, 0, 512, 25), Box(0, 480, 31, 512), Box(500.5, 489.25, 512, 512)]
)
def test_a_face_cut_by_the_border_is_redrawn_up_to_it(box: Box):
    result = mended(Painter(), box)
    assert result.boxes == (box,)
    assert result.picture.size == PICTURE.size
    corner = (0 if box.top == 0 else 511, 0 if box.left == 0 else 511)
    values = feathered(cut_around(box, PICTURE.size, NATIVE), PICTURE.size).values
    assert values[corner] == 255


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (30, 20)])
def test_in_the_smallest_pictures_a_face_can_be_all_there_is(size: tuple[int, int]):
    picture = Picture(np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))
    painter = Painter()
    whole = faces(Box(0, 0, *size))
    result = mend(picture, whole, painter, native=NATIVE, seed=SEED)
    assert result.picture.size == size
    part, _ = painter.seen[0]
    assert part.size[0] * part.size[1] == pytest.approx(256**2, rel=0.35)  # sides are multiples of 64
    assert min(part.size) >= 64


def test_what_came_out_broken_stays_as_it_was_and_the_rest_goes_on():
    def broken(number: int) -> Picture:
        match number:
            case 1:
                raise BadNumbers("The network gave no numbers.")
            case 2:
                return even(0)
            case 3:
                return even(128)
            case _:
                return Picture(np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8))

    boxes = [Box(120 * n, 10, 120 * n + 40 - n, 50) for n in range(4)]
    result = mended(Painter(broken), *boxes)
    assert result.left == (Fault.NO_NUMBERS, Fault.BLACK, Fault.ONE_COLOUR)
    assert result.boxes == (boxes[3],)
    assert np.array_equal(result.picture.pixels[:, :300], PICTURE.pixels[:, :300])


def test_a_stop_keeps_what_is_done():
    result = mended(Painter(lambda number: even(90) if number > 9 else None), FACE)
    assert (result.stopped, result.boxes, result.picture is PICTURE) == (True, (), True)

    def one_then_stop(number: int) -> Picture | None:
        return Picture(np.tile(np.arange(256, dtype=np.uint8)[:, None], (256, 1, 3))) if number == 1 else None

    result = mended(Painter(one_then_stop), FACE, SMALLER, share=0.5)
    assert (result.stopped, result.boxes) == (True, (FACE,))
    assert not np.array_equal(result.picture.pixels, PICTURE.pixels)
