"""The chips below the box: what is chosen, in a few words, and where it is changed."""

from collections.abc import Sequence
from html import escape

from fooo.interface.i18n import Words


def chips_html(
    styles: Sequence[tuple[str, str]],
    pace: str,
    count: int,
    words: Words,
    *,
    size: str = "",
    preset: str = "",
    start: str = "",
) -> str:
    """What is chosen, in a few words, and where it is changed.

    Args:
        styles: Names, each with how it is called here.
        pace: The performance mode, the time, or both; empty where neither is chosen.
        count: Of pictures.
        words: Of the page.
        size: In words or pixels; empty where it is left open.
        preset: Its name; empty where there is none.
        start: HTML of the picture that is begun with.
    """
    chosen = "".join(_chosen_chip(name, title, words) for name, title in styles)
    add = f'<button type="button" class="chip" data-do="sheet" data-at="styles">{escape(words("add_style"))}</button>'
    how_many = words("one_picture") if count == 1 else words("many_pictures", count=count)
    drawer = "".join(
        _drawer_chip(text, at)
        for text, at in (
            (size or words("size"), "field-size"),
            (preset or words("preset"), "field-preset"),
            (pace or words("choose_pace"), "field-sampling-performance"),
            (how_many, "field-output-count"),
        )
    )
    return f'<div class="chips">{start}{chosen}{add}{drawer}</div>'


def repeat_html(words: Words, *, on: bool) -> str:
    """The chip by which what the page asks for is drawn again and again."""
    return (
        f'<button type="button" class="chip" aria-pressed="{str(on).lower()}" data-do="repeat"'
        f' title="{escape(words("repeat_hint"))}">{escape(words("repeat"))}</button>'
    )


def _drawer_chip(text: str, at: str) -> str:
    return f'<button type="button" class="chip" data-do="drawer" data-at="{at}">{escape(text)}</button>'


def _chosen_chip(name: str, title: str, words: Words) -> str:
    return (
        f'<button type="button" class="chip chosen" data-do="style" data-style="{escape(name)}"'
        f' aria-label="{escape(words("remove_style", name=title))}">{escape(title)}<i aria-hidden="true">×</i></button>'
    )
