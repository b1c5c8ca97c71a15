import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from tools.pocket import looks, words
from tools.pocket.looks import LOOKS
from tools.pocket.words import Colour

SIDE = 96
BRIGHT = [colour for colour in words.COLOURS if colour.saturation >= 0.5]
OFF = 5
"""Degrees between the hue that is asked for and the mean that comes out; measured: 3 at most."""


def ball(red: int, green: int, blue: int) -> Image.Image:
    """A ball with light and shade in one hue, clear around."""
    down, right = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    light = np.clip(1.15 - np.hypot(down + 12, right + 12) / 60, 0.35, 1)
    pixels = np.zeros((SIDE, SIDE, 4), np.uint8)
    pixels[..., :3] = light[..., None] * np.array([red, green, blue])
    pixels[np.hypot(down, right) < 0.42 * SIDE, 3] = 255
    return Image.fromarray(pixels)


def inside(drawing: Image.Image) -> npt.NDArray[np.uint8]:
    """Hue (0..255), saturation and value of what is not clear, shape (n, 3)."""
    return np.asarray(drawing.convert("RGB").convert("HSV"))[np.asarray(drawing)[..., 3] > 200]


def mean_hue(drawing: Image.Image) -> float:
    """Degrees, of what has a colour."""
    pixels = inside(drawing).astype(float)
    turns = np.exp(2j * np.pi * pixels[pixels[:, 1] > 60, 0] / 256)
    return float(np.rad2deg(np.angle(turns.mean())) % 360)


def apart(one: float, other: float) -> float:
    return abs((one - other + 180) % 360 - 180)


def test_every_style_has_its_look():
    assert set(LOOKS) == {style.name for style in words.STYLES}


@pytest.mark.parametrize("style", list(LOOKS))
@pytest.mark.parametrize("side", [40, 96, 131])
def test_a_look_keeps_the_size_and_gives_a_drawing_with_clear_paper_around(style: str, side: int):
    drawing = looks.padded(ball(220, 60, 40), side)
    given = LOOKS[style](drawing, np.random.default_rng(0))
    assert given.size == (side, side)
    assert given.mode == "RGBA"
    alpha = np.asarray(given)[..., 3]
    assert alpha.max() > 140  # pencil and neon let the paper through
    assert 0.2 < (alpha > 25).mean() < 0.7
    assert not any((alpha[0, 0], alpha[0, -1], alpha[-1, 0], alpha[-1, -1]))


@pytest.mark.parametrize("side", range(30, 190, 7))
def test_pixel_art_is_as_large_as_its_drawing_and_of_square_pixels(side: int):
    drawing = looks.padded(Image.new("RGBA", (160, 160), (200, 60, 40, 255)), side)
    given = np.asarray(LOOKS["pixel art"](drawing, np.random.default_rng(0)))[..., 3] > 128
    cell = max(1, round(side / (20 if side > 80 else 14)))
    assert 10 <= side / cell <= 25
    inside = np.asarray(drawing)[..., 3] > 128
    for axis in (0, 1):
        wanted, got = (np.flatnonzero(each.any(axis)) for each in (inside, given))
        assert abs(wanted[0] - got[0]) < cell
        assert abs(wanted[-1] - got[-1]) < cell
        assert len(got) % cell == 0


def test_pixel_art_has_a_dark_rim_of_one_pixel():
    drawing = looks.padded(Image.new("RGBA", (160, 160), (200, 60, 40, 255)), 100)
    row = np.asarray(LOOKS["pixel art"](drawing, np.random.default_rng(0)))[50]
    first = int(np.argmax(row[:, 3] > 128))
    cell = 100 // 20
    assert (row[first : first + cell, 0] < 110).all()
    assert (row[first + cell : 50, 0] > 180).all()


