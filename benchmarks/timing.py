"""Two ways to do the same, timed side by side in one process, so that a machine that changes its pace changes both."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

_FEWEST = 6
"""Rounds of which the lowest and the highest hold the true median between them in 95 of 100 cases: 1 - 2 / 2^6."""

Way = Callable[[int], object]
"""Does the work; the number says which of many equal pieces of work, so that nothing need be remembered."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """Of two times.

    Attributes:
        middle: The median of all rounds.
        low, high: Its 95 % interval; of too few rounds for one, the lowest and the highest.
        ours, theirs: Median seconds of one piece of work.
    """

    middle: float
    low: float
    high: float
    rounds: int
    ours: float
    theirs: float

    def __str__(self) -> str:
        of = "" if self.rounds >= _FEWEST else "lowest to highest: "
        return f"{self.middle:.3f} ({of}{self.low:.3f} to {self.high:.3f})"


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
    low, high = interval(ratios) if rounds >= _FEWEST else (min(ratios), max(ratios))
    one, other = (median(times) / 2 for times in zip(*pairs, strict=True))
    return Ratio(median(ratios), low, high, rounds, one, other)


_DRAWS = 10_000


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of the median. Source: Efron 1979, "Bootstrap Methods", percentiles of redrawn samples."""
    redrawn = np.random.default_rng(0).choice(np.asarray(values), (_DRAWS, len(values)))
    return _middle_95(np.median(redrawn, axis=1))


def interval_of_ratio(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of mean(ours) / mean(theirs), both measured on the same things; pairs are redrawn."""
    drawn = np.random.default_rng(0).integers(len(ours), size=(_DRAWS, len(ours)))
    return _middle_95(np.asarray(ours)[drawn].mean(axis=1) / np.asarray(theirs)[drawn].mean(axis=1))


def _middle_95(values: npt.NDArray[np.floating[Any]]) -> tuple[float, float]:
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)
