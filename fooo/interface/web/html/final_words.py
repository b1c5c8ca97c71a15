"""The words as they will be drawn, under the box: who says what of them, before anything is drawn."""

import json
from collections.abc import Callable, Collection, Sequence
from html import escape

from fooo.interface.i18n import Words
from fooo.interface.notes import chinese_beyond, notes_on, told_of_beyond
from fooo.interface.web.words import told_of_room
from fooo.plan import Plan, Shot, Source, Span, Spans, droppable, pieces_of

_MOST_PICTURES = 24
"""In the sheet; the words of a hundred would be read by nobody."""

_MOST_BEYOND = 100
"""Words that are underlined in the box; of a pasted page the first are enough."""

_SOURCES = {
    Source.USER: "from_user",
    Source.STYLE: "from_style",
    Source.EXPANSION: "from_expansion",
    Source.PRESET: "from_preset",
}


def final_html(
    plans: Sequence[Plan],
    pictures: int,
    *,
    typed: str,
    exactly: bool,
    title_of: Callable[[str], str],
    words: Words,
    promise: str = "",
    note: str = "",
    seed: str = "",
    english: str = "",
    added: Spans | None = None,
    without: Collection[str] = (),
) -> str:
    """The words of the next picture on a line or two, and a sheet with all there is to say about them.

    Args:
        plans: Of the first jobs that the page asks for, at least one.
        pictures: Of all its jobs.
        typed: The prompt in the box.
        exactly: Whether nothing is to be added to it.
        title_of: What a style is called in their language.
        words: Of the page.
        promise: How long all of it will take; empty where nobody knows.
        note: Told before the words; empty: nothing.
        seed: Of every press, where it is fixed; empty where each has a new one.
        english: The prompt with what the model knows by an English name only said so; empty where that is nothing.
        added: The first picture's words with those that are left out; None: none is.
        without: The phrases that are left out.
    """
    shots = [shot for plan in plans for shot in plan.shots]
    first = shots[0].texts
    line = first.positive_spans if added is None else added
    text = "".join(span.text for span in line)
    as_typed = text and text == typed.strip()
    strange = dict.fromkeys(word for plan in plans for word in chinese_beyond(plan))
    said = _pressable(line, without, words)
    if as_typed:
        said = "" if strange else f"<i>{escape(words('as_typed'))}</i>"
    if note:
        said = f"<i>{escape(note)}</i> {said}"
    if strange:
        said += _in_chinese(plans[0], tuple(strange), typed=typed, english=english, words=words)
    grows = any(span.source is Source.EXPANSION for span in first.positive_spans)
    # what is added fills what room there is, and makes way for the person's words
    room = "" if grows and len(first.positive_tokens) == 1 else told_of_room(first.positive_tokens, words)
    about = escape(words("tokens_about"))
    counted = f'<small title="{about}">{escape(room)}</small>' if room else ""
    counted += _seed_chip(seed, words) if seed else ""
    counted += f"<small>{escape(promise)}</small>" if promise else ""
    more = words("more") if pictures == 1 else words("all_pictures", count=pictures)
    opens = f'<button type="button" class="quiet" data-do="sheet" data-at="final-sheet">{escape(more)}</button>'
    tells = f"{counted}{opens if first.positive else ''}"
    captions = [_caption(shot, title_of, words) for shot in shots[:_MOST_PICTURES]]
    return _line(said, _switch(words, on=exactly), tells, _beyond(plans, words)) + _sheet(
        plans, captions, pictures, words
    )


def refused_html(sentence: str, *, exactly: bool, words: Words) -> str:
    """Why nothing can be drawn as it is, said as quietly as the words would be."""
    return _line(f"<i>{escape(sentence)}</i>", _switch(words, on=exactly))


def _beyond(plans: Sequence[Plan], words: Words) -> str:
    """For the page's script: what the model has not learnt, and the sentence about each of those words."""
    found = {word: told_of_beyond(plan, (word,), words) for plan in plans for word in plan.beyond[:_MOST_BEYOND]}
    return f' data-beyond="{escape(json.dumps(found, ensure_ascii=False))}"' if found else ""


def _in_chinese(plan: Plan, strange: Sequence[str], *, typed: str, english: str, words: Words) -> str:
    """What the model has not learnt of words in Chinese, and a button that says them in English where it can."""
    button = (
        f'<button type="button" class="chip" data-do="english" data-typed="{escape(typed)}"'
        f' data-words="{escape(english)}">{escape(words("use_english"))}</button>'
    )
    # the button comes first: a phone has no room for all of the sentence
    return f" {button if english else ''} <i>{escape(told_of_beyond(plan, strange, words))}</i>"


