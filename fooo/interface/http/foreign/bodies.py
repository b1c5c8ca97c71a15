"""The JSON that a client sends, as a type of what it may ask."""

import json
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from fooo.interface.http.foreign.api import Refused

Asked = TypeVar("Asked", bound=BaseModel)


async def read_body(request: Request, form: type[Asked]) -> Asked:
    """What was asked for; an empty message is an empty object.

    Raises:
        Refused: It is not JSON, or a field has a value that it cannot have.
    """
    body = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and kind != "application/json":
        # a page of another site may send anything but this without asking first
        raise Refused(415, "Fooo takes messages as application/json.")
    try:
        fields: object = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        raise Refused(400, "This message is not JSON.") from None
    try:
        return form.model_validate(fields)
    except (ValidationError, RecursionError) as error:
        raise _wrong(error) from None


def _wrong(error: ValidationError | RecursionError) -> Refused:
    if isinstance(error, RecursionError):
        return Refused(400, "This message is nested too deep.")
    detail = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in detail["loc"])
    return Refused(422, f"{field or 'The message'}: {detail['msg'][0].lower()}{detail['msg'][1:]}.", field or None)
