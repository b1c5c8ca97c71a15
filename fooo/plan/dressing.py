"""The words of a picture with everything around them: styles, the model's quality words, expansion."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from fooo.catalog import Style, Tokens
from fooo.plan.dice import Dice
from fooo.plan.expansion import Expander, looks_of, read_library
from fooo.plan.plan import Source, Span, Spans, Texts
from fooo.plan.prompt.chunks import room_left
from fooo.plan.prompt.grammar import Prompt
from fooo.plan.prompt.parse import parse
from fooo.plan.prompt.sayings import cut, said_first
from fooo.plan.prompt.write import AND, write, write_parts
from fooo.plan.styling import Said, asked_for, in_styles, joined
from fooo.request import Expansion, Request

_NOTHING = ("", ":0")
"""A prompt of no words that weighs nothing."""


class Dressed:
    """Words in their styles: all that pictures of different seeds have in common.

    Args:
        said, unsaid: The prompt and its negative, nothing in them left to the dice.
        styles: In order.
        request: Its quality words and its expansion.
        tokens: Of the model that reads the words.
        lengths: How many tokens each embedding takes.
    """

    def __init__(
        self,
        said: Prompt,
        unsaid: Prompt,
        styles: Sequence[Style],
        *,
        request: Request,
        tokens: Tokens,
        lengths: Mapping[str, int],
    ) -> None:
        learnt = tuple(lengths.items())
        self._request, self._styles, self._tokens = request, styles, tokens
        self._parts = _with_weight(write_parts(said))
        self._words = AND.join(f"{text}{weight}" for text, weight in self._parts)
        self._unwanted = write(unsaid)
        self._styled = [in_styles(text, styles) for text, _ in self._parts]
        self._quality = [self._new_quality(_text(styled)) for styled in self._styled]
        self._negative = self._negative_spans()
        own = _count(self._parts[0][0], tokens, learnt)
        self._positive_tokens = _count(_text(joined(self._styled[0], Source.PRESET, self._quality[0])), tokens, learnt)
        self._negative_tokens = _count(_text(self._negative), tokens, learnt)
        self._room = room_left(self._positive_tokens, opened=len(own))
        self._expander = Expander(
            self._words,
            read_library(),
            strength=Expansion.OFF if request.exactly else request.expansion,
            looks=looks_of(style.family for style in styles),
            around=", ".join((*(style.prompt for style in styles), request.quality.words)),
            avoid=", ".join((self._unwanted, *(style.negative_prompt for style in styles))),
        )

    def texts(self, seed: int, *, model_writes: bool) -> Texts:
        """With the phrases that the seed draws. Args: model_writes: A language model adds its own later."""
        phrases = self._expander.phrases(Dice(seed, "expansion").below, room=self._room, count=self._tokens.length)
        *full, last = self._positive_tokens
        return Texts(
            positive_spans=self._positive_spans(phrases),
            negative_spans=self._negative,
            words=self._words,
            unwanted=self._unwanted,
            styles=tuple(style.name for style in self._styles),
            model_writes=model_writes,
            positive_tokens=(*full, last + sum(self._tokens.length(f", {phrase}") for phrase in phrases)),
            negative_tokens=self._negative_tokens,
        )

    def _positive_spans(self, phrases: Sequence[str]) -> Spans:
        spans: list[Span] = []
        for styled, quality, part in zip(self._styled, self._quality, self._parts, strict=True):
            if spans:
                spans.append(Span(text=AND, source=Source.USER))
            if part != _NOTHING:
                # the phrases repeat none of the quality words, which they were drawn beside
                spans += joined(joined(styled, Source.EXPANSION, phrases), Source.PRESET, quality)
            if part[1]:
                spans.append(Span(text=part[1], source=Source.USER))
        return tuple(spans)

    def _negative_spans(self) -> Spans:
        """The person's, the styles', the model's; never what the person's own words ask for."""
        spans = (Span(text=self._unwanted, source=Source.USER),) if self._unwanted else ()
        if self._request.exactly:
            return spans
        wanted, said = Said(asked_for(self._words)), Said(self._unwanted)

        def new(text: str) -> Iterator[str]:
            return (phrase for phrase in said.new(text) if not wanted.holds(phrase))

        spans = joined(spans, Source.STYLE, [phrase for each in self._styles for phrase in new(each.negative_prompt)])
        return joined(spans, Source.PRESET, new(self._request.quality.unwanted))

    def _new_quality(self, text: str) -> tuple[str, ...]:
        return () if self._request.exactly else tuple(Said(text).new(self._request.quality.words))


def _with_weight(parts: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """The parts; behind an only one that is weighed a second of no weight, because none is weighed without an `AND`."""
    return (*parts, _NOTHING) if len(parts) == 1 and parts[0][1] else parts


def _text(spans: Spans) -> str:
    return "".join(span.text for span in spans)


@lru_cache(maxsize=1024)
def _count(text: str, tokens: Tokens, lengths: tuple[tuple[str, int], ...]) -> tuple[int, ...]:
    """The tokens in each chunk of a text at its first step; of several prompts the first."""
    chunks = cut(said_first(parse(text).prompt.parts[0].tree), tokens, dict(lengths))
    return tuple(len(each.ids) for each in chunks)
