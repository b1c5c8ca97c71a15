"""The names of what may be done with a picture, in the order in which they are shown everywhere."""

import json
from collections.abc import Iterable
from enum import StrEnum

from fooo.errors import RequestError
from fooo.interface.i18n import Words
from fooo.request import Again


class Act(StrEnum):
    VARY_SUBTLE = Again.VARY_SUBTLE
    VARY_STRONG = Again.VARY_STRONG
    UPSCALE_2 = Again.UPSCALE_2
    UPSCALE_4 = Again.UPSCALE_4
    FIX_FACES = Again.FIX_FACES
    MORE = "more"
    """The same words with new seeds."""
    START = "start"
    """The next press begins with the picture."""
    COPY = "copy"
    """Its words; the page's script does this, and downloads, by itself."""
    DOWNLOAD = "download"
    DELETE = "delete"
    NO_START = "no_start"
    """The next press begins with no picture any more: on the chip of the one that it would have begun with."""
    FREE_SEED = "free_seed"
    """Each press has a new seed again: on the chip of the one that is fixed."""


FOR_FINISHED = tuple(act for act in Act if act not in {Act.NO_START, Act.FREE_SEED})
FOR_BROUGHT = (*(Act(how) for how in Again), Act.START)
"""What may be done with a picture that is none of the history."""


def labels(words: Words, acts: Iterable[Act] = FOR_FINISHED) -> dict[str, str]:
    """What each is called, by its name."""
    return {act.value: words(f"act_{act.value}") for act in acts}


def family_words(words: Words) -> dict[str, str]:
    """What the page's script says of a picture's family, and of two that are compared."""
    ids = ("family_parent", "family_children", "family_compare", "family_slide", "family_before", "family_after")
    return {each.removeprefix("family_"): words.texts[each] for each in ids}


def said_act(said: object) -> Act:
    """Which one was pressed. Args: said: By the page's script, as JSON: its name as `how`.

    Raises:
        RequestError: There is no such thing.
    """
    try:
        return Act(json.loads(str(said))["how"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise RequestError("picture", "is asked for something unknown", "reload the page") from None