@pytest.mark.parametrize("style", [style for style in LOOKS if LOOKS[style] is not looks.plain])
def test_a_look_changes_the_drawing_in_its_own_way(style: str):
    drawing = looks.padded(ball(220, 60, 40), SIDE)
    given = {name: np.asarray(LOOKS[name](drawing, np.random.default_rng(0))).astype(float) for name in LOOKS}
    for other in LOOKS:
        if other != style:
            assert np.abs(given[style] - given[other]).mean() > 1


@pytest.mark.parametrize("style", list(LOOKS))
def test_a_look_draws_by_its_generator_alone_and_leaves_the_drawing_as_it_was(style: str):
    drawing = looks.padded(ball(220, 60, 40), SIDE)
    kept = drawing.copy()
    one, again = (np.asarray(LOOKS[style](drawing, np.random.default_rng(4))) for _ in range(2))
    assert np.array_equal(one, again)
    assert np.array_equal(np.asarray(drawing), np.asarray(kept))


@pytest.mark.parametrize("colour", BRIGHT, ids=lambda colour: colour.name)
@pytest.mark.parametrize("drawn", [(220, 50, 40), (60, 90, 230), (90, 200, 80), (128, 128, 128), (40, 40, 40)], ids=str)
def test_a_drawing_is_turned_into_the_hue_that_is_asked_for(colour: Colour, drawn: tuple[int, int, int]):
    drawing = ball(*drawn)
    turned = looks.turn(drawing, colour)
    assert apart(mean_hue(turned), colour.hue) < OFF
    assert turned.size == drawing.size
    assert np.array_equal(np.asarray(turned)[..., 3], np.asarray(drawing)[..., 3])


def test_what_is_of_another_hue_than_the_leading_one_keeps_it():
    drawing = ball(230, 40, 40)
    drawing.paste((60, 200, 60, 255), (40, 40, 56, 56))
    turned = looks.turn(drawing, words.COLOUR["blue"])
    leaf = Image.fromarray(np.asarray(turned)[40:56, 40:56])
    assert apart(mean_hue(leaf), 120) < OFF
    assert apart(mean_hue(turned), words.COLOUR["blue"].hue) < 30  # the leaf's pixels count in this mean


@pytest.mark.parametrize("drawn", [(220, 50, 40), (60, 90, 230), (128, 128, 128)], ids=str)
def test_white_and_black_fade_the_colour_and_light_or_darken_it(drawn: tuple[int, int, int]):
    white, black = (inside(looks.turn(ball(*drawn), words.COLOUR[name])).astype(float) for name in ("white", "black"))
    for faded in (white, black):
        assert faded[:, 1].mean() < 0.15 * 255
    assert white[:, 2].mean() > 0.6 * 255
    assert black[:, 2].mean() < 0.3 * 255


def test_white_and_black_take_every_hue_of_a_drawing_with_them():
    drawing = ball(230, 40, 40)
    drawing.paste((60, 200, 60, 255), (40, 40, 56, 56))
    for name in ("white", "black"):
        faded = inside(looks.turn(drawing, words.COLOUR[name]))
        assert faded[:, 1].max() < 0.3 * 255


@pytest.mark.parametrize("colour", words.COLOURS, ids=lambda colour: colour.name)
def test_ink_fills_the_lines_with_one_colour(colour: Colour):
    lines = ball(10, 10, 10)
    inked = looks.ink(lines, colour)
    pixels = inside(inked)
    assert np.array_equal(np.asarray(inked)[..., 3], np.asarray(lines)[..., 3])
    assert (pixels == pixels[0]).all()
    if colour in BRIGHT:
        assert apart(float(pixels[0, 0]) * 360 / 256, colour.hue) < OFF


def test_padding_leaves_room_around_for_outlines():
    filled = Image.new("RGBA", (160, 160), (200, 30, 30, 255))
    padded = np.asarray(looks.padded(filled, 100))[..., 3]
    assert padded.shape == (100, 100)
    assert not padded[:7].any()
    assert not padded[:, -7:].any()
    assert padded[7:-7, 7:-7].min() == 255
