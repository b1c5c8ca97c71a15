"""The verb `vary`: pictures like one that is there."""

import sys
from pathlib import Path

from fooo.errors import RequestError, UnreadableMetadata
from fooo.interface.arguments import Arguments
from fooo.interface.asked import partial_request
from fooo.interface.cli import draw_each
from fooo.interface.fetching import asker, fetch_needed
from fooo.record import read
from fooo.request import RANDOM_SEED, STRONG, SUBTLE, Keep, Partial, Request, merge, only_set_fields, read_request
from fooo.service import Fooo


def vary(program: Fooo, asked: Arguments) -> int:
    """Draw pictures like one that is there, with its own words where it tells them; print their paths.

    Returns:
        0, or that of a program that was stopped.

    Raises:
        FoooError: The picture cannot be read, or what is asked for cannot be drawn.
    """
    request = varied(program, asked)
    fetch_needed(program, (request,), asker(yes=asked.yes))
    return draw_each(program, (request,))


def varied(program: Fooo, asked: Arguments) -> Request:
    """What is drawn for a picture: what it was drawn by, the flags over it, and how it is to differ.

    Raises:
        RequestError: The picture, or a flag, cannot be used.
    """
    path = Path(asked.picture).expanduser()
    below = _own(path, program)
    above = partial_request(asked)
    if asked.by_seed is not None:
        if below is None:
            problem = "does not tell the seed that it was drawn by"
            raise RequestError(str(path), problem, "leave --by-seed out, and it is varied by how it looks")
        if isinstance(read_request(below).start, Keep):
            problem = "was not drawn but made of another picture"
            raise RequestError(str(path), problem, "leave --by-seed out, and it is varied by how it looks")
        how: Partial = {"sampling": {"variation": {"seed": RANDOM_SEED, "strength": asked.by_seed}}}
    else:
        strength = asked.strength or (STRONG if asked.strong else SUBTLE)
        start = {"kind": "vary", "picture": program.pictures.add(path), "strength": strength}
        below = {**(below or {}), "start": None}
        # by its own seed it would be drawn as it is
        how = {"start": start, "size": None, "sampling": {"seed": RANDOM_SEED, "variation": None, "seeds": []}}
    return read_request(merge(merge(below or {}, how), above))


def _own(path: Path, program: Fooo) -> Partial | None:
    """The request that the picture was drawn by; None where it does not tell. What of it cannot be done is told."""
    try:
        found = read(path, program.catalog)
    except UnreadableMetadata:
        return None
    if found is None:
        return None
    for loss in found.losses:
        print(loss.sentence, file=sys.stderr)
    own = only_set_fields(found.request)
    return {name: value for name, value in own.items() if name != "output"}
