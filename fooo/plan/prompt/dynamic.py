"""Fills in what a prompt leaves to the dice: wildcards, variants, arrays. Done before `parse`, for each picture.

- `__name__`, `__folder/name__`: a line of that wildcard; what stands in the line is filled in too.
- `{a|b}`: one of them; `{0.3::a|b}`: a is drawn 0.3 times as often as b; `{2$$a|b|c}`: two different ones, joined by
  `, `; `{2$$ and $$a|b|c}`: joined by ` and `; `{1-3$$a|b|c}`: one to three. More than there are means all.
  Braces without `|` and `$$` are letters.
- `[[a, b]]`, not in `webui`: an array. Picture after picture takes the next, the first array changing fastest.
- A backslash before a mark makes a letter of it.

And makes several prompts of one: `matrix` where the request wants every combination, `split_jobs` at lines of `---`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from heapq import nlargest
from itertools import pairwise, product
from math import prod

from fooo.errors import RequestError, UnknownName
from fooo.plan.dice import Dice
from fooo.request import LONGEST_TEXT, Dialect

DEEPEST_WILDCARD = 64
"""Wildcards in the lines of wildcards: beyond, one contains itself."""
MOST_PROMPTS = 256
"""That a matrix makes."""
_MOST_DRAWS = 10_000
_MOST_COMPARED = 100

_MARK = re.compile(r"\\.|\{|__(?P<name>[^\W_](?:(?!__)[\w./ -])*+)(?<! )__", re.DOTALL)
_HOW_MANY = re.compile(r"\s*(?P<low>[0-9]{1,9})?(?P<to>-)?(?P<high>[0-9]{1,9})?\s*\$\$(?:(?P<joiner>[^${}]*)\$\$)?")
_LIKELY = re.compile(r"\s*([0-9]{1,9}(?:\.[0-9]*)?|\.[0-9]+)::")
_BRACKET = re.compile(r"\\.|[{}()\[\]|]", re.DOTALL)
_OPENER = {"}": "{", ")": "(", "]": "["}
_ARRAY = re.compile(r"\\.|\[\[(?P<items>(?:\\.|[^\\\[\]])*,(?:\\.|[^\\\[\]])*)\]\]", re.DOTALL)
_COMMA = re.compile(r"\\.|(?P<comma>,)", re.DOTALL)
_CHOICE = re.compile(r"\\.|<(?!(?:lora|lyco|hypernet|style):)(?P<options>(?:\\.|[^\\<>])*)>", re.DOTALL)
_NEXT_JOB = re.compile(r"\s*-{3,}\s*")


def fill_in(
    text: str,
    wildcards: Mapping[str, Sequence[str]],
    *,
    seed: int,
    number: int = 0,
    dialect: Dialect = Dialect.FOOO,
    in_order: bool = False,
    at: str = "prompt",
) -> str:
    """The text with everything drawn. Equal arguments give equal texts, on every machine.

    Each wildcard and each variant has its own dice, so that editing one leaves what the others gave.

    Args:
        text: One prompt, or its negative.
        wildcards: The lines of each.
        seed: Of the picture.
        number: Of the picture in its job, from 0: for arrays, and for wildcards in order.
        dialect: Whose rules hold.
        in_order: A wildcard gives its line of that number, and begins again behind the last.
        at: The field of the request that the text comes from; two fields are drawn apart.

    Raises:
        UnknownName: There is no wildcard of that name.
        RequestError: A wildcard is empty or contains itself, no option is likely, or the text grows too long.
        FoooError: The file of a wildcard cannot be read.
    """
    filled = _Filling(wildcards, seed=seed, number=number, in_order=in_order, at=at).fill(text)
    return filled if dialect is Dialect.WEBUI else _take_from_arrays(filled, number)


def matrix(text: str, *, at: str = "prompt") -> tuple[str, ...]:
    """Every prompt that `a|b|c` and `<a|b>` stand for, each once, the text alone if there is nothing to combine.

    Of `a|b|c` the first part is always there, each other one is there or not: a; a, b; a, c; a, b, c (the webui's
    order). Of `<a|b> <c|d>` each goes with each: a c; a d; b c; b d. A `|` within brackets parts nothing.

    Raises:
        RequestError: There are more than 256.
    """
    choices = [(match.span(), options) for match in _CHOICE.finditer(text) if len(options := _options(match)) > 1]
    _limit(prod(len(options) for _, options in choices), at)
    texts = [
        _replaced(text, [span for span, _ in choices], chosen) for chosen in product(*(each for _, each in choices))
    ]
    _limit(sum(2 ** len(_Source.of(each).bars[_OUTSIDE]) for each in texts), at)
    return tuple(dict.fromkeys(prompt for each in texts for prompt in _combined(each)))


def split_jobs(text: str) -> tuple[str, ...]:
    """The prompts between lines of `---`, without lines that begin with `#`; at least one."""
    jobs: list[list[str]] = [[]]
    for line in text.split("\n"):
        if _NEXT_JOB.fullmatch(line):
            jobs.append([])
        elif not line.lstrip().startswith("#"):
            jobs[-1].append(line)
    return tuple(job for lines in jobs if (job := "\n".join(lines)).strip()) or ("",)


_OUTSIDE = -1
"""Stands for the position of a bracket where there is none."""


@dataclass(frozen=True, slots=True)
class _Source:
    """A text and its brackets, found once. Args: closers: By opener. bars: Of each opener, its own; also `_OUTSIDE`."""

    text: str
    closers: Mapping[int, int]
    bars: Mapping[int, Sequence[int]]

    @staticmethod
    def of(text: str) -> "_Source":
        return _scan(text) if _BRACKET.search(text) else _Source(text, {}, {_OUTSIDE: ()})


@lru_cache(maxsize=64)  # the pictures of a request come from one text
def _scan(text: str) -> _Source:
    marks = [(match.start(), match[0]) for match in _BRACKET.finditer(text) if len(match[0]) == 1]
    closers = _closers(marks)
    ends = set(closers.values())
    bars: dict[int, list[int]] = {_OUTSIDE: []}
    around = [_OUTSIDE]
    for position, mark in marks:
        if position in closers:
            around.append(position)
            bars[position] = []
        elif position in ends:
            around.pop()
        elif mark == "|":
            bars[around[-1]].append(position)
    return _Source(text, closers, bars)


def _closers(marks: Sequence[tuple[int, str]]) -> dict[int, int]:
    """The closing bracket of each that has one. Braces go before others: a `:(` in one does not keep it open."""
    closers: dict[int, int] = {}
    waiting: list[tuple[int, str]] = []
    braces = 0
    for position, mark in marks:
        if mark in "{([":
            waiting.append((position, mark))
            braces += mark == "{"
        elif mark == "}" and braces:
            while waiting[-1][1] != "{":
                waiting.pop()
        if waiting and waiting[-1][1] == _OPENER.get(mark):
            closers[waiting.pop()[0]] = position
            braces -= mark == "}"
    return closers


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Part of a source, still to be filled in. Args: within: The wildcards that it was drawn from, outermost first."""

    source: _Source
    start: int
    end: int
    within: tuple[str, ...] = ()

    def part(self, start: int, end: int) -> "_Stretch":
        return _Stretch(self.source, start, end, self.within)


