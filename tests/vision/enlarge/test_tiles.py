"""Tiles of an enlarged picture."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fooo.image import Box, part_of_shape
from fooo.vision.enlarge.tiles import tiles


@given(
    source=st.tuples(st.integers(1, 900), st.integers(1, 900)),
    shape=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    factor=st.floats(1, 4),
    most=st.integers(80, 400),
    multiple=st.sampled_from([1, 2, 4]),
)
@settings(max_examples=150, deadline=None)
def test_they_cover_the_target_once_see_what_they_need_and_stay_small(
    source: tuple[int, int], shape: tuple[int, int], factor: float, most: int, multiple: int
):
    part = part_of_shape(source, shape)
    target = max(1, round(part.width * factor)), max(1, round(part.height * factor))
    covered = np.zeros((target[1], target[0]), int)
    for tile in tiles(source, part, target, most=most, context=16, multiple=multiple):
        covered[tile.rows.place, tile.columns.place] += 1
        for stretch, length in ((tile.columns, source[0]), (tile.rows, source[1])):
            assert stretch.seen.start % multiple == 0
            assert stretch.seen.start <= max(0, stretch.start - 16)
            assert stretch.seen.stop >= min(length, stretch.end + 16)
            # whole pixels at both ends, and a multiple at one
            assert stretch.seen.stop - stretch.seen.start <= max(most, 60) + 3 + multiple
    assert (covered == 1).all()


def test_a_picture_that_fits_is_one_tile():
    (tile,) = tiles((256, 200), Box(0, 0, 256, 200), (1024, 800), most=256, context=56)
    assert (tile.rows.seen, tile.columns.seen) == (slice(0, 200), slice(0, 256))
    assert tile.size == (1024, 800)
    assert tile.box(4) == Box(0, 0, 1024, 800)


def test_a_tile_knows_where_its_place_lies_in_what_it_was_shown():
    row = tiles((400, 50), Box(0, 0, 400, 50), (800, 100), most=150, context=10)
    second = row[1]
    left = second.columns.seen.start
    assert second.box(4).left == (second.columns.start - left) * 4
    assert second.columns.start == second.columns.place.start / 2
