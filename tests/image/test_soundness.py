"""What is wrong with a picture, as far as numbers tell."""

import numpy as np
import pytest

from fooo.image import Picture, resized
from fooo.image.boxes import Box
from fooo.image.soundness import MOST_DISTANCE, Fault, distance, fault_of
from tests.photographs import part_of, photograph

PHOTOGRAPH = part_of(photograph("astronaut"), left=128, top=0, side=128).pixels


def grey(level: float, size: int = 16) -> Picture:
    return Picture(np.full((size, size, 3), level, np.uint8))


def test_a_photograph_is_sound_as_levels_and_as_numbers():
    assert fault_of(PHOTOGRAPH) is None
    assert fault_of(PHOTOGRAPH.astype(np.float32), Picture(PHOTOGRAPH)) is None


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_one_number_that_is_none_is_enough(broken: float):
    pixels = PHOTOGRAPH.astype(np.float32)
    pixels[40, 50, 1] = broken
    assert fault_of(pixels) is Fault.NO_NUMBERS
    assert fault_of(pixels, Picture(PHOTOGRAPH)) is Fault.NO_NUMBERS


def test_black_and_one_colour_are_faults_unless_the_source_is_so():
    assert fault_of(grey(1).pixels) is Fault.BLACK
    assert fault_of(grey(128).pixels) is Fault.ONE_COLOUR
    assert fault_of(grey(0).pixels, grey(0)) is None
    assert fault_of(grey(128).pixels, grey(128, size=4)) is None


def test_a_black_or_even_picture_of_something_is_unlike_it():
    assert fault_of(grey(0, 128).pixels, Picture(PHOTOGRAPH)) is Fault.UNLIKE
    assert fault_of(grey(128, 128).pixels, Picture(PHOTOGRAPH)) is Fault.UNLIKE


def test_a_single_wrong_tile_is_seen():
    larger = resized(Picture(PHOTOGRAPH), Box(0, 0, 128, 128), (512, 512)).pixels.copy()
    assert fault_of(larger, Picture(PHOTOGRAPH)) is None
    larger[64:128, 64:128] = 255 - larger[64:128, 64:128]
    assert fault_of(larger, Picture(PHOTOGRAPH)) is Fault.UNLIKE


def test_the_distance_is_in_levels_and_the_bound_decides():
    pixels = PHOTOGRAPH.clip(0, 200)
    brighter = (pixels + 12).astype(np.uint8)
    assert distance(Picture(brighter), Picture(pixels)) == pytest.approx(12, abs=1)  # each mean is a whole level
    assert fault_of(brighter, Picture(pixels), most_distance=10) is Fault.UNLIKE
    assert fault_of(brighter, Picture(pixels), most_distance=MOST_DISTANCE) is None


@pytest.mark.parametrize("size", [(1, 1), (3, 200)])
def test_pictures_of_few_pixels_can_be_compared(size: tuple[int, int]):
    small = Picture(np.full((size[1], size[0], 3), 99, np.uint8))
    assert distance(small, small) == 0
