"""The person's words inside styles' templates, with what a model likes behind them; nothing is said twice."""

import itertools
import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from fooo.catalog import Style
from fooo.catalog.styles import PLACE
from fooo.plan.expansion.words import is_han, plain, stems, tokens, word_set
from fooo.plan.plan import Source, Span, Spans, joined
from fooo.plan.prompt.tags import EMBEDDING, NUMBER

_COMMAS = ",，、"
_BETWEEN_PHRASES = f" {_COMMAS}"
_COMMA_OR_BRACKET = re.compile(rf"[{_COMMAS}()\[\]<>{{}}]")
_COMMA_FIRST = re.compile(rf"\s*[{_COMMAS}]")
_BRACKETED = re.compile(rf"([(\[]+)([^()\[\]<>{{}}|:]*)((?:(?::\s*{NUMBER}\s*)?\)|\])+)")
"""Phrases that stand in brackets of their own: what opens them, they, and what closes them."""
_EMBEDDING = re.compile(EMBEDDING)
_DENIAL = re.compile(r"\b(?:no|not|without|never|free|none|nobody)\b|[没无不]")
_PRAISE = word_set("best high highest higher top great good very highly ultra extremely super quality")
_PRAISED = stems(word_set("detail detailed details resolution definition"))
"""What praise adds nothing to: "high quality" is "best quality", "highly detailed" is "detailed", but a tower may know
"high score" and "great score" apart."""


def in_styles(words: str, styles: Sequence[Style]) -> Spans:
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


class Said:
    """Which phrases were said already: one says nothing new if all of it stands in one of the person's own phrases.

    The others' phrases must be the same: "blurry" is more than "blurred background".
    """

    def __init__(self, words: str) -> None:
        self._own = [_meaning(phrase) for phrase in phrases_of(words)]
        self._said = set(self._own)

    def add(self, text: str) -> None:
        """From now on the text's phrases were said."""
        for _ in self.new(text):
            pass

    def new(self, text: str, wanted: "Said | None" = None) -> Iterator[str]:
        """The text's phrases that say something new, each once; from now on they were said.

        Of those that stand in one bracket the new ones stay in it.

        Args:
            text: Phrases between commas.
            wanted: What the phrases are against; one that stands there is left out.
        """
        for phrase in phrases_of(text):
            bracketed = _BRACKETED.fullmatch(phrase)
            inside = phrases_of(bracketed[2]) if bracketed else (phrase,)
            fresh = [each for each in inside if self._is_fresh(each, wanted)]
            if len(fresh) == len(inside):
                yield phrase
            elif bracketed and fresh:
                yield f"{bracketed[1]}{', '.join(fresh)}{bracketed[3]}"

    def holds(self, phrase: str) -> bool:
        """Whether the phrase says nothing new."""
        meaning = _meaning(phrase)
        return meaning in self._said or any(meaning <= own for own in self._own)

    def _is_fresh(self, phrase: str, wanted: "Said | None") -> bool:
        """Whether the phrase says something new; from now on it was said."""
        if self.holds(phrase) or (wanted and wanted.holds(phrase)):
            return False
        self._said.add(_meaning(phrase))
        return True


@lru_cache(maxsize=2048)
def phrases_of(text: str) -> tuple[str, ...]:
    """What stands between commas that are in no bracket, without what has no letter or digit in it."""
    ends = [*_commas(text), len(text)]
    starts = [0, *(end + 1 for end in ends)]
    pieces = (text[start:end] for start, end in zip(starts, ends, strict=False))
    return tuple(piece.strip() for piece in pieces if any(map(str.isalnum, piece)))


def pieces_of(text: str) -> tuple[str, ...]:
    """The text cut before each comma that is in no bracket: put one behind the other they are the text."""
    cuts = [0, *(comma for comma in _commas(text) if comma), len(text)]
    return tuple(text[start:end] for start, end in itertools.pairwise(cuts))


def droppable(piece: str) -> str:
    """The phrase in a piece by whose name it can be left out; empty where none is, or a bracket goes on behind it."""
    phrase = piece.strip(_BETWEEN_PHRASES)
    return phrase if any(map(str.isalnum, phrase)) and _is_closed(phrase) else ""


