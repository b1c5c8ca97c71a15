import numpy as np
import pytest

from fooo.image import Picture
from fooo.record.compare import difference

GREY = Picture(np.full((4, 8, 3), 100, np.uint8))


def test_a_picture_does_not_differ_from_itself():
    assert difference(GREY, Picture(GREY.pixels.copy())) is not None
    apart = difference(GREY, GREY)
    assert apart is not None
    assert (apart.mean, apart.largest, apart.share) == (0, 0, 0)


def test_one_pixel_of_32_that_differs_is_counted():
    pixels = GREY.pixels.copy()
    pixels[0, 0] = (103, 100, 88)
    apart = difference(GREY, Picture(pixels))
    assert apart is not None
    assert apart.largest == 12
    assert apart.share == 1 / 32
    assert apart.mean == pytest.approx(15 / 96)


def test_pictures_of_two_sizes_are_not_compared():
    assert difference(GREY, Picture(np.zeros((4, 4, 3), np.uint8))) is None
