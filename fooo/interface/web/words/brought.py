"""Settings that were pasted or dropped anywhere on the page, or chosen in the history: the request that they tell."""

import json
from typing import Any, cast

from fooo.errors import FoooError, UnreadableMetadata
from fooo.interface.i18n import Words
from fooo.interface.people import Person
from fooo.interface.web.history import read_named
from fooo.interface.web.uploads import read_upload
from fooo.record import Read, read_text
from fooo.service import Fooo

_PROBLEMS = {
    "several": "brought_several",
    "no_picture": "brought_no_picture",
    "too_large": "brought_too_large",
    "address": "brought_address",
    "lost": "brought_lost",
}
"""What the page's script finds out by itself, each with the id of its sentence."""


def read_brought(said: object, program: Fooo, person: Person, words: Words) -> Read | None:
    """What was made, by whatever program; None of an upload that does not say.

    Args:
        said: By the page's script, as JSON: a pasted `text`, the `path` of an upload, a picture of the history that is
            `kept`, or the `problem` that kept it from coming.
        program: That reads it.
        person: Who brought it.
        words: Of the page.

    Raises:
        FoooError: It tells no settings.
    """
    content = _content(said)
    if "problem" in content:
        raise FoooError(words(_PROBLEMS.get(str(content["problem"]), "brought_lost")))
    if "path" in content:
        return read_upload(content["path"], program)
    if "text" in content:
        return _read_text(str(content["text"]), program, words)
    return read_named(said, program, person)


def path_brought(said: object) -> object:
    """The path of the upload, as the page's script names it; None where none was brought."""
    return _content(said).get("path")


def _read_text(text: str, program: Fooo, words: Words) -> Read:
    try:
        found = read_text(text, program.catalog)
    except UnreadableMetadata as error:
        raise FoooError(words("brought_broken_text", problem=words.sentences(error.problem))) from None
    if found is None:
        raise FoooError(words("brought_no_settings"))
    return found


def _content(said: object) -> dict[str, Any]:
    try:
        content: object = json.loads(str(said))
    except (ValueError, RecursionError):
        return {}
    return cast(dict[str, Any], content) if isinstance(content, dict) else {}
