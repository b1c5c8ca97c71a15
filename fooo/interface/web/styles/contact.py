"""A contact sheet on the wall: a quick picture in each style, and a press on one draws it to its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from fooo.catalog import Style
from fooo.interface.i18n import Words
from fooo.interface.web.html.style_sheet import style_title
from fooo.interface.web.view import Finished, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Args: job: Its id. tiles: In order; where a picture is still to come, the name of its style.

    width, height: Of each picture.
    """

    job: str
    tiles: tuple[Finished | str, ...]
    width: int
    height: int


def contact_of(view: View) -> Contact | None:
    """The sheet that is drawn, or was drawn last; None where something else is."""
    drawing = view.drawing
    if drawing is None:
        newest = view.finished[0] if view.finished else None
        if newest is None or not newest.sheet:
            return None
        done = _of_job(view, newest.job)
        return Contact(job=newest.job, tiles=done, width=newest.width, height=newest.height)
    if not drawing.job.plan.request.sheet:
        return None
    names = [next(iter(shot.texts.styles), "") for shot in drawing.job.plan.shots]
    tiles = _in_their_places(names, _of_job(view, drawing.job.id))
    return Contact(job=drawing.job.id, tiles=tiles, width=drawing.width, height=drawing.height)


def without(view: View, contact: Contact) -> tuple[Finished, ...]:
    """The finished pictures that are not on the sheet, newest first."""
    return tuple(one for one in view.finished if one.job != contact.job)


def contact_html(contact: Contact, styles: Mapping[str, Style], words: Words) -> str:
    """The sheet in place of a large picture."""
    coming = next((number for number, tile in enumerate(contact.tiles) if isinstance(tile, str)), None)
    tiles = [
        _coming(style_title(tile, styles, words), now=number == coming)
        if isinstance(tile, str)
        else _done(tile, style_title(tile.sheet, styles, words), words)
        for number, tile in enumerate(contact.tiles)
    ]
    count = len(tiles)
    columns = min(count, 6) if count > 4 else count
    shape = f"--width:{contact.width};--height:{contact.height}"
    rows = f"--columns:{columns};--rows:{-(-count // columns)}"
    return (
        f'<section class="contact" style="{shape};{rows}" aria-label="{escape(words("contact_sheet"))}">'
        f'<div class="shots">{"".join(tiles)}</div><p>{escape(words("contact_hint"))}</p></section>'
    )


def _of_job(view: View, job: str) -> tuple[Finished, ...]:
    """In the order in which they were drawn."""
    return tuple(one for one in reversed(view.finished) if one.job == job)


def _in_their_places(names: Sequence[str], done: Sequence[Finished]) -> tuple[Finished | str, ...]:
    """What was skipped keeps its place empty."""
    by_name = {one.sheet: one for one in reversed(done)}
    return tuple(by_name.get(name, name) for name in names)


def _done(picture: Finished, title: str, words: Words) -> str:
    return (
        f'<button type="button" class="shot" data-do="finish" data-job="{escape(picture.job)}"'
        f' data-number="{picture.number}" aria-label="{escape(words("finish_style", name=title))}">'
        f'<img alt="" src="{escape(picture.address.small)}"><b>{escape(title)}</b></button>'
    )


def _coming(title: str, *, now: bool) -> str:
    return f'<div class="shot coming{" now" if now else ""}"><b>{escape(title)}</b></div>'
