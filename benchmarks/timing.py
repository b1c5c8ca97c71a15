"""Two ways to do the same, timed side by side in one process, so that a machine that changes its pace changes both."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

Way = Callable[[int], object]
"""Does the work; the number says which of many equal pieces of work, so that nothing need be remembered."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """Of two times.

    Attributes:
        middle: The median of all rounds.
        low, high: Its 95 % interval.
        ours, theirs: Median seconds of one piece of work.
    """

    middle: float
    low: float
    high: float
    rounds: int
    ours: float
    theirs: float

    def __str__(self) -> str:
        return f"{self.middle:.3f} ({self.low:.3f} to {self.high:.3f})"


def compare(
    ours: Way, theirs: Way, *, rounds: int, clock: Callable[[], float] = time.perf_counter, warm_ups: int = 1
) -> Ratio:
    """Time ours / theirs. A round is ours, theirs, theirs, ours: what grows or falls steadily falls out.

    Args:
        ours: Does the piece of work of a number.
        theirs: Does the same.
        rounds: Of four pieces each.
        clock: In seconds.
        warm_ups: Pieces that each does before, untimed.
    """

    def seconds(way: Way, number: int) -> float:
        started = clock()
        way(number)
        return clock() - started

    for number in range(warm_ups):
        ours(number)
        theirs(number)
    pairs: list[tuple[float, float]] = []
    for first in range(warm_ups, warm_ups + 2 * rounds, 2):
        ours_first, theirs_first = seconds(ours, first), seconds(theirs, first)
        theirs_again, ours_again = seconds(theirs, first + 1), seconds(ours, first + 1)
        pairs.append((ours_first + ours_again, theirs_first + theirs_again))
    ratios = [one / other for one, other in pairs]
    low, high = interval(ratios)
    one, other = (median(times) / 2 for times in zip(*pairs, strict=True))
    return Ratio(median(ratios), low, high, rounds, one, other)


def interval(values: Sequence[float], *, draws: int = 10_000) -> tuple[float, float]:
    """The 95 % interval of the median. Source: Efron 1979, "Bootstrap Methods", percentiles of redrawn samples."""
    rng = np.random.default_rng(0)
    redrawn = rng.choice(np.asarray(values), (draws, len(values)))
    low, high = np.quantile(np.median(redrawn, axis=1), (0.025, 0.975))
    return float(low), float(high)
