"""What the API says when it does not do what was asked."""

from typing import Any, cast

from fastapi.responses import JSONResponse

from fooo.errors import FoooError, ModelError, NotAllowed, RequestError
from fooo.request import Partial


def read_fields(asked: object) -> Partial:
    """The fields of a request that came as JSON.

    Raises:
        RequestError: It is no object.
    """
    if not isinstance(asked, dict):
        raise RequestError("request", "is not a JSON object", "put its fields between { and }")
    return cast(Partial, asked)


def status_of(error: FoooError) -> int:
    """Of HTTP: 422 for a request, 403 for what this person may not, 424 for a model, else 503."""
    match error:
        case RequestError():
            return 422
        case NotAllowed():
            return 403
        case ModelError():
            return 424
        case _:
            return 503


def refusal(error: FoooError, **more: Any) -> JSONResponse:
    """The sentence and its parts, and what else helps."""
    named: dict[str, str] = {}
    if isinstance(error, RequestError):
        named = {"field": error.field}
    if isinstance(error, RequestError | ModelError):
        named |= {"problem": error.problem, "hint": error.hint}
    return JSONResponse({"error": str(error), **named, **more}, status_of(error))
