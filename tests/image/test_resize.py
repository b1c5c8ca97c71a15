import numpy as np
import pytest

from fooo.image import Box, Mask, Picture, fit, part_of_shape, resized, times


def striped() -> Picture:
    """168 x 96, its left half red, its right half blue, its outermost columns green."""
    pixels = np.zeros((96, 168, 3), np.uint8)
    pixels[:, :84, 0], pixels[:, 84:, 2] = 255, 255
    pixels[:, [0, -1]] = (0, 255, 0)
    return Picture(pixels)


@pytest.mark.parametrize("size", [(1920, 1080), (64, 64), (168, 96), (100, 333), (4096, 64)])
def test_the_picture_has_exactly_the_size_that_was_asked_for(size: tuple[int, int]):
    assert fit(striped(), *size).size == size


def test_at_its_own_size_it_is_left_as_it_is():
    assert np.array_equal(fit(striped(), 168, 96).pixels, striped().pixels)


def test_the_middle_stays_the_middle_and_only_the_longer_side_is_cropped():
    square = fit(striped(), 96, 96).pixels
    assert (square[:, 40] == (255, 0, 0)).all()
    assert (square[:, 56] == (0, 0, 255)).all()
    # 36 columns are gone on each side, the green ones with them
    assert not (square[..., 1] > 0).any()


def test_the_part_of_a_shape_is_the_largest_and_in_the_middle():
    assert part_of_shape((100, 50), (1, 1)) == Box(25, 0, 75, 50)
    assert part_of_shape((50, 100), (50, 25)) == Box(0, 37.5, 50, 62.5)


def test_a_part_is_resized_as_if_the_whole_had_been():
    """Pixels beside the part count at its edges, so that tiles of a picture meet without a seam."""
    picture = striped()
    whole = resized(picture, Box(0, 0, 168, 96), (336, 192)).pixels
    part = resized(picture, Box(80, 20, 100, 40), (40, 40)).pixels
    assert np.array_equal(part, whole[40:80, 160:200])


def test_a_size_times_a_factor_has_whole_pixels():
    assert times((101, 50), 1.5) == (152, 75)
    assert times((1, 3), 0.1) == (1, 1)


def test_the_alpha_goes_with_the_picture():
    alpha = np.zeros((96, 168), np.uint8)
    alpha[:, :84] = 255
    small = fit(Picture(striped().pixels, Mask(alpha)), 42, 24)
    assert small.alpha is not None
    assert small.alpha.size == (42, 24)
    assert (small.alpha.values[:, 3], small.alpha.values[:, 38]) == (pytest.approx(255), pytest.approx(0))


def test_an_alpha_of_another_size_is_refused():
    with pytest.raises(ValueError, match="of its size"):
        Picture(striped().pixels, Mask(np.zeros((9, 9), np.uint8)))
