"""Records of other versions: what a newer Fooo added is left out and reported, never guessed at."""

import copy
import logging
from collections.abc import Sequence
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from fooo.plan import Texts
from fooo.record.record import Record

log = logging.getLogger(__name__)

_UNKNOWN = "extra_forbidden"


def upgrade(content: dict[str, Any]) -> Record:
    """The record of `content`, without the fields that this version does not know.

    Raises:
        ValidationError: A field that it knows is missing or wrong.
    """
    record, left_out = upgrade_and_tell(content)
    if left_out:
        log.warning("left out of the record: %s", ", ".join(left_out))
    return record


def upgrade_and_tell(content: dict[str, Any]) -> tuple[Record, tuple[str, ...]]:
    """The same, and the places of the fields that were left out, such as `request.mood`.

    Raises:
        ValidationError: As of `upgrade`.
    """
    content = _without_expansion(_with_spans(content))
    try:
        return Record.model_validate(content), ()
    except ValidationError as error:
        newer = [detail for detail in error.errors() if _is_newer(detail)]
        if len(newer) < error.error_count():
            raise
    known = copy.deepcopy(content)
    left_out = tuple(".".join(map(str, _mend(known, detail))) for detail in newer)
    return Record.model_validate(known), left_out


def _with_spans(content: dict[str, Any]) -> dict[str, Any]:
    """The record with spans where it holds whole texts, as the first ones did: nobody knows who said what of them."""
    match content:
        case {"shot": {"texts": {"positive": str(positive), "negative": str(negative), **others}, **shot}}:
            texts = {
                **others,
                **Texts.of(positive, negative).model_dump(mode="json", include={"positive_spans", "negative_spans"}),
            }
            return {**content, "shot": {**shot, "texts": texts}}
        case _:
            return content


def _without_expansion(content: dict[str, Any]) -> dict[str, Any]:
    """The record of a time without expansion, said so: today a request that says nothing is expanded."""
    match content:
        case {"request": {"expansion": _}}:
            return content
        case {"request": {**request}}:
            return {**content, "request": {**request, "expansion": "off"}}
        case _:
            return content


def _is_newer(detail: ErrorDetails) -> bool:
    """A field that is not known, or the number of a version to come."""
    value: object = detail["input"]
    later = detail["loc"][-1:] == ("version",) and isinstance(value, int) and value > 1
    return detail["type"] == _UNKNOWN or later


def _mend(content: dict[str, Any], detail: ErrorDetails) -> list[str | int]:
    """Take out what is not known, or put the version that is; gives where that was."""
    *parents, leaf = cast(Sequence[str | int], detail["loc"])
    place: Any = content
    way: list[str | int] = []
    for name in parents:
        if isinstance(place, dict) and name not in cast(dict[str, Any], place):
            continue  # the kind of a value that has several, which pydantic names on the way
        place = cast(Any, place)[name]
        way.append(name)
    if detail["type"] == _UNKNOWN:
        del place[leaf]
    else:
        place[leaf] = 1
    return [*way, leaf]
