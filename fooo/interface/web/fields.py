"""Which control on the page is which field of the request. The only place that knows both."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from fooo.errors import RequestError
from fooo.plan import leave_mode
from fooo.request import Partial, Request, only_set_fields, read_request


class Control(StrEnum):
    """What a field looks like on the page, and by that what an empty one means."""

    TEXT = "text"
    """Empty is an empty text."""
    NUMBER = "number"
    """Empty leaves the field to the preset and the plan."""
    DIGITS = "digits"
    """A whole number kept as text: a browser's numbers are exact only up to 2**53, and a seed may be larger."""
    ONE = "one"
    """One of several names; none leaves the field to the plan."""
    CHOICE = "choice"
    """One of several names, or automatic, which leaves the field to the preset and the plan."""
    MANY = "many"
    """Any of several names, in order."""
    SWITCH = "switch"
    """On or off."""


AUTOMATIC = ""
"""What a choice shows that leaves its field open."""


@dataclass(frozen=True, slots=True)
class Field:
    """Args: path: Dotted, in the request. label: Id of its words. control: How it is shown."""

    path: str
    label: str
    control: Control

    @property
    def element(self) -> str:
        """The id of its control in the page."""
        return "field-" + self.path.replace(".", "-")


FIELDS = (
    Field("prompt", "prompt", Control.TEXT),
    Field("styles", "style", Control.MANY),
    Field("output.count", "count", Control.NUMBER),
    Field("preset", "preset", Control.ONE),
    Field("sampling.performance", "performance", Control.CHOICE),
    Field("sampling.budget", "budget", Control.CHOICE),
    Field("exactly", "exactly", Control.SWITCH),
    Field("without", "without", Control.MANY),
    Field("expansion", "expansion", Control.ONE),
    Field("matrix", "matrix", Control.SWITCH),
    Field("sampling.steps", "steps", Control.NUMBER),
    Field("sampling.guidance", "guidance", Control.NUMBER),
    Field("negative", "negative", Control.TEXT),
    Field("sampling.seed", "seed", Control.DIGITS),
)

Values = Mapping[str, object]
"""What the controls show, by path."""


def request_from(values: Values, base: Request) -> Request:
    """The request that the page shows: `base` with each shown value at its path, and an emptied one left open.

    Raises:
        RequestError: A value is not what its field takes.
    """
    partial = only_set_fields(base)
    for field in FIELDS:
        if field.path in values:
            _put(partial, field.path, _meant(field, values[field.path]))
    return read_request(partial)


def values_of(request: Request) -> dict[str, Any]:
    """What each control shows for a request: the inverse of `request_from`."""
    return {field.path: _shown(field, _at(request, field.path)) for field in FIELDS}


def values_in(partial: Partial) -> dict[str, Any]:
    """What the controls show of the fields that a preset sets; the others keep what they show."""
    request = read_request(partial)
    set_paths = {field.path for field in FIELDS if _has(partial, field.path)}
    return {path: value for path, value in values_of(request).items() if path in set_paths}


def without_mode(base: Request, values: Values) -> tuple[Request, dict[str, Any]]:
    """`base` without what belongs to its mode, and by path what the controls show then that still showed that."""
    left = read_request(leave_mode(only_set_fields(base)))
    before, after = values_of(base), values_of(left)
    shown = {path: after[path] for path in ("sampling.steps", "sampling.guidance") if values[path] == before[path]}
    return left, shown


def _meant(field: Field, value: object) -> object:
    match field.control:
        case Control.TEXT:
            return value or ""
        case Control.MANY:
            return value or []
        case Control.SWITCH:
            return bool(value)
        case Control.NUMBER | Control.ONE:
            return value
        case Control.CHOICE:
            return value or None
        case Control.DIGITS:
            return _digits(field, str(value or "").strip())


def _digits(field: Field, text: str) -> int | None:
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        shown = repr(text if len(text) <= 40 else text[:40] + "...")
        raise RequestError(
            field.path, f"{shown} is not a whole number", "write digits only, or -1 for a random one"
        ) from None


def _shown(field: Field, value: object) -> object:
    match field.control:
        case Control.DIGITS:
            return "" if value is None else str(value)
        case Control.CHOICE:
            return value or AUTOMATIC
        case Control.MANY:
            return list(cast(tuple[str, ...], value))
        case Control.TEXT | Control.NUMBER | Control.ONE | Control.SWITCH:
            return value


def _put(tree: dict[str, Any], path: str, value: object) -> None:
    """Set the leaf, or leave it out where the value is None."""
    *parents, leaf = path.split(".")
    for name in parents:
        tree = tree.setdefault(name, {})
    if value is None:
        tree.pop(leaf, None)
    else:
        tree[leaf] = value


def _at(request: Request, path: str) -> object:
    value: object = request
    for name in path.split("."):
        value = getattr(value, name)
    return value


def _has(partial: Partial, path: str) -> bool:
    *parents, leaf = path.split(".")
    for name in parents:
        partial = partial.get(name, {})
    return leaf in partial