def _line(said: str, switch: str, tells: str = "", data: str = "") -> str:
    return (
        f'<div class="final"{data}><p class="said">{said}</p>'
        f'<div class="actions">{switch}<div class="tells">{tells}</div></div></div>'
    )


def _seed_chip(seed: str, words: Words) -> str:
    said = words("seed_caption", seed=seed)
    return (
        f'<button type="button" class="chip chosen seed" data-do="act" data-how="free_seed"'
        f' aria-label="{escape(words("free_seed", seed=said))}">{escape(said)}<i aria-hidden="true">×</i></button>'
    )


def _switch(words: Words, *, on: bool) -> str:
    state = "true" if on else "false"
    return (
        f'<button type="button" class="quiet switch" role="switch" aria-checked="{state}" data-do="exactly"'
        f' title="{escape(words("exactly_hint"))}">'
        f"{escape(words('exactly'))}</button>"
    )


def _sheet(plans: Sequence[Plan], captions: Sequence[str], pictures: int, words: Words) -> str:
    """Every picture's words below its caption, and what their writer may not have meant."""
    shots = [shot for plan in plans for shot in plan.shots][: len(captions)]
    further = pictures - len(shots)
    notes = dict.fromkeys(note for plan in plans for note in notes_on(plan, words))
    return (
        f'<dialog class="sheet words" id="final-sheet" aria-label="{escape(words("final_words"))}">'
        f"<header><h2>{escape(words('final_words'))}</h2>"
        f'<button type="button" class="quiet" data-do="close" aria-label="{escape(words("close"))}">✕</button></header>'
        f'<p class="legend">{_legend(shots, words)}</p>'
        f"{''.join(_picture(shot, caption, words) for shot, caption in zip(shots, captions, strict=True))}"
        f"{_quiet(words('further_pictures', count=further)) if further > 0 else ''}"
        f"{''.join(_quiet(note) for note in notes)}</dialog>"
    )


def _caption(shot: Shot, title_of: Callable[[str], str], words: Words) -> str:
    titles = [title_of(name) for name in shot.texts.styles]
    tokens = words("tokens", count=_tokens(shot.texts.positive_tokens))
    return " · ".join([words("seed_caption", seed=shot.seed), *titles, tokens])


def _picture(shot: Shot, caption: str, words: Words) -> str:
    texts = shot.texts
    unsaid = _marked(texts.negative_spans, words)
    negative = f"<p><small>{escape(words('negative'))}</small> {unsaid}</p>" if unsaid else ""
    added_later = _quiet(words("model_writes")) if texts.model_writes else ""
    said = f"<p>{_marked(texts.positive_spans, words)}</p>"
    return f"<article>{_quiet(caption)}{said}{added_later}{negative}</article>"


def _legend(shots: Sequence[Shot], words: Words) -> str:
    spans = {span.source for shot in shots for span in (*shot.texts.positive_spans, *shot.texts.negative_spans)}
    return " · ".join(
        f'<span class="{source}">{escape(words(key))}</span>' for source, key in _SOURCES.items() if source in spans
    )


def _marked(spans: Sequence[Span], words: Words) -> str:
    return "".join(
        f'<span class="{span.source}" title="{escape(words(_SOURCES[span.source]))}">{escape(span.text)}</span>'
        for span in spans
    )


def _pressable(spans: Spans, without: Collection[str], words: Words) -> str:
    """As `_marked`; a press on a phrase that is added leaves it out, or takes it back."""
    dropped = {phrase.casefold() for phrase in without}
    return "".join(
        f'<span class="{span.source}" title="{escape(words(_SOURCES[span.source]))}">'
        + (
            escape(span.text)
            if span.source is Source.USER
            else "".join(_piece(each, dropped, words) for each in pieces_of(span.text))
        )
        + "</span>"
        for span in spans
    )


def _piece(piece: str, dropped: Collection[str], words: Words) -> str:
    phrase = droppable(piece)
    if not phrase:
        return escape(piece)
    is_out = phrase.casefold() in dropped
    before, _, behind = piece.partition(phrase)
    hint = escape(words("take_back" if is_out else "leave_out"))
    return (
        f'{escape(before)}<button type="button" data-do="drop" aria-pressed="{str(is_out).lower()}" title="{hint}">'
        f"{escape(phrase)}</button>{escape(behind)}"
    )


def _tokens(chunks: Sequence[int]) -> str:
    return " + ".join(map(str, chunks))


def _quiet(text: str) -> str:
    return f'<p class="quiet">{escape(text)}</p>'
