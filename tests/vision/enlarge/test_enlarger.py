"""Pictures of any size to any size, in tiles without seams, sound or not at all."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from fooo.errors import BadNumbers
from fooo.image import Box, Mask, Picture, fit, resized
from fooo.image.picture_files import OpenedPicture
from fooo.vision.enlarge import Enlarger, enlarge_opened
from fooo.weights import Precision
from tests.photographs import part_of, photograph, smaller
from tests.vision.enlarge.upscalers import CPU, Blurring, Failing, Repeating, stand_in

SMALL = smaller(photograph("coffee"), (90, 60))
NOISE = Picture(np.random.default_rng(0).integers(0, 256, (150, 210, 3), dtype=np.uint8))
GRADIENT = Picture(np.linspace(0, 255, 150 * 210 * 3).reshape(150, 210, 3).astype(np.uint8))


def enlarged(enlarger: Enlarger, picture: Picture, size: tuple[int, int]) -> Picture:
    larger = enlarger.enlarge(picture, size)
    assert larger is not None
    return larger


@pytest.mark.parametrize("size", [(91, 60), (135, 90), (180, 120), (360, 240), (720, 480), (1441, 961), (300, 50)])
def test_the_picture_has_exactly_the_size_that_was_asked_for(size: tuple[int, int]):
    assert enlarged(Enlarger(stand_in(Repeating(4)), CPU), SMALL, size).size == size


def test_by_its_own_factor_nothing_comes_after_the_network():
    assert np.array_equal(
        enlarged(Enlarger(stand_in(Repeating(4)), CPU), SMALL, (360, 240)).pixels,
        SMALL.pixels.repeat(4, axis=0).repeat(4, axis=1),
    )


def test_another_factor_is_the_network_and_a_resize():
    by_four = Picture(SMALL.pixels.repeat(4, axis=0).repeat(4, axis=1))
    wanted = resized(by_four, Box(0, 0, 360, 240), (135, 90))
    assert np.array_equal(enlarged(Enlarger(stand_in(Repeating(4)), CPU), SMALL, (135, 90)).pixels, wanted.pixels)


def test_beyond_its_factor_the_network_is_used_again():
    network = Repeating(2)
    enlarged(Enlarger(stand_in(network), CPU), SMALL, (90 * 5, 60 * 5))
    # backwards from 5: 2.5 times and 1.25 times are on the way
    assert network.seen == [(90, 60), (113, 75), (225, 150)]


def test_another_shape_is_cropped_evenly():
    square = enlarged(Enlarger(stand_in(Repeating(4)), CPU), SMALL, (240, 240))
    # of 90 columns 60 are kept: those from 15 on
    middle = SMALL.pixels[:, 15:75]
    assert np.array_equal(square.pixels, middle.repeat(4, axis=0).repeat(4, axis=1))


def test_what_is_not_to_become_larger_is_only_resized():
    network = Repeating(4)
    made = enlarged(Enlarger(stand_in(network), CPU), SMALL, (45, 30))
    assert np.array_equal(made.pixels, fit(SMALL, 45, 30).pixels)
    assert network.seen == []


@pytest.mark.parametrize("picture", [NOISE, GRADIENT], ids=["noise", "gradient"])
@pytest.mark.parametrize(("size", "rounded"), [((840, 600), 1), ((313, 223), 3), ((420, 150), 3)])
@pytest.mark.parametrize("multiple", [1, 2])
def test_tiles_meet_without_a_seam(picture: Picture, size: tuple[int, int], rounded: int, multiple: int):
    """Convolutions add up in another order by shape, and the resize behind them rounds twice: across, then down."""
    upscaler = stand_in(Blurring(4), context=6, multiple=multiple)
    whole = enlarged(Enlarger(upscaler, CPU), picture, size)
    network = Blurring(4)
    tiled = enlarged(Enlarger(replace(upscaler, network=network), replace(CPU, tile=60)), picture, size)
    assert len(network.seen) > 8
    assert np.abs(whole.pixels.astype(int) - tiled.pixels).max() <= rounded


def test_tiles_with_too_little_context_are_seen_to_have_seams():
    """The test above can fail: the network looks three pixels far."""
    upscaler = stand_in(Blurring(4), context=-3)
    whole, tiled = (enlarged(Enlarger(upscaler, replace(CPU, tile=tile)), NOISE, (840, 600)) for tile in (1024, 60))
    assert np.abs(whole.pixels.astype(int) - tiled.pixels).max() > 8


def test_sides_that_do_not_divide_are_filled_up_and_cut_again():
    network = Repeating(4)
    made = enlarged(Enlarger(stand_in(network, multiple=4), CPU), part_of(NOISE, 0, 0, 61), (244, 244))
    assert network.seen == [(64, 64)]
    assert np.array_equal(made.pixels, part_of(NOISE, 0, 0, 61).pixels.repeat(4, axis=0).repeat(4, axis=1))


@pytest.mark.parametrize("size", [(1, 1), (1, 18), (2, 5)])
@pytest.mark.parametrize("multiple", [1, 4])
def test_the_smallest_pictures_are_shown_with_more_around_them(size: tuple[int, int], multiple: int):
    """The network sees black beyond what it is shown, which would darken all of such a picture."""
    picture = Picture(np.full((size[1], size[0], 3), (77, 10, 200), np.uint8))
    enlarger = Enlarger(stand_in(Blurring(4), multiple=multiple), CPU, true_to_source=False)
    made = enlarged(enlarger, picture, (size[0] * 4, size[1] * 4))
    assert (made.pixels == (77, 10, 200)).all()


def test_a_strip_of_one_pixel_can_be_enlarged():
    strip = Picture(np.full((300, 1, 3), 77, np.uint8))
    assert (enlarged(Enlarger(stand_in(Repeating(4)), CPU), strip, (8, 2400)).pixels == 77).all()


class Tinting(Repeating):
    """Makes all of it redder."""

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        return super().forward(picture) + torch.tensor([0.04, 0, 0])[:, None, None]


def test_a_picture_without_colours_gets_none():
    grey = Picture(SMALL.pixels[..., :1].repeat(3, axis=2).clip(0, 200))
    by_one, by_two_steps = (
        enlarged(Enlarger(stand_in(Tinting(4)), CPU, true_to_source=False), grey, (90 * times, 60 * times)).pixels
        for times in (4, 8)
    )
    assert np.array_equal(by_one, (grey.pixels + 3).repeat(4, axis=0).repeat(4, axis=1))  # a third of 0.04 of 255
    assert np.array_equal(by_two_steps[..., 0], by_two_steps[..., 2])
    tinted = enlarged(Enlarger(stand_in(Tinting(4)), CPU, true_to_source=False), SMALL, (360, 240)).pixels
    assert not np.array_equal(tinted[..., 0], tinted[..., 2])


def test_who_watches_hears_of_the_beginning_and_of_every_tile_and_may_stop():
    told: list[tuple[int, int]] = []

    def watch(done: int, tiles: int) -> bool:
        told.append((done, tiles))
        return done < 3

    enlarger = Enlarger(stand_in(Repeating(4)), replace(CPU, tile=60))
    assert enlarger.enlarge(NOISE, (840, 600), watch=watch) is None
    assert [done for done, _ in told] == [0, 1, 2, 3]
    assert len({tiles for _, tiles in told}) == 1


def test_numbers_that_are_none_are_told_and_more_exact_ones_help():
    network = Failing(4)
    enlarger = Enlarger(stand_in(network), replace(CPU, precision=Precision.BFLOAT16))
    with pytest.raises(BadNumbers, match="has pixels that are no numbers"):
        enlarger.enlarge(SMALL, (360, 240))
    assert enlarger.raise_precision()
    assert enlarged(enlarger, SMALL, (360, 240)).size == (360, 240)
    assert network.dtypes == [torch.bfloat16, torch.float32]
    assert not enlarger.raise_precision()


def test_a_picture_that_is_unlike_its_source_is_refused():
    network = Repeating(4)
    network.weight.data *= 0.5
    with pytest.raises(BadNumbers, match="too unlike the picture it was made from"):
        Enlarger(stand_in(network), CPU, true_to_source=False).enlarge(SMALL, (360, 240))


def test_what_a_network_does_to_the_colours_is_taken_back():
    class Repainting(Repeating):
        """Darkens, and sharpens by a pattern inside each pixel."""

        def forward(self, picture: torch.Tensor) -> torch.Tensor:
            pattern = torch.tensor([[0.1, -0.1], [-0.1, 0.1]]).repeat(picture.shape[2] * 2, picture.shape[3] * 2)
            return super().forward(picture) * 0.9 + pattern

    made = enlarged(Enlarger(stand_in(Repainting(4)), CPU), SMALL, (360, 240))
    again = made.pixels.reshape(60, 4, 90, 4, 3).mean(axis=(1, 3))
    inside = (SMALL.pixels > 30) & (SMALL.pixels < 225)  # of what is darker or brighter, some is cut off
    # what is added between the pixels is smooth, so that it is not quite what each pixel lacks
    assert np.abs(again - SMALL.pixels)[inside].mean() < 1
    pattern = made.pixels[..., 1].astype(int).reshape(60, 4, 90, 4)
    assert (pattern[:, 0, :, 0] - pattern[:, 0, :, 1])[inside[..., 1]].mean() > 40  # it stays: 0.2 of 255


def test_a_network_for_float32_only_is_left_in_it():
    network = Repeating(4)
    upscaler = replace(stand_in(network), only_float32=True)
    enlarger = Enlarger(upscaler, replace(CPU, precision=Precision.BFLOAT16))
    enlarged(enlarger, SMALL, (360, 240))
    assert network.dtypes == [torch.float32]
    assert not enlarger.raise_precision()


def test_with_less_memory_the_tiles_are_smaller():
    network = Repeating(4)
    enlarger = Enlarger(stand_in(network), replace(CPU, tile=200))
    assert enlarger.lower()
    enlarged(enlarger, NOISE, (840, 600))
    assert max(max(seen) for seen in network.seen) <= 192
    assert not enlarger.lower()


def test_a_mask_is_enlarged_as_a_picture_of_grey():
    values = np.zeros((40, 40), np.uint8)
    values[10:30, 10:30] = 255
    made = Enlarger(stand_in(Repeating(4)), CPU).enlarge_mask(Mask(values), (160, 160))
    assert made is not None
    assert np.array_equal(made.values, values.repeat(4, axis=0).repeat(4, axis=1))


def test_transparency_is_kept_and_what_lies_under_it_does_not_show_at_the_edge():
    pixels = np.zeros((40, 40, 3), np.uint8)
    pixels[10:30, 10:30] = 200
    alpha = np.zeros((40, 40), np.uint8)
    alpha[10:30, 10:30] = 255
    opened = OpenedPicture(Picture(pixels), Mask(alpha), exif=b"kept")
    made = enlarge_opened(Enlarger(stand_in(Blurring(4)), CPU), opened, (160, 160))
    assert made is not None
    assert made.alpha is not None
    assert made.exif == b"kept"
    visible = made.alpha.values > 0
    away_from_the_border = np.zeros_like(visible)
    away_from_the_border[16:-16, 16:-16] = True
    assert (made.picture.pixels[visible & away_from_the_border] >= 199).all()
    assert made.alpha.values[80, 80] == 255
    assert made.alpha.values[0, 0] == 0
