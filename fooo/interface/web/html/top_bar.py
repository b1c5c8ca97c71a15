"""The line at the top of the page, and that of the drawer."""

import json
from collections.abc import Sequence
from html import escape

from fooo.interface.i18n import Words
from fooo.interface.web.acts import family_words, labels
from fooo.interface.web.history import history_words


def bar_html(words: Words, *, doing: Sequence[str]) -> str:
    """The line at the top; `doing` names what draws: the model, and the device once it is known."""
    return (
        f'<div class="bar" data-close="{escape(words("close"))}"'
        f' data-acts="{escape(json.dumps(labels(words)))}" data-copied="{escape(words("copied"))}"'
        f' data-finished="{escape(words("notify_done"))}"'
        f' data-family="{escape(json.dumps(family_words(words)))}"'
        f' data-fetching="{escape(json.dumps(_fetching_words(words)))}"'
        f' data-history="{escape(json.dumps(history_words(words)))}">'
        f'<h1 class="mark">fooo</h1><span class="model">{escape(" · ".join(doing))}</span>'
        f'<button type="button" class="quiet text" data-do="history" aria-haspopup="dialog">'
        f"{escape(words('history_title'))}</button>"
        f'<button type="button" class="quiet" data-do="theme" aria-label="{escape(words("theme"))}">◐</button>'
        f'<button type="button" class="quiet" data-do="drawer" aria-label="{escape(words("settings"))}"'
        f' aria-controls="drawer" aria-expanded="false">☰</button></div>'
    )


def drawer_head_html(words: Words) -> str:
    return (
        f'<div class="drawer-head"><h2>{escape(words("settings"))}</h2>'
        f'<button type="button" class="quiet" data-do="drawer" aria-label="{escape(words("close"))}">✕</button></div>'
        f'<button type="button" class="quiet switch notify" role="switch" aria-checked="false" data-do="notify">'
        f"{escape(words('notify'))}</button>"
    )


def _fetching_words(words: Words) -> dict[str, str]:
    """What the page's script says of files on their way."""
    said = ("waiting", "running", "paused", "failed", "done", "pause", "resume")
    return {each: words.texts[f"fetching_{each}"] for each in said} | {
        each: words.texts[each] for each in ("seconds_left", "minutes_left")
    }
