"""The line at the top of the page, and that of the drawer."""

import json
from collections.abc import Sequence
from html import escape

from fooo.interface.i18n import LANGUAGE_COOKIE, Words
from fooo.interface.web.acts import family_words, labels
from fooo.interface.web.history import history_words


def bar_html(words: Words, *, doing: Sequence[str], other: Words | None = None) -> str:
    """The line at the top.

    Args:
        words: Of the page.
        doing: What draws: the model, and the device once it is known.
        other: The language that the page can be switched to; None: there is none.
    """
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
        f"{_switch_html(other) if other else ''}"
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


def _switch_html(other: Words) -> str:
    """It is named in the language that it leads to: who looks for it may read no other."""
    return (
        f'<button type="button" class="quiet text" data-do="language" lang="{escape(other.language)}"'
        f' data-cookie="{LANGUAGE_COOKIE}" aria-label="{escape(other("speak_this_language"))}">'
        f"{escape(other('language_short'))}</button>"
    )


def _fetching_words(words: Words) -> dict[str, str]:
    """What the page's script says of files on their way."""
    said = ("waiting", "running", "paused", "failed", "done", "pause", "resume")
    return {each: words.texts[f"fetching_{each}"] for each in said} | {
        each: words.texts[each] for each in ("seconds_left", "minutes_left")
    }
