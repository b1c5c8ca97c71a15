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


def refusal(error: FoooError, **more: Any) -> JSONResponse:
    """The sentence and its parts, and what else helps.

    422 for a request, 403 for what this person may not, 424 for a model, else 503.
    """
    match error:
        case RequestError():
            status, named = 422, {"field": error.field, "problem": error.problem, "hint": error.hint}
        case ModelError():
            status, named = 424, {"problem": error.problem, "hint": error.hint}
        case NotAllowed():
            status, named = 403, dict[str, str]()
        case _:
            status, named = 503, dict[str, str]()
    return JSONResponse({"error": str(error), **named, **more}, status)