def left_out(spans: Spans, phrases: Collection[str]) -> Spans:
    """The spans of one prompt, without those phrases in what others than the person say."""
    if not phrases:
        return spans
    unwanted, kept, before = {phrase.casefold() for phrase in phrases}, list[Span](), ""
    for span, behind in zip(spans, (*spans[1:], None), strict=True):
        text = span.text
        if span.source is not Source.USER:
            text = _left_of(text, unwanted, before, behind=behind is not None and behind.source is Source.USER)
        if text:
            kept.append(Span(text=text, source=span.source))
            before = text
    return tuple(kept)


def _left_of(text: str, unwanted: Collection[str], before: str, *, behind: bool) -> str:
    """Args: before: What stands before it. behind: Whether the person's words stand behind it."""
    pieces = pieces_of(text if before else text.lstrip(_BETWEEN_PHRASES))
    kept = [piece for piece in pieces if droppable(piece).casefold() not in unwanted]
    if len(kept) == len(pieces):
        return "".join(pieces)
    said = [phrase for piece in kept if (phrase := piece.strip(_BETWEEN_PHRASES))]
    front = before and (" " if before.rstrip()[-1:] in _COMMAS else ", ")
    if said and kept[0] is pieces[0] and pieces[0][:1] not in _COMMAS:
        front = pieces[0][: -len(pieces[0].lstrip())]
    if not said:
        return front if behind else ""
    joins = kept[-1] is pieces[-1] and kept[-1].strip(_BETWEEN_PHRASES)
    back = kept[-1][len(kept[-1].rstrip()) :] if joins else ", "
    return f"{front}{', '.join(said)}{back if behind else ''}"


def asked_for(words: str) -> str:
    """The words without the phrases that say what should not be there, such as "no people"."""
    return ", ".join(phrase for phrase in phrases_of(words) if not _DENIAL.search(plain(phrase)))


def _commas(text: str) -> Iterator[int]:
    """Where the commas stand that are in no bracket."""
    depth = 0
    for match in _COMMA_OR_BRACKET.finditer(text):
        if match[0] in "([<{":
            depth += 1
        elif match[0] in ")]>}":
            depth = max(0, depth - 1)
        elif not depth:
            yield match.start()


@lru_cache(maxsize=4096)
def _meaning(phrase: str) -> frozenset[str]:
    """Equal for phrases that say the same: the stems of their words, Chinese, embeddings; without any all letters."""
    found = tokens(plain(phrase))
    bare = stems(token for token in found if token not in _PRAISE)
    said = bare if bare and bare <= _PRAISED else stems(found)
    if bare <= _PRAISED and "quality" in found:
        said = bare | stems(["quality"])
    said = said.union(filter(is_han, found), _EMBEDDING.findall(phrase.casefold()))
    return said or frozenset([phrase.casefold()])


def _wrapped(words: str, style: Style) -> Spans:
    first, *pieces = style.prompt.split(PLACE)
    spans = [Span(text=first, source=Source.STYLE)]
    for piece in pieces:
        # of two commas side by side one is enough
        behind = _COMMA_FIRST.sub("", piece, count=1) if words.rstrip()[-1:] in _COMMAS else piece
        spans += [Span(text=words, source=Source.USER), Span(text=behind, source=Source.STYLE)]
    return tuple(span for span in spans if span.text)


def _without_echo(spans: Spans, said: Said) -> Iterator[Span]:
    """The spans, of the last one only the phrases that are new; a template's other parts hold it together."""
    if not spans or spans[-1].source is Source.USER:
        yield from spans
        return
    *others, last = spans
    yield from others
    comma = next(_commas(last.text), len(last.text))
    tail = last.text[comma + 1 :]
    text = last.text
    if _is_closed(tail) and (kept := tuple(said.new(tail))) != phrases_of(tail):
        parted = f"{text[comma]} " if text[comma] == "," else text[comma]
        text = f"{text[:comma]}{parted}{parted.join(kept)}"
    if text.strip(f" {_COMMAS}"):
        yield Span(text=text.rstrip(f" {_COMMAS}"), source=last.source)


def _is_closed(text: str) -> bool:
    """Whether no bracket reaches over the text's beginning or end."""
    return all(text.count(opener) == text.count(closer) for opener, closer in ("()", "[]", "{}", "<>"))
