"""The parts of the page that show and are not typed into, as HTML. Every text of a person is escaped here."""

import base64
import io
import json
import math
from collections.abc import Sequence
from dataclasses import replace
from html import escape

from PIL import Image

from fooo.catalog import PresetFile
from fooo.image import Picture
from fooo.interface.i18n import Words
from fooo.interface.notes import told_of_memory, told_of_pass
from fooo.interface.web.acts import Act, family_words, labels
from fooo.interface.web.history import history_words
from fooo.interface.web.view import Drawing, Finished, View
from fooo.request import Partial

_MOST_SMALL = 48
"""Earlier pictures in the row; more would cost the browser more than they tell."""

_MINUTES_FROM = 90.0
"""Seconds left from which minutes say it better."""


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


def _fetching_words(words: Words) -> dict[str, str]:
    """What the page's script says of files on their way."""
    said = ("waiting", "running", "paused", "failed", "done", "pause", "resume")
    return {each: words.texts[f"fetching_{each}"] for each in said} | {
        each: words.texts[each] for each in ("seconds_left", "minutes_left")
    }


def fetch_html(files: Sequence[PresetFile], request: Partial, words: Words) -> str:
    """A button that fetches what a request lacks, with all that has to come. Args: request: What is asked for."""
    size = sum(file.bytes or 0 for file in files) / 1e9
    label = words("fetch", size=f"{size:.1f} GB" if size >= 0.1 else f"{size * 1e3:.0f} MB")
    return (
        f'<button type="button" class="chip" data-do="fetch" data-request="{escape(json.dumps(request))}">'
        f"{escape(label)}</button>"
    )


def undo_html(picture: str, words: Words) -> str:
    """A button that puts a picture back. Args: picture: Its id in the history, in the trash."""
    return (
        f'<button type="button" class="chip" data-do="undo-delete" data-kept="{escape(picture)}">'
        f"{escape(words('history_undo'))}</button>"
    )


def drawer_head_html(words: Words) -> str:
    return (
        f'<div class="drawer-head"><h2>{escape(words("settings"))}</h2>'
        f'<button type="button" class="quiet" data-do="drawer" aria-label="{escape(words("close"))}">✕</button></div>'
        f'<button type="button" class="quiet switch notify" role="switch" aria-checked="false" data-do="notify">'
        f"{escape(words('notify'))}</button>"
    )


def stage_html(view: View, examples: Sequence[str], words: Words) -> str:
    """The large place: the picture being drawn in its final frame, else the newest, else an invitation.

    `examples` are prompts to begin with, each a button that writes it into the box.
    """
    newest = view.finished[0] if view.finished else None
    drawing = view.drawing
    if drawing and (drawing.preview or newest is None or not drawing.has_picture):
        return _frame(drawing, words)
    return _large(newest, words) if newest else _invitation(examples, words)


def row_html(view: View, words: Words) -> str:
    """The earlier pictures, small, newest first."""
    drawn_large = view.drawing and (view.drawing.preview or not view.drawing.has_picture)
    return earlier_html(view.finished if drawn_large else view.finished[1:], words)


def earlier_html(earlier: Sequence[Finished], words: Words) -> str:
    """Pictures in a row, in their order."""
    return f'<div class="earlier">{"".join(_small(one, words) for one in earlier[:_MOST_SMALL])}</div>'


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


def repeat_html(words: Words, *, on: bool) -> str:
    """The chip by which what the page asks for is drawn again and again."""
    return (
        f'<button type="button" class="chip" aria-pressed="{str(on).lower()}" data-do="repeat"'
        f' title="{escape(words("repeat_hint"))}">{escape(words("repeat"))}</button>'
    )


def _share_done(drawing: Drawing) -> float:
    """Of the thin bar; a finishing pass has the bar for itself."""
    if drawing.finishing:
        return drawing.finishing.done / drawing.finishing.total
    step = drawing.step
    return step.done / step.total if step else (drawing.number - 1) / drawing.count


def notice_html(sentence: str, number: int, *, calm: bool = False, button: str = "") -> str:
    """One sentence for the person. `number` makes a repeated one new, so that the page shows it again.

    A calm one asks for nothing: it waits until what is drawn is finished. `button` is HTML of what helps.
    """
    if not sentence:
        return ""
    looks, role = ("notice calm", "status") if calm else ("notice", "alert")
    return f'<p class="{looks}" role="{role}" data-number="{number}"><span>{escape(sentence)}</span>{button}</p>'


