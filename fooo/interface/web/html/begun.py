"""Pictures to begin with: the one that the next press begins with as a chip, and one that was brought with its acts."""

import base64
import io
from collections.abc import Mapping
from html import escape

import numpy as np
from PIL import Image

from fooo.image import Picture
from fooo.image.transparency import on_white
from fooo.interface.i18n import Words

_SIDE = 128
"""Pixels of the longer side: twice what the page shows, for screens of double density."""


def small_address(picture: Picture) -> str:
    """The picture, small, as an address that holds it: what was only brought has no file that may be fetched."""
    image = Image.fromarray(np.asarray(on_white(picture).pixels))
    image.thumbnail((_SIDE, _SIDE), reducing_gap=2.0)
    stream = io.BytesIO()
    image.save(stream, format="JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode()


def start_chip_html(address: str, words: Words) -> str:
    """The picture that the next press begins with; a press on it takes it away."""
    return (
        f'<button type="button" class="chip chosen start" data-do="act" data-how="no_start"'
        f' aria-label="{escape(words("start_remove"))}"><img alt="" src="{escape(address)}">'
        f'{escape(words("start_with"))}<i aria-hidden="true">×</i></button>'
    )


def brought_html(address: str, path: str, acts: Mapping[str, str], words: Words) -> str:
    """A picture that was dropped or chosen, and what can be done with it.

    Args:
        address: Of it, small.
        path: Of the upload, which names it.
        acts: What each is called, by its name.
        words: Of the page.
    """
    buttons = "".join(
        f'<button type="button" class="quiet" data-do="act" data-how="{how}" data-path="{escape(path)}">'
        f"{escape(label)}</button>"
        for how, label in acts.items()
    )
    return (
        f'<section class="brought" aria-label="{escape(words("brought"))}">'
        f'<img alt="{escape(words("brought"))}" src="{escape(address)}"><div class="row">{buttons}</div>'
        f'<button type="button" class="quiet" data-do="put-away" aria-label="{escape(words("close"))}">✕</button>'
        f"</section>"
    )