class _Filling:
    """Works from left to right on a stack of what is still to do, so that no nesting is too deep."""

    def __init__(
        self, wildcards: Mapping[str, Sequence[str]], *, seed: int, number: int, in_order: bool, at: str
    ) -> None:
        self.wildcards, self.seed, self.number, self.in_order, self.at = wildcards, seed, number, in_order, at
        self.dice: dict[str, Dice] = {}
        self.draws = 0
        self.filled: list[str] = []
        self.length = 0

    def fill(self, text: str) -> str:
        self._limit_length(len(text))
        if not _MARK.search(text):
            return text
        waiting = [_Stretch(_Source.of(text), 0, len(text))]
        while waiting:
            stretch = waiting.pop()
            mark = _MARK.search(stretch.source.text, stretch.start, stretch.end)
            if mark is None:
                self._keep(stretch.source.text[stretch.start : stretch.end])
                continue
            self._keep(stretch.source.text[stretch.start : mark.start()])
            end, drawn = self._draw(mark, stretch)
            waiting += [stretch.part(end, stretch.end), *reversed(drawn)]
        return "".join(self.filled)

    def _draw(self, mark: re.Match[str], stretch: _Stretch) -> tuple[int, list[_Stretch]]:
        """Where the mark ends, and what stands in its place."""
        if mark["name"]:
            return mark.end(), [self._wildcard(mark["name"], stretch.within)]
        closer = stretch.source.closers.get(mark.start())
        if mark[0] == "{" and closer is not None:
            drawn = self._variant(mark.start(), closer, stretch)
            if drawn is not None:
                return closer + 1, drawn
        self._keep(mark[0])
        return mark.end(), []

    def _wildcard(self, name: str, within: tuple[str, ...]) -> _Stretch:
        if name not in self.wildcards:
            raise UnknownName(self.at, f"__{name}__", [f"__{each}__" for each in _nearest(name, self.wildcards)])
        key = name.casefold()
        if len(within) >= DEEPEST_WILDCARD:
            raise self._too_deep((*within, key))
        lines = self.wildcards[name]
        if not lines:
            raise RequestError(self.at, f"the wildcard __{name}__ has no lines", "write some, or choose another one")
        line = lines[self.number % len(lines)] if self.in_order else self._dice(f"wildcard {key}").pick(lines)
        self._limit_length(len(line))
        return _Stretch(_Source.of(line), 0, len(line), (*within, key))

    def _too_deep(self, way: tuple[str, ...]) -> RequestError:
        *before, last = way
        if last not in before:
            return RequestError(
                self.at, f"wildcards stand in each other more than {DEEPEST_WILDCARD} deep", "take some of them apart"
            )
        circle = way[len(before) - 1 - before[::-1].index(last) :]
        shown = " > ".join(circle) if len(circle) <= 4 else f"{' > '.join(circle[:3])} > ... > {last}"
        return RequestError(
            self.at,
            f"the wildcard file {last}.txt contains itself ({shown})",
            "give it a line without itself to end on",
        )

    def _variant(self, opener: int, closer: int, stretch: _Stretch) -> list[_Stretch] | None:
        """The options that were drawn, with what joins them; None where the braces are letters."""
        text = stretch.source.text
        cuts = [opener, *stretch.source.bars[opener], closer]
        spans = [(start + 1, end) for start, end in pairwise(cuts)]
        how_many = _HOW_MANY.match(text, *spans[0]) if "$$" in text else None
        if how_many and (how_many["low"] or how_many["high"]):
            spans[0] = (how_many.end(), spans[0][1])
        else:
            how_many = None
        if how_many is None and len(spans) == 1:
            return None
        dice = self._dice(f"variant {text[opener : closer + 1]}")
        weights, spans = self._weigh(text, spans)
        low, high = _range(how_many, sum(map(bool, weights))) if how_many else (1, 1)
        drawn: list[_Stretch] = []
        for each in dice.sample(weights, self._counted(low + dice.below(high - low + 1))):
            if drawn and how_many:
                drawn.append(self._joiner(how_many, stretch))
            drawn.append(stretch.part(*(_without_space(text, *spans[each]) if how_many else spans[each])))
        return drawn

    def _weigh(self, text: str, spans: Sequence[tuple[int, int]]) -> tuple[list[float], list[tuple[int, int]]]:
        """How likely each option is, and where it begins behind that number."""
        if "::" not in text:
            return [1.0] * len(spans), list(spans)
        likely = [_LIKELY.match(text, *span) for span in spans]
        weights = [float(match[1]) if match else 1.0 for match in likely]
        if not any(weights):
            raise RequestError(
                self.at, "of a variant every option is weighed 0", "give at least one a greater number before ::"
            )
        return weights, [
            (match.end() if match else start, end) for match, (start, end) in zip(likely, spans, strict=True)
        ]

    @staticmethod
    def _joiner(how_many: re.Match[str], stretch: _Stretch) -> _Stretch:
        if how_many["joiner"] is None:
            return _Stretch(_Source.of(", "), 0, 2)
        return stretch.part(*how_many.span("joiner"))

    def _dice(self, purpose: str) -> Dice:
        self._counted(1)
        return self.dice.setdefault(purpose, Dice(self.seed, f"{self.at} {purpose}"))

    def _counted(self, draws: int) -> int:
        self.draws += draws
        if self.draws > _MOST_DRAWS:
            raise RequestError(self.at, f"needs more than {_MOST_DRAWS} draws", "use fewer wildcards and variants")
        return draws

    def _keep(self, text: str) -> None:
        self.filled.append(text)
        self.length += len(text)
        self._limit_length(self.length)

    def _limit_length(self, length: int) -> None:
        if length > LONGEST_TEXT:
            raise RequestError(
                self.at,
                f"has more than {LONGEST_TEXT} characters once its wildcards and variants are filled in",
                "shorten it, or the lines of its wildcards",
            )


