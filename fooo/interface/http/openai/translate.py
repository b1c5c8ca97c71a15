"""What clients of OpenAI ask, as requests of ours."""

from typing import Any

from fooo.catalog import BASES, Catalog
from fooo.errors import UnknownName
from fooo.interface.http.foreign import Refused
from fooo.interface.http.openai.asked import ImagesAsked
from fooo.request import Request, read_request

OWN_CHOICE = "fooo"
"""The name of whatever model Fooo would choose; OpenAI's own names mean the same."""
_THEIRS = ("dall-e", "gpt-image", "chatgpt-image")
_CAREFUL = frozenset({"high", "hd"})


def images_request(asked: ImagesAsked, catalog: Catalog, start: dict[str, Any] | None = None) -> Request:
    """The request. Args: start: The picture to begin with, as a field of it.

    Raises:
        RequestError: A field cannot be carried out.
        Refused: It asks for what Fooo has not.
    """
    if asked.stream:
        raise Refused(501, "stream: Fooo sends pictures when they are finished; leave it out.", "stream")
    if asked.background == "transparent":
        raise Refused(501, "background: Fooo draws no transparent pictures; leave it out.", "background")
    base = base_named(asked.model, catalog)
    said: dict[str, Any] = {
        "prompt": asked.prompt or "",
        "size": None if asked.size in (None, "", "auto") else asked.size,
        "output": {"count": asked.n or 1},
        "models": {"base": base} if base else None,
        "sampling": {"performance": "Quality"} if asked.quality in _CAREFUL else None,
        "start": start,
    }
    return read_request({name: value for name, value in said.items() if value is not None})


def base_named(model: str | None, catalog: Catalog) -> str | None:
    """The base model of that name; None: Fooo chooses.

    Raises:
        Refused: There is none.
    """
    if not model or model == OWN_CHOICE or model.startswith(_THEIRS):
        return None
    try:
        return catalog.model(model, BASES, "model").name
    except UnknownName as error:
        raise Refused(404, str(error), "model") from None


def model_names(catalog: Catalog) -> list[str]:
    return [OWN_CHOICE, *(each.name for each in catalog.models.values() if each.kind in BASES)]
