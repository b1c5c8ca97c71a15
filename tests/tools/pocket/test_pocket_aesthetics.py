import numpy as np
import pytest

from fooo.pipeline.conditioning import UNWANTED_SCORE, WANTED_SCORE
from tools.pocket import aesthetics


def test_the_softer_a_picture_the_lower_its_score_between_the_two_that_the_pipeline_tells():
    board = np.tile((np.indices((32, 32)).sum(0) // 4 % 2 * 255).astype(np.uint8)[..., None], (200, 1, 1, 3))
    made, scores = aesthetics.soften(board, np.random.default_rng(1))
    assert (made.shape, scores.shape) == (board.shape, (200,))
    # 2 % of the way: of 200 draws the lowest is within it with a chance of 98 %, and the seed is fixed
    assert (scores.min(), scores.max()) == pytest.approx((UNWANTED_SCORE, WANTED_SCORE), abs=0.07)
    steps = np.abs(np.diff(made[..., 0].astype(int), axis=2)).mean((1, 2))
    by_score = steps[np.argsort(scores)]
    assert (np.diff(by_score) >= -0.5).all()  # half a grey level of 255: blurred pixels are rounded
    assert by_score[-1] > 3 * by_score[0]


def test_chance_softens_the_same_way_from_the_same_seed():
    picture = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), dtype=np.uint8)
    one, other = (aesthetics.soften(picture, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(one[0], other[0])
    assert np.array_equal(one[1], other[1])
