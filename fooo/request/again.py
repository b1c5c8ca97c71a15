"""A finished picture asked for again, in another way: by one press."""

from enum import StrEnum
from typing import Any

from fooo.request.merge import merge, read_request
from fooo.request.request import Request
from fooo.request.sampling import RANDOM_SEED
from fooo.request.start import STRONG, SUBTLE


class Again(StrEnum):
    """What may be done with a finished picture."""

    VARY_SUBTLE = "vary_subtle"
    VARY_STRONG = "vary_strong"
    UPSCALE_2 = "upscale_2"
    UPSCALE_4 = "upscale_4"
    FIX_FACES = "fix_faces"


def again(how: Again, picture: str, own: Request) -> Request:
    """What is asked for.

    Args:
        how: What is done with the picture.
        picture: Its id in the store.
        own: The request that it was drawn by, whose words and models it keeps.
    """
    kept: dict[str, Any] = {
        "sheet": [],
        "start": None,
        "size": None,
        "enlarge": {"by": 1, "to": None},
        "faces": {"on": False},
        "things": [],
        "output": {"count": 1},
    }
    return read_request(merge(merge(own.model_dump(mode="json"), kept), _wish(how, picture, own)))


def finished(own: Request) -> Request:
    """The picture of a contact sheet, drawn to its end. Args: own: The request that it was drawn by."""
    return own.model_copy(update={"sheet": ()})


def _wish(how: Again, picture: str, own: Request) -> dict[str, Any]:
    keep = {"start": {"kind": "keep", "picture": picture}}
    match how:
        case Again.VARY_SUBTLE | Again.VARY_STRONG:
            strength = SUBTLE if how is Again.VARY_SUBTLE else STRONG
            # by its own seed it would be drawn as it is
            fresh: dict[str, Any] = {"seed": RANDOM_SEED, "variation": None, "seeds": []}
            start = {"kind": "vary", "picture": picture, "strength": strength}
            return {"start": start, "sampling": fresh, "faces": {"on": own.faces.on}}
        case Again.UPSCALE_2:
            return {**keep, "enlarge": {"by": 2}}
        case Again.UPSCALE_4:
            # sixteen times the pixels drawn anew is nothing to wait for at a press
            return {**keep, "enlarge": {"by": 4, "repaint": 0}}
        case Again.FIX_FACES:
            return {**keep, "faces": {"on": True}}
