import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fooo.plan.dice import Dice


def test_draws_are_the_same_on_every_machine():
    dice = Dice(7, "lens")
    assert [dice.below(1000) for _ in range(6)] == [226, 799, 273, 136, 359, 523]
    assert dice.share() == 0.20098823579592828
    assert "".join(Dice(7, f"letter {number}").pick("abcdef") for number in range(12)) == "ecbafbffadfb"


def test_a_draw_is_the_digest_of_seed_purpose_and_number():
    dice = Dice(2**63 - 1, "a/b")
    for number in range(3):
        digest = hashlib.sha256(f"9223372036854775807/a/b/{number}".encode()).digest()
        assert dice.below(10**9) == int.from_bytes(digest, "big") % 10**9


@given(st.integers(), st.text(st.characters()), st.integers(1, 2**70))
def test_draws_stay_in_their_range(seed: int, purpose: str, count: int):
    dice = Dice(seed, purpose)
    assert 0 <= dice.share() < 1
    assert 0 <= dice.below(count) < count


def test_shares_fill_their_range_evenly():
    dice = Dice(1, "even")
    tenths = [int(dice.share() * 10) for _ in range(10_000)]
    # 1,000 each but for chance: the standard deviation is 30
    assert all(abs(tenths.count(tenth) - 1000) < 4 * 30 for tenth in range(10))


def test_one_purpose_does_not_shift_another():
    used, fresh = Dice(1, "a"), Dice(1, "a")
    Dice(1, "b").share()
    assert used.share() == fresh.share() != Dice(1, "b").share()
    assert Dice(2, "a").share() != Dice(1, "a").share()


@given(st.integers(), st.lists(st.integers(0, 3), min_size=1).filter(any), st.data())
def test_a_sample_holds_different_weights_that_count(seed: int, weights: list[int], data: st.DataObject):
    count = data.draw(st.integers(0, sum(map(bool, weights))))
    drawn = list(Dice(seed, "sample").sample([float(weight) for weight in weights], count))
    assert len(set(drawn)) == len(drawn) == count
    assert all(weights[place] for place in drawn)


def test_the_first_of_a_sample_is_drawn_as_often_as_its_weight_says():
    firsts = [next(Dice(seed, "weights").sample([0.3, 0.0, 1.0], 2)) for seed in range(4000)]
    # 0.3 / 1.3 but for chance: four standard deviations
    assert firsts.count(0) / 4000 == pytest.approx(0.3 / 1.3, abs=4 * (0.23 * 0.77 / 4000) ** 0.5)
    assert firsts.count(1) == 0


def test_the_second_of_a_sample_is_drawn_among_those_left():
    seconds = [list(Dice(seed, "left").sample([3.0, 1.0, 1.0], 2)) for seed in range(4000)]
    after_the_heavy_one = [second for first, second in seconds if first == 0]
    share = after_the_heavy_one.count(1) / len(after_the_heavy_one)
    assert share == pytest.approx(0.5, abs=4 * 0.5 / len(after_the_heavy_one) ** 0.5)
