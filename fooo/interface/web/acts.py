"""What may be done with a finished picture by one press: each is a request of its own."""

import json
from typing import Any, cast

from fooo.errors import RequestError
from fooo.interface.i18n import Words
from fooo.interface.people import HOST, Person, sees
from fooo.interface.web.history import kept_named, read_kept
from fooo.request import Again, Request, again
from fooo.service import Fooo


def labels(words: Words) -> dict[str, str]:
    """What each is called, by its name, in the order in which they are shown."""
    return {how.value: words(f"act_{how.value}") for how in Again}


def acted(said: object, program: Fooo, person: Person = HOST) -> Request:
    """What a press asks for.

    Args:
        said: By the page's script, as JSON: what to do (`how`), and the `number` of a picture of a `job`, or the id of
            one that is `kept` in the history.
        program: That drew the picture.
        person: Who presses: it must be one that they see.

    Raises:
        RequestError: The picture is gone, or nobody presses such a thing.
    """
    try:
        content = cast(dict[str, Any], json.loads(str(said)))
        how = Again(content["how"])
        if "kept" in content:
            kept = kept_named(said, program, person)
            return again(how, program.pictures.add(kept.path), read_kept(kept, program).request)
        job, number = program.job(str(content["job"])), int(content["number"])
        done = job.pictures[number] if job and sees(person, job) and number >= 0 else None
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError):
        done, how = None, Again.VARY_SUBTLE
    if done is None or not program.archive.holds(done.path):
        raise RequestError("picture", "is not among those of this run", "reload the page, or drop its file here")
    return again(how, program.pictures.add(done.path), done.record.request)
