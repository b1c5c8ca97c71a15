"""The thin bar and the line under it: how far the drawing is, and when it will be done."""

import math
from dataclasses import replace
from html import escape

from fooo.events import LegName
from fooo.interface.i18n import Words
from fooo.interface.notes import told_of_memory, told_of_pass
from fooo.interface.web.view import Drawing, View

_MINUTES_FROM = 90.0
"""Seconds left from which minutes say it better."""


def status_html(view: View, words: Words) -> str:
    """The thin bar and the line under it; empty but as high when nothing is drawn."""
    drawing = view.drawing
    if drawing is None and view.repeating:
        return _status_line(words, 0.0, words("getting_ready"), job_id=view.repeating)
    if drawing is None:
        return _status_line(words, 0.0, words("stopped") if view.stopped else "")
    done = _share_done(drawing)
    parts = _progress_words(drawing, words)
    if view.waiting:
        parts.append(words("waiting_one") if view.waiting == 1 else words("waiting_many", count=view.waiting))
    return _status_line(words, done, " · ".join(parts), _short(drawing, words), job_id=drawing.job.id)


def time_left(seconds: float, words: Words) -> str:
    if seconds < 1:
        return words("almost_done")
    if seconds < _MINUTES_FROM:
        return words("seconds_left", count=math.ceil(seconds))
    return words("minutes_left", count=round(seconds / 60))


def _share_done(drawing: Drawing) -> float:
    """Of the thin bar; a finishing pass has the bar for itself."""
    if drawing.finishing:
        return drawing.finishing.done / drawing.finishing.total
    step = drawing.step
    return step.done / step.total if step else (drawing.number - 1) / drawing.count


def _progress_words(drawing: Drawing, words: Words) -> list[str]:
    if drawing.ending:
        return [words("stopping")]
    parts = [words("picture_of", number=drawing.number, count=drawing.count)] if drawing.count > 1 else []
    if drawing.finishing:
        return [*parts, told_of_pass(drawing.finishing, words)]
    step = drawing.step
    if drawing.ahead:
        return [*parts, words("others_first", count=drawing.ahead)]
    if step is None:
        ready = words("loading", what=drawing.loading) if drawing.loading else words("getting_ready")
        return [*parts, ready, *([told_of_memory(drawing.memory, words)] if drawing.memory else [])]
    return [
        *parts,
        words("step_of", step=step.step, steps=step.steps),
        *([words("refining")] if step.leg is LegName.REFINER else []),
        time_left(step.seconds_left, words),
    ]


def _short(drawing: Drawing, words: Words) -> str:
    """The same for a narrow screen, where it has one line beside the buttons."""
    step = drawing.step
    if drawing.ending or drawing.finishing or step is None:
        return _progress_words(replace(drawing, memory=None), words)[-1]
    parts = [f"{drawing.number}/{drawing.count}"] if drawing.count > 1 else []
    return " · ".join([*parts, f"{step.step}/{step.steps}", time_left(step.seconds_left, words)])


def _status_line(words: Words, done: float, text: str, short: str = "", *, job_id: str | None = None) -> str:
    """`short` takes the place of `text` on a narrow screen; `job_id` is of what is drawn, for the page's script."""
    busy = f' busy" data-job="{escape(job_id)}' if job_id else ""
    percent = f"{100 * done:.1f}"
    return (
        f'<div class="status{busy}">'
        f'<div class="track" role="progressbar" aria-label="{escape(words("progress"))}"'
        f' aria-valuemin="0" aria-valuemax="100" aria-valuenow="{percent}">'
        f'<div class="done" style="width:{percent}%"></div></div><span aria-live="off">{escape(text)}</span>'
        f"{f'<small>{escape(short)}</small>' if short else ''}</div>"
    )
