"""Tells what would be drawn, without drawing it: `POST /api/plan` with a request, answered by its plan."""

from typing import Annotated

from fastapi import APIRouter, Body
from fastapi.responses import JSONResponse

from fooo.errors import FoooError
from fooo.interface.http.refusals import read_fields, refusal
from fooo.interface.jobs import one_job
from fooo.request import Request, read_request
from fooo.service import Fooo

PLAN_PATH = "/api/plan"


def plan_routes(program: Fooo) -> APIRouter:
    """The route that answers with a plan as JSON: its `shots` hold the texts in spans, its `request` the seed drawn.

    Beside them `promise` says how many seconds it would take; it is null while this machine has not drawn its like.
    What cannot be planned is answered with what is wrong: 422 for a request, 424 for a model, else 503. Where a request
    only lacks published files, `missing` names them with their bytes and licences.
    """
    router = APIRouter()

    def plan(asked: Annotated[object, Body()] = None) -> JSONResponse:
        try:
            request = one_job(read_request(read_fields(asked)))
        except FoooError as error:
            return refusal(error)
        try:
            planned = program.plan(request)
        except FoooError as error:
            return refusal(error, **_missing(program, request))
        promise = program.promise(planned)
        return JSONResponse({**planned.model_dump(mode="json"), "promise": promise and promise.model_dump()})

    router.add_api_route(PLAN_PATH, plan, methods=["POST"], response_model=None)
    return router


def _missing(program: Fooo, request: Request) -> dict[str, list[dict[str, str | int | None]]]:
    files = program.needed_files(request)
    told = [{"name": file.name, "bytes": file.bytes, "licence": file.licence} for file in files]
    return {"missing": told} if told else {}
