"""The person's words inside styles' templates, with what a model likes behind them; nothing is said twice."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from fooo.catalog import Style
from fooo.catalog.styles import PLACE
from fooo.plan.expansion.words import plain, stems, tokens, word_set
from fooo.plan.plan import Source, Span

_DENIAL = re.compile(r"\b(?:no|not|without|never|free|none|nobody)\b|[没无不]")
_PRAISE = word_set("best high highest higher top great good very highly ultra extremely super quality")
_PRAISED = stems(word_set("detail detailed details resolution definition"))
"""What praise adds nothing to: "high quality" is "best quality", "highly detailed" is "detailed", but a tower may know
"high score" and "great score" apart."""


def in_styles(words: str, styles: Sequence[Style]) -> tuple[Span, ...]:
    """The words in the first template that has a place for them; what the others say comes behind, in order.

    A phrase between commas that says only what a phrase before it has said is left out; the words themselves are never
    touched.
    """
    holder = next((style for style in styles if PLACE in style.prompt), None) if words else None
    spans = _wrapped(words, holder) if holder else ((Span(text=words, source=Source.USER),) if words else ())
    said = Said(words)
    around = "".join(span.text for span in spans if span.source is Source.STYLE)
    spans = tuple(_without_echo(spans, said))
    said.add(around)
    rest = [style.without_place for style in styles if style is not holder]
    return joined(spans, Source.STYLE, (phrase for text in rest for phrase in said.new(text)))


def joined(spans: Iterable[Span], source: Source, phrases: Iterable[str]) -> tuple[Span, ...]:
    """The spans with phrases of one source behind them, parted by ", "."""
    before, text = tuple(spans), ", ".join(phrases)
    if not text:
        return before
    return (*before, Span(text=f", {text}" if before else text, source=source))


class Said:
    """Which phrases were said already: one says nothing new if all of it stands in one of the person's own phrases.

    The others' phrases must be the same: "blurry" is more than "blurred background".
    """

    def __init__(self, words: str) -> None:
        self._own = [_stems(phrase) for phrase in phrases_of(words)]
        self._plain = {plain(phrase) for phrase in phrases_of(words)}
        self._stems = set(self._own)

    def add(self, text: str) -> None:
        """From now on the text's phrases were said."""
        for _ in self.new(text):
            pass

    def new(self, text: str) -> Iterator[str]:
        """The text's phrases that say something new, each once; from now on they were said."""
        for phrase in phrases_of(text):
            if not self.holds(phrase):
                self._plain.add(plain(phrase))
                self._stems.add(_stems(phrase))
                yield phrase

    def holds(self, phrase: str) -> bool:
        """Whether the phrase says nothing new."""
        stems = _stems(phrase)
        if not stems:
            return plain(phrase) in self._plain
        return stems in self._stems or any(stems <= own for own in self._own)


def phrases_of(text: str) -> Iterator[str]:
    """What stands between commas that are in no bracket, without what has no letter or digit in it."""
    start = depth = 0
    for position, character in enumerate(text):
        if character in "([<{":
            depth += 1
        elif character in ")]>}":
            depth = max(0, depth - 1)
        elif character in ",，、" and not depth:
            yield from _worded(text[start:position])
            start = position + 1
    yield from _worded(text[start:])


def asked_for(words: str) -> str:
    """The words without the phrases that say what should not be there, such as "no people"."""
    return ", ".join(phrase for phrase in phrases_of(words) if not _DENIAL.search(plain(phrase)))


def _worded(phrase: str) -> Iterator[str]:
    if any(character.isalnum() for character in phrase):
        yield phrase.strip()


@lru_cache(maxsize=4096)
def _stems(phrase: str) -> frozenset[str]:
    found = tokens(plain(phrase))
    bare = stems(token for token in found if token not in _PRAISE)
    if bare <= _PRAISED and "quality" in found:
        return bare | stems(["quality"])
    return bare if bare and bare <= _PRAISED else stems(found)


def _wrapped(words: str, style: Style) -> tuple[Span, ...]:
    pieces = style.prompt.split(PLACE)
    spans = [Span(text=pieces[0], source=Source.STYLE)]
    for piece in pieces[1:]:
        spans += [Span(text=words, source=Source.USER), Span(text=piece, source=Source.STYLE)]
    return tuple(span for span in spans if span.text)


def _without_echo(spans: Sequence[Span], said: Said) -> Iterator[Span]:
    """The spans, of the last one only the phrases that are new; a template's other parts hold it together."""
    last = spans[-1] if spans else None
    for span in spans:
        if span is not last or span.source is Source.USER:
            yield span
            continue
        head, comma, tail = span.text.partition(",")
        kept = ", ".join(said.new(tail)) if _is_closed(tail) else tail.strip()
        text = f"{head}{comma} {kept}" if kept else head
        if text.strip():
            yield Span(text=text, source=span.source)


def _is_closed(text: str) -> bool:
    """Whether no bracket reaches over the text's beginning or end."""
    return all(text.count(opener) == text.count(closer) for opener, closer in ("()", "[]", "{}", "<>"))
