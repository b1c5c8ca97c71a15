"""The wall: the large place, the row of earlier pictures, and what can be done with a picture on it."""

import base64
import io
from collections.abc import Sequence
from html import escape

from PIL import Image

from fooo.catalog import Suggestion
from fooo.image import Picture
from fooo.interface.i18n import Words
from fooo.interface.web.acts import Act, labels
from fooo.interface.web.model_shown import short_title
from fooo.interface.web.view import Drawing, Finished, View

_MOST_SMALL = 48
"""Earlier pictures in the row; more would cost the browser more than they tell."""


def stage_html(view: View, examples: Sequence[Suggestion], words: Words) -> str:
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


def _frame(drawing: Drawing, words: Words) -> str:
    address = _data_address(drawing.preview) if drawing.preview else ""
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
    model = f'<span class="drew">{escape(short_title(picture.model, words))}</span>' if picture.model else ""
    caption = f"{model}<span>{escape(words('seed_caption', seed=picture.seed))}</span>"
    image = f'<img alt="{_alt(picture, words)}" src="{escape(picture.address.full)}">'
    return _figure(
        width=picture.width,
        height=picture.height,
        kind="finished",
        image=_opens(picture, image, words),
        caption=caption,
        acts=acts_html(picture, words),
    )


def _small(picture: Finished, words: Words) -> str:
    image = f'<img alt="{_alt(picture, words)}" src="{escape(picture.address.small)}" loading="lazy">'
    return _opens(picture, image, words)


def _figure(*, width: int, height: int, kind: str, image: str, caption: str, acts: str, behind: str = "") -> str:
    return (
        f'<figure class="{kind}" style="--width:{width};--height:{height}">'
        f'<div class="frame"{behind}>{image}</div><figcaption>{caption}</figcaption>'
        f'<div class="acts">{acts}</div></figure>'
    )


def _alt(picture: Finished, words: Words) -> str:
    return escape(picture.prompt.strip() or words("picture_without_words"))


def _opens(picture: Finished, image: str, words: Words) -> str:
    """A link to the file that the page's script opens large instead, with what it was made from."""
    size = words("history_about", width=picture.width, height=picture.height, seed=picture.seed)
    about = " · ".join(filter(None, (short_title(picture.model, words), size)))
    finish = f' data-finish="{escape(words("finish"))}"' if picture.sheet else ""
    return (
        f'<a class="open" href="{escape(picture.address.full)}" data-name="{escape(picture.name)}"'
        f' data-job="{escape(picture.job)}" data-number="{picture.number}" data-words="{escape(picture.prompt)}"'
        f' data-about="{escape(about)}"{finish} data-id="{picture.id}"'
        f' style="--width:{picture.width};--height:{picture.height}">{image}</a>'
    )


def _invitation(examples: Sequence[Suggestion], words: Words) -> str:
    buttons = "".join(
        f'<button type="button" class="chip" data-words="{escape(each.prompt)}" data-do="example">'
        f"{escape(each.said)}</button>"
        for each in examples
    )
    return f'<div class="invitation"><h2>{escape(words("empty_title"))}</h2><div class="chips">{buttons}</div></div>'


def _data_address(picture: Picture) -> str:
    """A small picture as an address that holds it: a preview is seen for a moment and is no file."""
    stream = io.BytesIO()
    Image.fromarray(picture.pixels).save(stream, format="JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode()