def chips_html(styles: Sequence[tuple[str, str]], pace: str, count: int, words: Words, *, start: str = "") -> str:
    """What is chosen, in a few words, and where it is changed.

    Args:
        styles: Names, each with how it is called here.
        pace: The performance mode, the time, or both; empty where neither is chosen.
        count: Of pictures.
        words: Of the page.
        start: HTML of the picture that is begun with.
    """
    chosen = "".join(_chosen_chip(name, title, words) for name, title in styles)
    add = f'<button type="button" class="chip" data-do="sheet" data-at="styles">{escape(words("add_style"))}</button>'
    how_many = words("one_picture") if count == 1 else words("many_pictures", count=count)
    paced = _drawer_chip(pace or words("choose_pace"), "field-sampling-performance")
    return f'<div class="chips">{start}{chosen}{add}{paced}{_drawer_chip(how_many, "field-output-count")}</div>'


def _drawer_chip(text: str, at: str) -> str:
    return f'<button type="button" class="chip" data-do="drawer" data-at="{at}">{escape(text)}</button>'


def _chosen_chip(name: str, title: str, words: Words) -> str:
    return (
        f'<button type="button" class="chip chosen" data-do="style" data-style="{escape(name)}"'
        f' aria-label="{escape(words("remove_style", name=title))}">{escape(title)}<i aria-hidden="true">×</i></button>'
    )


def time_left(seconds: float, words: Words) -> str:
    if seconds < 1:
        return words("almost_done")
    if seconds < _MINUTES_FROM:
        return words("seconds_left", count=math.ceil(seconds))
    return words("minutes_left", count=round(seconds / 60))


def data_address(picture: Picture) -> str:
    """A small picture as an address that holds it: a preview is seen for a moment and is no file."""
    stream = io.BytesIO()
    Image.fromarray(picture.pixels).save(stream, format="JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode()


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
        words(f"leg_{step.leg}"),
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


def _frame(drawing: Drawing, words: Words) -> str:
    address = data_address(drawing.preview) if drawing.preview else ""
    source = f' src="{address}"' if address else ""
    return _figure(
        width=drawing.width,
        height=drawing.height,
        kind="drawing",
        # the same nesting as a finished one, so that the page swaps the picture and not the place
        image=f'<a class="open"><img alt="{escape(words("drawing_alt"))}"{source}></a>',
        caption="",
        acts="",
        behind=f' style="background-image:url({address})"' if address else "",
    )


def _large(picture: Finished, words: Words) -> str:
    caption = f"<span>{escape(words('seed_caption', seed=picture.seed))}</span>"
    image = f'<img alt="{_alt(picture, words)}" src="{escape(picture.address.full)}">'
    return _figure(
        width=picture.width,
        height=picture.height,
        kind="finished",
        image=_opens(picture, image, words),
        caption=caption,
        acts=acts_html(picture, words),
    )


def acts_html(picture: Finished, words: Words) -> str:
    """What can be done with it; the page's script makes the same of `labels` where it is seen large."""
    given = f' data-do="act" data-job="{escape(picture.job)}" data-number="{picture.number}"'
    made = {
        Act.COPY: f' data-do="copy" data-words="{escape(picture.prompt)}"',
        Act.DOWNLOAD: f' href="{escape(picture.address.full)}" download="{escape(picture.name)}"',
    }
    return "".join(
        f'<a class="quiet" data-how="{how}"{made[Act(how)]}>{escape(label)}</a>'
        if how == Act.DOWNLOAD
        else f'<button type="button" class="quiet" data-how="{how}"{made.get(Act(how), given)}>{escape(label)}</button>'
        for how, label in labels(words).items()
    )


def _figure(*, width: int, height: int, kind: str, image: str, caption: str, acts: str, behind: str = "") -> str:
    return (
        f'<figure class="{kind}" style="--width:{width};--height:{height}">'
        f'<div class="frame"{behind}>{image}</div><figcaption>{caption}</figcaption>'
        f'<div class="acts">{acts}</div></figure>'
    )


def _small(picture: Finished, words: Words) -> str:
    image = f'<img alt="{_alt(picture, words)}" src="{escape(picture.address.small)}" loading="lazy">'
    return _opens(picture, image, words)


def _alt(picture: Finished, words: Words) -> str:
    return escape(picture.prompt.strip() or words("picture_without_words"))


def _opens(picture: Finished, image: str, words: Words) -> str:
    """A link to the file that the page's script opens large instead."""
    finish = f' data-finish="{escape(words("finish"))}"' if picture.sheet else ""
    return (
        f'<a class="open" href="{escape(picture.address.full)}" data-name="{escape(picture.name)}"'
        f' data-job="{escape(picture.job)}" data-number="{picture.number}" data-words="{escape(picture.prompt)}"'
        f'{finish} data-id="{picture.id}" style="--width:{picture.width};--height:{picture.height}">{image}</a>'
    )


def _invitation(examples: Sequence[str], words: Words) -> str:
    buttons = "".join(
        f'<button type="button" class="chip" data-do="example">{escape(prompt)}</button>' for prompt in examples
    )
    return f'<div class="invitation"><h2>{escape(words("empty_title"))}</h2><div class="chips">{buttons}</div></div>'
