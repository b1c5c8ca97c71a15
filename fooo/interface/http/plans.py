"""Tells what would be drawn, without drawing it: `POST /api/plan` with a request, answered by its plan."""

from typing import Annotated, cast

from fastapi import APIRouter, Body
from fastapi.responses import JSONResponse

from fooo.errors import FoooError, ModelError, RequestError
from fooo.interface.jobs import one_job
from fooo.request import Partial, read_request
from fooo.service import Fooo

PLAN_PATH = "/api/plan"


def plan_routes(program: Fooo) -> APIRouter:
    """The route that answers with a plan as JSON: its `shots` hold the texts in spans, its `request` the seed drawn.

    What cannot be planned is answered with what is wrong: 422 for a request, 424 for a model, else 503.
    """
    router = APIRouter()

    def plan(asked: Annotated[object, Body()] = None) -> JSONResponse:
        try:
            planned = program.plan(one_job(read_request(_fields(asked))))
        except FoooError as error:
            return _refusal(error)
        return JSONResponse(planned.model_dump(mode="json"))

    router.add_api_route(PLAN_PATH, plan, methods=["POST"], response_model=None)
    return router


def _fields(asked: object) -> Partial:
    if not isinstance(asked, dict):
        raise RequestError("request", "is not a JSON object", "put its fields between { and }")
    return cast(Partial, asked)


def _refusal(error: FoooError) -> JSONResponse:
    match error:
        case RequestError():
            status, named = 422, {"field": error.field, "problem": error.problem, "hint": error.hint}
        case ModelError():
            status, named = 424, {"problem": error.problem, "hint": error.hint}
        case _:
            status, named = 503, dict[str, str]()
    return JSONResponse({"error": str(error), **named}, status)
