"""Colours under what is transparent."""

import numpy as np

from fooo.image import Mask, Picture
from fooo.image.transparency import continued, on_white


def test_visible_colours_go_on_into_the_transparent_and_stay_as_they_are():
    pixels = np.zeros((33, 50, 3), np.uint8)
    pixels[10:20, 15:30] = (200, 100, 50)
    alpha = np.zeros((33, 50), np.uint8)
    alpha[10:20, 15:30] = 255
    filled = continued(Picture(pixels), Mask(alpha)).pixels
    assert (filled == (200, 100, 50)).all()


def test_the_nearest_colour_goes_on():
    pixels = np.zeros((16, 64, 3), np.uint8)
    pixels[:, :8], pixels[:, -8:] = (255, 0, 0), (0, 0, 255)
    alpha = np.zeros((16, 64), np.uint8)
    alpha[:, :8] = alpha[:, -8:] = 255
    filled = continued(Picture(pixels), Mask(alpha)).pixels
    assert filled[8, 10, 0] > 200
    assert filled[8, 53, 2] > 200


def test_a_picture_that_is_all_there_or_not_at_all_is_given_back():
    picture = Picture(np.arange(75, dtype=np.uint8).reshape(5, 5, 3))
    assert continued(picture, Mask(np.full((5, 5), 7, np.uint8))) is picture
    assert continued(picture, Mask(np.zeros((5, 5), np.uint8))) is picture


def test_what_is_transparent_lies_on_white():
    pixels = np.zeros((1, 3, 3), np.uint8)
    half = Picture(pixels, Mask(np.array([[0, 128, 255]], np.uint8)))
    assert on_white(half).pixels[0, :, 0].tolist() == [255, 127, 0]
    assert on_white(half).alpha is None
    whole = Picture(pixels)
    assert on_white(whole) is whole
