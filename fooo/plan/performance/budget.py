"""Time budgets: "20 s" chooses mode, steps and size by what this machine was measured to do."""

import itertools
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fooo.catalog import DEFAULT_PERFORMANCE, PERFORMANCES, Catalog, LocalModel, Performance, family_of, modes_by_name
from fooo.errors import RequestError, UnknownName
from fooo.plan.performance.layers import fill_from_preset
from fooo.plan.prompt.notices import NotMeasured, Sketch, UnsaidMode
from fooo.plan.sizes import choose_sizes, names_pixels, smaller
from fooo.request import Request, Size, merge, only_set_fields, read_request

_FIELD = "sampling.budget"
_BEST = "best"
_TIME = re.compile(r"(\d{1,6}(?:[.,]\d{1,3})?)\s*([a-z]*|秒|分钟?)")
_UNITS = {
    **dict.fromkeys(("", "s", "sec", "secs", "second", "seconds", "秒"), 1),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "分", "分钟"), 60),
}

Cost = Callable[[Request], float | None]
"""Seconds of one picture of a request with everything filled in; None where they are not known."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Args: filled: The request as it will be drawn, without a budget. notices: What to tell of it."""

    filled: Request
    notices: tuple[Sketch | NotMeasured | UnsaidMode, ...] = ()


@dataclass(frozen=True, slots=True)
class _Offer:
    """A way to draw one picture. Args: seconds: That it takes; None where it is not known."""

    mode: Performance
    steps: int
    filled: Request
    seconds: float | None

    def is_within(self, budget: float) -> bool:
        return self.seconds is not None and self.seconds <= budget


def keep_to_budget(request: Request, catalog: Catalog, base: LocalModel, cost: Cost) -> Chosen:
    """The request over its preset, with what its budget buys: of each picture, with the models in memory.

    What the request itself says stays: the budget chooses what it leaves open. It takes the most careful mode that
    draws well within the time, with as many of its steps as there is time for; pictures become smaller only where none
    does at full size, and sketches of fewer steps come last.

    Raises:
        RequestError: The budget is no time, or below what one step takes.
    """
    filled = fill_from_preset(request, catalog)
    budget = filled.sampling.budget
    chosen = Chosen(filled) if budget is None else _Market(request, filled, catalog, base, cost).buy(budget)
    return Chosen(chosen.filled, (*chosen.notices, *_doubts(chosen.filled, base)))


def read_budget(words: str) -> float:
    """Seconds of words such as `20 s`, `1 min`, `1.5 min` or `90`; infinity of `best`.

    Raises:
        RequestError: They name no time above 0.
    """
    said = words.strip().casefold()
    if said == _BEST:
        return math.inf
    match = _TIME.fullmatch(said)
    seconds = float(match[1].replace(",", ".")) * _UNITS.get(match[2], 0) if match else 0.0
    if seconds <= 0:
        raise RequestError(
            _FIELD, f"{words!r} is no time", f"say seconds or minutes, such as 20 s or 1 min, or {_BEST}"
        )
    return seconds


