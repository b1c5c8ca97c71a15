"""The words of a plan as lines of text: what `make --show-words` prints."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from fooo.interface.i18n import Words
from fooo.interface.notes import notes_on, promised
from fooo.plan import CHUNK, Plan, Promise, Shot, Source, Span, Texts

COLOURS: Final[Mapping[Source, str]] = {
    Source.USER: "",
    Source.STYLE: "\x1b[36m",
    Source.EXPANSION: "\x1b[32m",
    Source.PRESET: "\x1b[35m",
}
"""ECMA-48 sequences: cyan, green and magenta can be read on dark and on light terminals."""
_PLAIN = "\x1b[0m"

_JOINT = re.compile(r"[\s,]*")
_LABELS = 10
"""Characters before each text, so that the texts stand below each other."""


def words_of(plan: Plan, words: Words, *, coloured: bool, promise: Promise | None = None) -> Iterator[str]:
    """Lines that say for each picture what is drawn and who says it, and at the end what may not have been meant.

    Args:
        plan: Of one job.
        words: Of the notes' language; the labels are English, as all of the command line.
        coloured: Mark the sources by colour; else by their names in brackets.
        promise: How long the job will take, where that is known.
    """
    for shot in plan.shots:
        yield from _picture(shot, coloured=coloured)
    if promise:
        yield _line("time", promised([promise], words))
    for note in notes_on(plan, words):
        yield _line("note", note)


def sources_of(plan: Plan) -> set[Source]:
    """Who says anything in any of its pictures."""
    spans = (span for shot in plan.shots for span in (*shot.texts.positive_spans, *shot.texts.negative_spans))
    return {span.source for span in spans}


def legend(sources: Collection[Source], *, coloured: bool) -> str:
    """What the marks of these sources mean, a line."""
    if not coloured:
        return "[name] tells who says what follows it."
    return f"Added by: {', '.join(_painted(each, each) for each in COLOURS if each in sources and COLOURS[each])}."


def _picture(shot: Shot, *, coloured: bool) -> Iterator[str]:
    texts = shot.texts
    styles = f", styles {', '.join(texts.styles)}" if texts.styles else ""
    yield f"Picture {shot.number + 1}, seed {shot.seed}{styles}"
    yield _line("words", _marked(texts.positive_spans, coloured=coloured) or "none")
    if texts.model_writes:
        yield _line("", "The language model adds its phrases when the picture is drawn.")
    if texts.negative:
        yield _line("negative", _marked(texts.negative_spans, coloured=coloured))
    yield _line("tokens", _tokens(texts))


def _tokens(texts: Texts) -> str:
    positive, negative = (" + ".join(map(str, each)) for each in (texts.positive_tokens, texts.negative_tokens))
    told = f"{positive} in chunks of {CHUNK}"
    return f"{told}; negative {negative}" if texts.negative else told


def _marked(spans: Sequence[Span], *, coloured: bool) -> str:
    if coloured:
        return "".join(_painted(span.text, span.source) for span in spans)
    marked = ""
    before = Source.USER
    for span in spans:
        marked += _named(span) if span.source is not before else span.text
        before = span.source
    return marked


def _painted(text: str, source: Source) -> str:
    return f"{COLOURS[source]}{text}{_PLAIN}" if COLOURS[source] else text


def _named(span: Span) -> str:
    """The span with its source's name behind the comma that joins it to what stands before."""
    joint = _JOINT.match(span.text)
    end = joint.end() if joint else 0
    return f"{span.text[:end]}[{span.source}] {span.text[end:]}"


def _line(label: str, text: str) -> str:
    indent = " " * (2 + _LABELS)
    return f"  {label:<{_LABELS}}" + f"\n{indent}".join(text.splitlines())
