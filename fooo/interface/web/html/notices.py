"""One sentence for the person, and the button of what helps."""

import json
from collections.abc import Sequence
from enum import StrEnum
from html import escape

from fooo.catalog import PresetFile
from fooo.catalog.known_models import size_in_words
from fooo.interface.i18n import Words
from fooo.request import Partial


class Tone(StrEnum):
    """How a sentence is said."""

    WRONG = "wrong"
    """Something cannot be, or is wanted of the person."""
    DONE = "done"
    """What the person pressed has been done."""
    CALM = "calm"
    """It asks for nothing, and waits until what is drawn is finished."""


def notice_html(sentence: str, number: int, *, tone: Tone = Tone.WRONG, button: str = "") -> str:
    """One sentence for the person. `number` makes a repeated one new, so that the page shows it again.

    `button` is HTML of what helps.
    """
    if not sentence:
        return ""
    role = "alert" if tone is Tone.WRONG else "status"
    return f'<p class="notice {tone}" role="{role}" data-number="{number}"><span>{escape(sentence)}</span>{button}</p>'


def fetch_html(files: Sequence[PresetFile], request: Partial, words: Words) -> str:
    """A button that fetches what a request lacks, with all that has to come. Args: request: What is asked for."""
    label = words("fetch", size=size_in_words(sum(file.bytes or 0 for file in files)))
    return (
        f'<button type="button" class="chip" data-do="fetch" data-request="{escape(json.dumps(request))}">'
        f"{escape(label)}</button>"
    )


def told_of_file(file: PresetFile, words: Words) -> str:
    """Name, size and licence of a file that can be fetched."""
    size = size_in_words(file.bytes) if file.bytes else words("size_not_known")
    return words("file_facts", name=file.name, size=size, licence=file.licence or words("licence_not_stated"))


def words_back_html(typed: str, words: Words) -> str:
    """A button that puts words back into the box. Args: typed: What the person had there."""
    return (
        f'<button type="button" class="chip" data-do="words-back" data-words="{escape(typed)}">'
        f"{escape(words('words_back'))}</button>"
    )


def undo_html(picture: str, words: Words) -> str:
    """A button that puts a picture back. Args: picture: Its id in the history, in the trash."""
    return (
        f'<button type="button" class="chip" data-do="undo-delete" data-kept="{escape(picture)}">'
        f"{escape(words('history_undo'))}</button>"
    )
