"""The request that a press on a picture makes."""

from pathlib import Path
from typing import Any

from fooo.interface.web.acts.act import Act
from fooo.request import RANDOM_SEED, Again, Request, again, finished, merge, only_set_fields, read_request
from fooo.service import Fooo


def asked_again(act: Act, path: Path, own: Request, program: Fooo, *, count: int = 1) -> Request:
    """What is asked for.

    Args:
        act: One that draws.
        path: Of the picture.
        own: What it was drawn by.
        program: Whose store keeps it.
        count: Of pictures, where they differ by their seeds alone.

    Raises:
        RequestError: It cannot be read, or the count is out of range.
        StorageFull: The disk took no more.
    """
    own = finished(own)
    if act is Act.MORE:
        return _more(own, count)
    return again(Again(act), program.pictures.add(path), own)


def begun_with(picture: str | None, base: Request) -> Request:
    """The request that begins with a picture of the store, by its id; None: with noise."""
    partial = only_set_fields(base)
    partial.pop("start", None)
    # how much of it is drawn anew is left to the preset
    return read_request(partial | ({"start": {"kind": "vary", "picture": picture}} if picture else {}))


def _more(own: Request, count: int) -> Request:
    fresh: dict[str, Any] = {"seed": RANDOM_SEED, "variation": None, "seeds": []}
    return read_request(merge(own.model_dump(mode="json"), {"sampling": fresh, "output": {"count": count}}))
