"""Pictures that are drawn in the same network calls."""

from collections.abc import Sequence
from math import ceil

from fooo.monitor import Answer, Monitor
from fooo.pipeline import Moment
from fooo.plan import Shot, guesses_a_call
from fooo.weights import DeviceKind, MemoryPolicy

_MOST = 4
"""More are hardly quicker, and the first of them comes later."""


def alike(shots: Sequence[Shot]) -> Sequence[Shot]:
    """The first of the shots, and as many right behind it as differ from it in nothing but words and noise."""
    count = 1
    while count < len(shots) and _but_its_noise(shots[count]) == _but_its_noise(shots[0]):
        count += 1
    return shots[:count]


def _but_its_noise(shot: Shot) -> tuple[object, ...]:
    first, *others = shot.passes
    return first.model_copy(update={"variation": None, "seeds": ()}), *others


def most_together(policy: MemoryPolicy, shot: Shot) -> int:
    """How many pictures like that are quicker drawn together than one after the other, where memory is enough.

    A processor has as much to do with one as it can: see docs/performance-of-the-loop.md.
    """
    if policy.device is DeviceKind.CPU:
        return 1
    return max(1, min(_MOST, policy.rows // ceil(guesses_a_call(shot.generate))))


class Turns:
    """Says which of the pictures drawn together a skip means: the first that is still being drawn.

    Attributes:
        kept: Numbers of the pictures that were ended early and of which the half is wanted.
    """

    def __init__(self, shots: Sequence[Shot], monitor: Monitor) -> None:
        self._drawn, self._monitor = [shot.number for shot in shots], monitor
        self.kept: set[int] = set()

    def answer(self, number: int, moment: Moment, answer: Answer) -> Answer:
        """What the monitor's answer to a step means for the picture of that number."""
        if answer is Answer.SKIP and self._drawn and number != self._drawn[0]:
            return Answer.GO
        if answer is not Answer.GO and self._monitor.keep:
            self.kept.add(number)
        if number in self._drawn and (answer is not Answer.GO or moment.done == 1):
            self._drawn.remove(number)
        if answer is Answer.SKIP and self._drawn:
            self._monitor.begin_shot()  # the skip meant the one before
        return answer
