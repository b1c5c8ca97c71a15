"""Words that change from step to step: `[a:b:0.4]`, `[a|b]`."""

from collections.abc import Mapping, Sequence

from fooo.events import LegName
from fooo.pipeline.conditioning import Conditioning
from fooo.pipeline.hooks.hook import Hook
from fooo.pipeline.moment import Call, Moment

Timetable = Sequence[tuple[int, Conditioning]]
"""The first step that hears something else, and what is heard until then; in the order of the steps."""


class PromptSchedule(Hook):
    """Gives each call the words of its step.

    Args:
        timetables: By leg and call; calls without one keep their words.
    """

    def __init__(self, timetables: Mapping[tuple[LegName, str], Timetable]) -> None:
        self._timetables = timetables

    def condition(self, call: Call, moment: Moment) -> Call:
        timetable = self._timetables.get((moment.leg, call.name))
        if timetable is None:
            return call
        last = timetable[-1][1]
        return call.told(next((words for until, words in timetable if moment.step < until), last))
