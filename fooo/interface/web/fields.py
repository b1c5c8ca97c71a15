"""Which control on the page is which field of the request. The only place that knows both."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from pydantic import BaseModel

from fooo.errors import RequestError
from fooo.plan import leave_mode
from fooo.request import Lora, Partial, Request, only_set_fields, read_request


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
    SIZE = "size"
    """Words or pixels; automatic leaves it to the preset and the model."""
    FILE = "file"
    """One of many files, found by typing, or automatic, which leaves the field to the preset."""
    FILE_OR_NONE = "file or none"
    """The same, or none where the preset has one."""
    NAME = "name"
    """One of many names, found by typing, or automatic, which leaves the field to the preset and the plan."""
    LORAS = "loras"
    """Files with their weights, in order, beside those of the preset."""
    MANY = "many"
    """Any of several names, in order."""
    SWITCH = "switch"
    """On or off."""


AUTOMATIC = ""
"""What a choice shows that leaves its field open."""

NONE = "/"
"""What a choice shows that takes none of its files, whatever the preset has. No file is called so."""


@dataclass(frozen=True, slots=True)
class Field:
    """A row of the table.

    Attributes:
        path: Dotted, in the request.
        label: Id of its words.
        control: How it is shown.
        hint: Whether a sentence stands with it, whose id is that of the words with `_hint` behind it.
    """

    path: str
    label: str
    control: Control
    hint: bool = False

    @property
    def element(self) -> str:
        """The id of its control in the page."""
        return "field-" + self.path.replace(".", "-")


FIELDS = (
    Field("prompt", "prompt", Control.TEXT),
    Field("styles", "style", Control.MANY),
    Field("output.count", "count", Control.NUMBER),
    Field("preset", "preset", Control.ONE),
    Field("size", "size", Control.SIZE, hint=True),
    Field("sampling.performance", "performance", Control.CHOICE),
    Field("sampling.budget", "budget", Control.CHOICE),
    Field("exactly", "exactly", Control.SWITCH, hint=True),
    Field("without", "without", Control.MANY),
    Field("output.format", "format", Control.ONE, hint=True),
    Field("models.base", "model", Control.FILE, hint=True),
    Field("models.refiner", "refiner", Control.FILE_OR_NONE, hint=True),
    Field("models.loras", "loras", Control.LORAS),
    Field("models.clip_skip", "clip_skip", Control.NUMBER, hint=True),
    Field("expansion", "expansion", Control.ONE, hint=True),
    Field("matrix", "matrix", Control.SWITCH, hint=True),
    Field("sampling.steps", "steps", Control.NUMBER, hint=True),
    Field("sampling.guidance", "guidance", Control.NUMBER, hint=True),
    Field("sampling.sampler", "sampler", Control.NAME, hint=True),
    Field("sampling.schedule", "schedule", Control.NAME, hint=True),
    Field("negative", "negative", Control.TEXT, hint=True),
    Field("sampling.seed", "seed", Control.DIGITS, hint=True),
)

_AS_IT_LIES = frozenset({Control.SIZE, Control.LORAS})
"""What shows the same of several values: while it does, the one that lies below stays."""

_OF_PRESET = frozenset({Control.SIZE, Control.FILE, Control.FILE_OR_NONE, Control.NAME})
"""What is automatic where the preset sets it."""

Values = Mapping[str, object]
"""What the controls show, by path."""


def request_from(values: Values, base: Request) -> Request:
    """The request that the page shows: `base` with each shown value at its path, and an emptied one left open.

    Raises:
        RequestError: A value is not what its field takes.
    """
    partial = only_set_fields(base)
    for field in FIELDS:
        if field.path not in values:
            continue
        value = values[field.path]
        if field.control is Control.FILE_OR_NONE and value == NONE:
            _put(partial, field.path, None, said=True)
        elif field.control not in _AS_IT_LIES or value != _at(base, field):
            _put(partial, field.path, _meant(field, value))
    return read_request(partial)


def with_models(base: Request, values: Values) -> Request:
    """`base` with the models that the controls show: who draws is told by it, whatever else they show."""
    return request_from({path: values[path] for path in ("models.base", "models.refiner") if path in values}, base)


def values_of(request: Request) -> dict[str, Any]:
    """What each control shows for a request: the inverse of `request_from`."""
    return {field.path: _at(request, field) for field in FIELDS}


def values_in(partial: Partial) -> dict[str, Any]:
    """What the controls show of the fields that a preset sets; the others keep what they show."""
    shown, untouched = values_of(read_request(partial)), values_of(Request())
    return {
        field.path: (untouched if field.control in _OF_PRESET else shown)[field.path]
        for field in FIELDS
        if field.control is not Control.LORAS and _has(partial, field.path)
    }


def without_mode(base: Request, values: Values) -> tuple[Request, dict[str, Any]]:
    """`base` without what belongs to its mode, and by path what the controls show then that still showed that."""
    left = read_request(leave_mode(only_set_fields(base)))
    before, after = values_of(base), values_of(left)
    shown = {path: after[path] for path in ("sampling.steps", "sampling.guidance") if values[path] == before[path]}
    loras = [each for each in cast(list[object], values["models.loras"]) if each not in _gone(before, after)]
    return left, shown | {"models.loras": loras}


def _gone(before: Values, after: Values) -> list[object]:
    """The LoRAs that the first values show and the second ones do not."""
    left = cast(list[object], after["models.loras"])
    return [each for each in cast(list[object], before["models.loras"]) if each not in left]


def _meant(field: Field, value: object) -> object:
    match field.control:
        case Control.TEXT:
            return value or ""
        case Control.MANY | Control.LORAS:
            return value or []
        case Control.SWITCH:
            return bool(value)
        case Control.NUMBER | Control.ONE:
            return value
        case Control.CHOICE | Control.SIZE | Control.FILE | Control.FILE_OR_NONE | Control.NAME:
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
        case Control.CHOICE | Control.FILE | Control.FILE_OR_NONE | Control.NAME:
            return value or AUTOMATIC
        case Control.SIZE:
            return AUTOMATIC if value is None else str(value)
        case Control.LORAS:
            return [each.model_dump(mode="json") for each in cast(tuple[Lora, ...], value)]
        case Control.MANY:
            return list(cast(tuple[str, ...], value))
        case Control.TEXT | Control.NUMBER | Control.ONE | Control.SWITCH:
            return value


def _put(tree: dict[str, Any], path: str, value: object, *, said: bool = False) -> None:
    """Set the leaf; leave it out where the value is None and that is not `said`."""
    *parents, leaf = path.split(".")
    for name in parents:
        tree = tree.setdefault(name, {})
    if value is None and not said:
        tree.pop(leaf, None)
    else:
        tree[leaf] = value


def _at(request: Request, field: Field) -> object:
    """What the control shows of the request."""
    *parents, leaf = field.path.split(".")
    place: BaseModel = request
    for name in parents:
        place = getattr(place, name)
    value: object = getattr(place, leaf)
    if field.control is Control.FILE_OR_NONE and value is None and leaf in place.model_fields_set:
        return NONE
    return _shown(field, value)


def _has(partial: Partial, path: str) -> bool:
    *parents, leaf = path.split(".")
    for name in parents:
        partial = partial.get(name, {})
    return leaf in partial
