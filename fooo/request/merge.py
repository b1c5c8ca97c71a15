"""Partial requests as plain JSON: a preset below, what the user set above, one validation at the end."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, cast, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from fooo.errors import RequestError
from fooo.request.request import Request

Partial = Mapping[str, Any]
"""A request with any of its fields left out, as read from JSON."""


def merge(below: Partial, above: Partial) -> dict[str, Any]:
    """`below` with each field of `above` put over it; objects are merged field by field, lists are replaced."""
    merged = dict(below)
    for name, value in above.items():
        under = merged.get(name)
        if isinstance(under, Mapping) and isinstance(value, Mapping):
            merged[name] = merge(cast(Partial, under), cast(Partial, value))
        else:
            merged[name] = value
    return merged


def read_request(partial: Partial) -> Request:
    """The validated request.

    Raises:
        RequestError: Names the first field that is wrong, what is wrong, and what would be right.
    """
    try:
        return Request.model_validate(partial)
    except ValidationError as error:
        raise wrong_field(error.errors(include_url=False)[0]) from None


def only_set_fields(request: Request) -> dict[str, Any]:
    """What the request says itself, without the defaults: the inverse of `read_request`."""
    return request.model_dump(mode="json", exclude_unset=True)


_KINDS = ("pixels", "words")
"""How a size may be said: pydantic names it within the field."""


def wrong_field(detail: Mapping[str, Any] | ErrorDetails, form: object = Request) -> RequestError:
    """What pydantic found wrong, as a sentence. Args: form: The type that was to be read."""
    field = ".".join(str(part) for part in detail["loc"] if part not in _KINDS) or "request"
    value: object = detail["input"]
    shown = repr(value) if len(repr(value)) <= 60 else f"{repr(value)[:57]}..."
    limits = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            near = difflib.get_close_matches(str(detail["loc"][-1]), _fields_beside(detail["loc"], form), n=1)
            mend = f"did you mean: {near[0]}" if near else "leave it out or mend its spelling"
            return RequestError(field, "is not a field of a request", mend)
        case "missing":
            return RequestError(field, "is missing", "add it")
        case "greater_than_equal" | "greater_than" | "less_than_equal" | "less_than" | "multiple_of":
            rule = detail["msg"].removeprefix("Input should be ")
            return RequestError(field, f"{shown} is out of range", f"it should be {rule}")
        case "string_too_long":
            length = len(value) if isinstance(value, str) else 0
            limit = limits["max_length"]
            return RequestError(field, f"has {length} characters", f"shorten it to {limit} at most")
        case "value_error":
            return RequestError(field, str(limits["error"]), "remove it")
        case _:
            rule = detail["msg"][0].lower() + detail["msg"][1:]
            return RequestError(field, f"{shown} is not right", rule)


def _fields_beside(path: Iterable[object], form: object) -> list[str]:
    """The names that would be known where the last part of the path stands."""
    forms = _forms_in(form)
    *above, _ = path
    for part in above:
        inner = [field.annotation for each in forms for name, field in each.model_fields.items() if name == part]
        # numbers in lists, and the words by which pydantic parts unions, lead no deeper
        forms = [each for annotation in inner for each in _forms_in(annotation)] or forms
    return [name for each in forms for name in each.model_fields]


def _forms_in(annotation: object) -> list[type[BaseModel]]:
    """The models of which an annotation speaks, such as those of a union or a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [form for each in get_args(annotation) for form in _forms_in(each)]
