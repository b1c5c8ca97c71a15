import pytest

from benchmarks.timing import compare, interval, interval_of_ratio


class Machine:
    """A clock on which work takes the time that it says, and which runs slower and slower."""

    def __init__(self, slower: float = 0.0) -> None:
        self.now, self._pace, self._slower = 0.0, 1.0, slower
        self.done: list[tuple[str, int]] = []

    def work(self, who: str, seconds: float, number: int) -> None:
        self.done.append((who, number))
        self.now += seconds * self._pace
        self._pace += self._slower

    def clock(self) -> float:
        return self.now


def ratio_of(machine: Machine, ours: float, theirs: float, rounds: int = 3, warm_ups: int = 1):
    return compare(
        lambda number: machine.work("ours", ours, number),
        lambda number: machine.work("theirs", theirs, number),
        rounds=rounds, clock=machine.clock, warm_ups=warm_ups,
    )  # fmt: skip


def test_a_round_is_ours_theirs_theirs_ours_with_a_new_number_for_each_pair():
    machine = Machine()
    ratio_of(machine, 1, 1, rounds=2)
    one = [("ours", 1), ("theirs", 1), ("theirs", 2), ("ours", 2)]
    other = [("ours", 3), ("theirs", 3), ("theirs", 4), ("ours", 4)]
    assert machine.done == [("ours", 0), ("theirs", 0), *one, *other]


def test_the_ratio_is_that_of_the_times_and_told_in_seconds_of_one():
    ratio = ratio_of(Machine(), 0.5, 2.0)
    assert (ratio.middle, ratio.low, ratio.high) == pytest.approx((0.25, 0.25, 0.25))
    assert (ratio.ours, ratio.theirs, ratio.rounds) == (pytest.approx(0.5), pytest.approx(2.0), 3)


def test_a_machine_that_slows_down_steadily_changes_nothing():
    assert ratio_of(Machine(slower=0.1), 1.0, 1.0).middle == pytest.approx(1.0)


def test_the_interval_holds_the_median_and_leaves_outliers_out():
    low, high = interval([1.0, 1.01, 0.99, 1.02, 0.98, 1.0, 1.01, 0.99, 1.0, 5.0])
    assert 0.98 < low < 1.0 < high < 1.05


def test_of_few_rounds_the_ends_are_told_and_not_called_an_interval():
    few, enough = (ratio_of(Machine(), 0.5, 1.0, rounds=rounds) for rounds in (5, 6))
    assert str(few) == "0.500 (lowest to highest: 0.500 to 0.500)"
    assert str(enough) == "0.500 (0.500 to 0.500)"


def test_the_interval_of_a_ratio_keeps_each_thing_with_itself():
    theirs = [1.0, 10.0, 100.0, 1000.0]
    assert interval_of_ratio([2 * each for each in theirs], theirs) == pytest.approx((2, 2))
    low, high = interval_of_ratio([1.0, 20.0, 100.0, 2000.0], theirs)
    assert 1 <= low < 1.9 < high <= 2


def test_the_interval_is_the_same_each_time():
    values = [0.9, 1.0, 1.1, 1.2]
    assert interval(values) == interval(values)