def _nearest(name: str, known: Iterable[str]) -> Sequence[str]:
    """The few that look most like it, if any does: to compare it with thousands would take too long."""
    pairs = set(pairwise(name.casefold()))
    likely = nlargest(_MOST_COMPARED, known, key=lambda each: len(pairs.intersection(pairwise(each.casefold()))))
    return get_close_matches(name, likely, cutoff=0.5) or likely


def _range(how_many: re.Match[str], options: int) -> tuple[int, int]:
    """The fewest and the most that are wanted, of that many options: of `2`, `1-3`, `-3` or `2-`."""
    low, high = how_many["low"], how_many["high"]
    if not how_many["to"]:
        low = high = low or high
    bounds = sorted((int(low or 1), int(high or options)))
    return min(bounds[0], options), min(bounds[1], options)


def _without_space(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without the space at its ends; an escaped one stays whole."""
    inner = text[start:end]
    left = len(inner) - len(inner.lstrip())
    return start + left, max(start + left, end - (len(inner) - len(inner.rstrip())))


def _take_from_arrays(text: str, number: int) -> str:
    arrays = [(match.span(), _items(match["items"])) for match in _ARRAY.finditer(text) if match["items"] is not None]
    taken: list[str] = []
    for _, items in arrays:
        number, index = divmod(number, len(items))
        taken.append(items[index])
    return _replaced(text, [span for span, _ in arrays], taken)


def _items(text: str) -> list[str]:
    commas = [match.start() for match in _COMMA.finditer(text) if match["comma"]]
    return [item.strip() for item in _cut(text, commas)]


def _options(match: re.Match[str]) -> list[str]:
    options = match["options"]
    return _cut(options, _Source.of(options).bars[_OUTSIDE]) if options is not None else []


def _combined(text: str) -> Iterator[str]:
    bars = _Source.of(text).bars[_OUTSIDE]
    if not bars:
        yield text
        return
    first, *others = (part.strip().strip(",").strip() for part in _cut(text, bars))
    for bits in range(2 ** len(others)):
        chosen = [part for number, part in enumerate(others) if bits >> number & 1]
        yield ", ".join(part for part in (first, *chosen) if part)


def _limit(count: int, at: str) -> None:
    if count > MOST_PROMPTS:
        raise RequestError(at, f"asks for more than {MOST_PROMPTS} combinations", "leave out some parts between |")


def _cut(text: str, positions: Sequence[int]) -> list[str]:
    """What stands between the characters at those positions."""
    return [text[start + 1 : end] for start, end in pairwise((-1, *positions, len(text)))]


def _replaced(text: str, spans: Sequence[tuple[int, int]], by: Sequence[str]) -> str:
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    kept = [text[end:start] for end, start in zip(ends, starts, strict=True)]
    return "".join(each for pair in zip(kept, (*by, ""), strict=True) for each in pair)
