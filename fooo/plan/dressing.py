"""The words of a picture with everything around them: styles, the model's quality words, expansion."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from fooo.catalog import Style
from fooo.plan.dice import Dice
from fooo.plan.expansion import Expander, looks_of, read_library
from fooo.plan.names import says_anything
from fooo.plan.plan import Source, Span, Spans, Texts, joined
from fooo.plan.prompt.grammar import Nodes, Prompt
from fooo.plan.prompt.parse import and_as_letters, parse
from fooo.plan.prompt.room import Ruler, Sizes, fullest, without_empty_end
from fooo.plan.prompt.write import AND, unweighed, write_parts, write_whole
from fooo.plan.styling import Said, asked_for, in_styles, left_out
from fooo.request import Expansion, Quality


@dataclass(frozen=True, slots=True)
class _Part:
    """One of the prompts between `AND`.

    Attributes:
        tree, text: What the person wants.
        weight: As written behind it, such as `:0.7`; empty of a weight of 1.
        styled: In the styles; None of a part without words, which nothing is put around.
        quality: Behind that.
    """

    tree: Nodes
    text: str
    weight: str
    styled: Spans | None = None
    quality: tuple[str, ...] = ()

    def spans(self, phrases: Sequence[str] = ()) -> Spans:
        """All but the weight. Args: phrases: Of the expansion."""
        if self.styled is None:
            return (Span(text=self.text, source=Source.USER),) if self.text else ()
        # the phrases repeat none of the quality words, which they were drawn beside
        return joined(joined(self.styled, Source.EXPANSION, phrases), Source.PRESET, self.quality)


class Dressed:
    """Words in their styles: all that pictures of different seeds have in common.

    Args:
        said, unsaid: The prompt and its negative, nothing in them left to the dice.
        styles: In order.
        quality: What the model likes.
        expansion: How much is added.
        without: Phrases of all this that are left out.
        ruler: For the model that reads the words.
    """

    def __init__(
        self,
        said: Prompt,
        unsaid: Nodes,
        styles: Sequence[Style],
        *,
        quality: Quality,
        expansion: Expansion,
        without: Sequence[str] = (),
        ruler: Ruler,
    ) -> None:
        self._quality, self._without, self._ruler = quality, without, ruler
        self._styles = [_as_one_part(style) for style in styles]
        parts = _written(said)
        self._words = AND.join(f"{part.text}{part.weight}" for part in parts)
        self._unwanted = write_whole(unsaid)
        self._parts = self._dress(parts)
        self._negative = self._negative_spans()
        dressed = [part for part in self._parts if part.styled is not None]
        whole = [ruler.sizes(_tree(_text(part.spans()))) for part in dressed]
        # with what is left out: the seed draws the same phrases, whatever is dropped
        self._room = min(ruler.room(part.tree, sizes) for part, sizes in zip(dressed, whole, strict=True))
        if without:
            whole = [ruler.sizes(_tree(_text(self._spans(part)))) for part in dressed]
        self._sizes = fullest(each for sizes in whole for each in sizes)
        self._fullest = next(part for part, sizes in zip(dressed, whole, strict=True) if self._sizes in sizes)
        self._negative_sizes = without_empty_end(fullest(ruler.sizes(_tree(_text(self._negative)))))
        self._expander = Expander(
            self._words,
            read_library(),
            strength=expansion,
            looks=looks_of(style.family for style in styles),
            around=", ".join((*(style.prompt for style in styles), quality.words)),
            avoid=", ".join((self._unwanted, *(style.negative_prompt for style in styles))),
            parts=[part.text for part in dressed],
        )

    def texts(self, seed: int, *, model_writes: bool) -> Texts:
        """With the phrases that the seed draws. Args: model_writes: A language model adds its own later."""
        count = self._ruler.tokens.length
        phrases = self._expander.phrases(Dice(seed, "expansion").below, room=self._room, count=count)
        return Texts(
            positive_spans=self._positive_spans(phrases),
            negative_spans=self._negative,
            words=self._words,
            unwanted=self._unwanted,
            styles=tuple(style.name for style in self._styles),
            model_writes=model_writes,
            positive_tokens=without_empty_end(self._sizes_with(phrases)),
            negative_tokens=self._negative_sizes,
        )

    def _dress(self, parts: Sequence[_Part]) -> Sequence[_Part]:
        """Those with words in the styles; of prompts without any the first, as if it were empty."""
        wordy = [says_anything(part.tree) for part in parts]
        if any(wordy):
            return [
                self._dressed(part, in_styles(part.text, self._styles)) if says else part
                for part, says in zip(parts, wordy, strict=True)
            ]
        first, *others = parts
        # tags have no place in a template: what they name holds for the whole picture
        tags = (Span(text=f"{first.text.strip()} ", source=Source.USER),) if first.text else ()
        return [self._dressed(first, (*tags, *in_styles("", self._styles))), *others]

    def _dressed(self, part: _Part, styled: Spans) -> _Part:
        said = Said(_text(styled))
        return replace(part, styled=styled, quality=tuple(said.new(and_as_letters(self._quality.words))))

    def _sizes_with(self, phrases: Sequence[str]) -> Sizes:
        """Those of the fullest part with these phrases, for which there is room."""
        part = self._fullest
        if self._without or not _text(part.styled or ())[-1:].isalnum():
            # the comma may be one token with the mark before it, or may not be there
            return fullest(self._ruler.sizes(_tree(_text(self._spans(part, phrases)))))
        *full, last = self._sizes
        return (*full, last + sum(self._ruler.tokens.length(f", {phrase}") for phrase in phrases))

    def _positive_spans(self, phrases: Sequence[str]) -> Spans:
        spans: list[Span] = []
        for number, part in enumerate(self._parts):
            if number:
                spans.append(Span(text=AND, source=Source.USER))
            said = self._spans(part, phrases)
            spans += _before_a_weight(said) if len(self._parts) > 1 else said
            if part.weight:
                spans.append(Span(text=part.weight, source=Source.USER))
        return tuple(spans)

    def _spans(self, part: _Part, phrases: Sequence[str] = ()) -> Spans:
        """What is said of a part. Args: phrases: Of the expansion."""
        return left_out(part.spans(phrases), self._without)

    def _negative_spans(self) -> Spans:
        """The person's, the styles', the model's; never what the person's own words ask for."""
        spans = (Span(text=self._unwanted, source=Source.USER),) if self._unwanted else ()
        wanted, said = Said(asked_for(self._words)), Said(self._unwanted)
        of_styles = [phrase for style in self._styles for phrase in said.new(style.negative_prompt, wanted)]
        spans = joined(spans, Source.STYLE, of_styles)
        return joined(spans, Source.PRESET, said.new(self._quality.unwanted, wanted))


def _written(prompt: Prompt) -> Sequence[_Part]:
    """The parts; behind an only one that is weighed a second of no weight, because none is weighed without an `AND`."""
    pairs = zip(prompt.parts, write_parts(prompt), strict=True)
    parts = [_Part(part.tree, text, weight) for part, (text, weight) in pairs]
    return [*parts, _Part((), "", ":0")] if len(parts) == 1 and parts[0].weight else parts


def _as_one_part(style: Style) -> Style:
    """The style with each `AND` of its template as a word: the person alone says how many prompts there are."""
    return replace(style, prompt=and_as_letters(style.prompt)) if "AND" in style.prompt else style


def _before_a_weight(spans: Spans) -> Spans:
    """The spans, whose last text leaves the weight or the `AND` behind it what it is."""
    if not spans or spans[-1].source is Source.USER:
        return spans  # the person's text was written so
    *others, last = spans
    return (*others, Span(text=unweighed(last.text), source=last.source))


def _text(spans: Spans) -> str:
    return "".join(span.text for span in spans)


@lru_cache(maxsize=256)
def _tree(text: str) -> Nodes:
    """Of one prompt; remembered, for pictures share their negative."""
    return parse(text, whole=True).prompt.parts[0].tree