class _Market:
    """What can be had for a request whose budget leaves things open."""

    def __init__(self, request: Request, filled: Request, catalog: Catalog, base: LocalModel, cost: Cost) -> None:
        self._own, self._catalog, self._base, self._cost = only_set_fields(request), catalog, base, cost
        self._modes = _modes(request, filled, catalog, base)
        self._sizes = _sizes(request, filled, base)
        self._fixed_steps = request.sampling.steps

    def buy(self, words: str) -> Chosen:
        """What the budget chooses; see `keep_to_budget`."""
        budget = read_budget(words)
        if math.isinf(budget):
            return Chosen(self._offer(self._modes[0], self._sizes[0]).filled)
        offers: list[_Offer] = []
        for size, mode in itertools.product(self._sizes, self._modes):
            offers.append(self._most_steps(mode, size, budget))
            if offers[-1].is_within(budget):
                return Chosen(offers[-1].filled)
        return self._sketch(words, budget) if any(offer.seconds for offer in offers) else self._unmeasured(words)

    def _most_steps(self, mode: Performance, size: Size | None, budget: float) -> _Offer:
        """The offer of as many steps as the budget allows; of the fewest that draw well where it allows none."""
        full = self._offer(mode, size)
        if full.is_within(budget) or full.seconds is None or self._fixed_steps:
            return full
        return self._search(mode, size, budget, min(mode.fewest, full.steps), full.steps)

    def _search(self, mode: Performance, size: Size | None, budget: float, low: int, high: int) -> _Offer:
        """The offer of most steps below `high` within the budget, found by halves; of `low` where none is."""
        found = self._offer(mode, size, low)
        while found.is_within(budget) and high - low > 1:
            middle = (low + high) // 2
            tried = self._offer(mode, size, middle)
            low, high, found = (middle, high, tried) if tried.is_within(budget) else (low, middle, found)
        return found

    def _sketch(self, words: str, budget: float) -> Chosen:
        """The nearest to a picture that the time is enough for.

        Raises:
            RequestError: It is not enough for a step.
        """
        size = self._sizes[-1]
        least = [self._offer(mode, size, self._fixed_steps or 1) for mode in self._modes]
        possible = [offer for offer in least if offer.is_within(budget)]
        if not possible:
            raise self._too_short(words, least)
        sketches = [self._search(offer.mode, size, budget, 1, offer.mode.fewest) for offer in possible]
        sketch = max(sketches, key=lambda offer: offer.steps / offer.mode.fewest)
        enough = self._offer(sketch.mode, size, sketch.mode.fewest).seconds or 0.0
        told = Sketch(words, sketch.mode.name, sketch.steps, sketch.mode.fewest, _rounded_up(enough))
        return Chosen(sketch.filled, (told,))

    def _too_short(self, words: str, least: Sequence[_Offer]) -> RequestError:
        # of several that are as quick, the one that is meant to be quick
        known = [(offer.seconds, offer) for offer in reversed(least) if offer.seconds is not None]
        seconds, quickest = min(known, key=lambda each: each[0])
        takes = f"what {self._fixed_steps} steps take" if self._fixed_steps else "what one step takes"
        size = choose_sizes(quickest.filled.size, self._base.native_size).drawn
        hint = f"allow {_rounded_up(seconds)} at least, which {quickest.mode.name} needs at {size}"
        return RequestError(_FIELD, f"{words} is below {takes} with {self._base.name} here", hint)

    def _unmeasured(self, words: str) -> Chosen:
        """The request as it would be without a budget: to guess at an unknown machine helps nobody."""
        filled = fill_from_preset(read_request(merge(self._own, {"sampling": {"budget": None}})), self._catalog)
        mode = filled.sampling.performance or DEFAULT_PERFORMANCE
        return Chosen(filled, (NotMeasured(self._base.name, mode, words),))

    def _offer(self, mode: Performance, size: Size | None, steps: int | None = None) -> _Offer:
        """Args: size: None leaves it as it is. steps: None leaves them to the mode or the preset."""
        sampling = {"performance": mode.name, "budget": None, **({"steps": steps} if steps else {})}
        chosen = {"sampling": sampling, **({"size": size.model_dump()} if size else {})}
        filled = fill_from_preset(read_request(merge(self._own, chosen)), self._catalog)
        return _Offer(mode, filled.sampling.steps or mode.steps, filled, self._cost(filled))


def _doubts(filled: Request, base: LocalModel) -> list[UnsaidMode]:
    """One where the mode needs a base that was made for it, and its name does not say that it was."""
    mode = modes_by_name()[filled.sampling.performance or DEFAULT_PERFORMANCE]
    if not (mode.distilled and mode.distilled.said_by) or mode.is_said_by(base.name):
        return []
    return [UnsaidMode(mode.name, base.name)]


def _modes(request: Request, filled: Request, catalog: Catalog, base: LocalModel) -> tuple[Performance, ...]:
    """Those that may be chosen, the most careful first; where the request says mode or steps, no other than its own."""
    family = family_of(base)
    if request.sampling.performance or request.sampling.steps:
        return (catalog.performance(filled.sampling.performance or DEFAULT_PERFORMANCE, family),)
    made_for = tuple(mode for mode in PERFORMANCES[family] if mode.is_said_by(base.name))
    return made_for or tuple(mode for mode in PERFORMANCES[family] if _is_here(mode, catalog))


def _is_here(mode: Performance, catalog: Catalog) -> bool:
    """Whether a plain model can be drawn with in this mode at once."""
    if mode.lora is None:
        return mode.distilled is None
    try:
        return bool(catalog.lora(mode.lora, _FIELD))
    except UnknownName:
        return False


def _sizes(request: Request, filled: Request, base: LocalModel) -> tuple[Size | None, ...]:
    """As it is, then smaller; where the request says pixels, or larger ones than are drawn, as it is."""
    sizes = choose_sizes(filled.size, base.native_size)
    if names_pixels(request.size) or sizes.drawn != sizes.wanted:
        return (None,)
    return (None, *smaller(sizes.drawn, base.native_size))


def _rounded_up(seconds: float) -> str:
    if seconds < 10:
        return f"{math.ceil(100 * seconds) / 100:g} s"
    return f"{math.ceil(seconds)} s" if seconds < 90 else f"{math.ceil(seconds / 60)} min"
