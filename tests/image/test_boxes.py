"""Boxes, and what is found twice."""

import pytest

from fooo.image import Box, Detection, without_doubles


def test_a_box_within_a_picture_is_cut_at_its_edges():
    assert Box(-5, 2, 30, 50).within((20, 40)) == Box(0, 2, 20, 40)
    assert Box(-9, -9, -1, -1).within((20, 40)).area == 0


@pytest.mark.parametrize(
    ("other", "overlap"),
    [(Box(0, 0, 10, 10), 1.0), (Box(0, 0, 10, 5), 0.5), (Box(5, 0, 15, 10), 1 / 3), (Box(20, 0, 30, 10), 0.0)],
)
def test_overlap_is_what_both_have_by_what_either_has(other: Box, overlap: float):
    assert Box(0, 0, 10, 10).overlap(other) == pytest.approx(overlap)


def test_boxes_without_area_overlap_nothing():
    assert Box(3, 3, 3, 3).overlap(Box(3, 3, 3, 3)) == 0


def test_of_two_that_stand_for_one_thing_the_surest_stays():
    sure, unsure = Detection(box=Box(0, 0, 10, 10), score=0.9), Detection(box=Box(1, 0, 11, 10), score=0.6)
    elsewhere = Detection(box=Box(50, 0, 60, 10), score=0.7)
    assert without_doubles([unsure, elsewhere, sure], most_overlap=0.3) == (sure, elsewhere)
