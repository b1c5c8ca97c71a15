"""The picture of the history that a press names by its id, and what it was made from."""

import json
from typing import Any, cast

from fooo.errors import RequestError, UnreadableMetadata
from fooo.interface.people import Person
from fooo.interface.people.folders import own_folders
from fooo.record import Read, read
from fooo.record.history import Kept
from fooo.service import Fooo


def kept_named(said: object, program: Fooo, person: Person) -> Kept:
    """The picture.

    Args:
        said: By the page's script, as JSON: the id as `kept`.
        program: Whose history it is.
        person: Who presses: it must be in theirs.

    Raises:
        RequestError: There is none of that id.
    """
    try:
        content = cast(dict[str, Any], json.loads(str(said)))
        found = program.history.find([str(content["kept"])], own_folders(person))
    except (ValueError, KeyError, TypeError, RecursionError):
        found = ()
    if not found:
        raise RequestError("picture", "is not in the history any more", "open the history again")
    return found[0]


def read_kept(kept: Kept, program: Fooo) -> Read:
    """What it was made from, by whatever program.

    Raises:
        UnreadableMetadata: It does not say.
    """
    found = read(kept.path, program.catalog)
    if found is None:
        raise UnreadableMetadata("picture", "says nothing of how it was made", "choose another picture")
    return found


def read_named(said: object, program: Fooo, person: Person) -> Read:
    """The same of the picture that a press names. Args: as of `kept_named`. Raises: RequestError: As of both."""
    return read_kept(kept_named(said, program, person), program)
