"""Draws that are equal on every machine and in every Python: digests, not a library's generator."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Draws one after the other. Each purpose has its own row of draws, so that using one never shifts another.

    Draw n is the SHA-256 of `seed/purpose/n`, n from 0.
    """

    def __init__(self, seed: int, purpose: str) -> None:
        self._start = hashlib.sha256(f"{seed}/{purpose}/".encode("utf-8", "surrogatepass"))
        self._drawn = 0

    def share(self) -> float:
        """At least 0, below 1: the first 53 bits of a draw, as many as a float holds."""
        return (self._draw() >> (256 - 53)) / 2**53

    def below(self, count: int) -> int:
        """One of 0 ... count - 1, all as likely but for `count` parts in 2**256."""
        return self._draw() % count

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, of which there is at least one."""
        return options[self.below(len(options))]

    def sample(self, weights: Sequence[float], count: int) -> Iterator[int]:
        """The places of `count` different weights in the order drawn, each likely by its size among those left.

        Args:
            weights: None negative, at least `count` above 0.
            count: How many.
        """
        left = list(weights)
        while count:
            # added up one by one: `sum` rounds otherwise since Python 3.12
            ends = list(accumulate(left))
            gone = 0.0
            # what was drawn already is drawn again, until that is the likelier case
            while count and gone <= ends[-1] / 2:
                drawn = bisect_right(ends, self.share() * ends[-1])
                if drawn < len(left) and left[drawn]:
                    gone += left[drawn]
                    left[drawn] = 0.0
                    count -= 1
                    yield drawn

    def _draw(self) -> int:
        digest = self._start.copy()
        digest.update(str(self._drawn).encode())
        self._drawn += 1
        return int.from_bytes(digest.digest(), "big")
