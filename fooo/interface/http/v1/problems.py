"""How this API says no: one form for everything that can go wrong."""

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request as Asking
from starlette.responses import JSONResponse, Response
from starlette.routing import compile_path

from fooo.catalog import PresetFile
from fooo.errors import FoooError, ModelError, RequestError
from fooo.interface.http.foreign import ForeignApi, Refused
from fooo.interface.http.refusals import status_of
from fooo.request import wrong_field

_PLACES = ("body", "query", "path", "header")
"""Where FastAPI says that a value stood."""


class MissingFile(BaseModel):
    """A published file that is not here."""

    name: str
    bytes: int | None = Field(description="Its size, where it is known.")
    licence: str = Field(description="Of the model that it holds; empty where it is not known.")


class Problem(BaseModel):
    """Why something was not done."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "error": "styles: there is no 'Watercolr'; did you mean: Watercolor.",
                "field": "styles",
                "problem": "there is no 'Watercolr'",
                "hint": "did you mean: Watercolor",
            }
        }
    )

    error: str = Field(description="A sentence for a person, with the next step.")
    field: str | None = Field(
        default=None, description="Which field is at fault, as a dotted path such as sampling.steps."
    )
    problem: str | None = Field(default=None, description="What is wrong with it.")
    hint: str | None = Field(default=None, description="What to do about it.")
    missing: list[MissingFile] | None = Field(
        default=None, description="The files that a request lacks: POST /downloads fetches them."
    )


_SAYS = {
    400: "The message is not JSON.",
    401: "Nobody is logged in.",
    403: "It is not yours to do, or more than your share.",
    404: "There is none such, or none that you may see.",
    413: "The message or the picture is too large.",
    415: "The message has the wrong content type.",
    422: "A field cannot be carried out as it is.",
    424: "A model file is missing or damaged.",
    429: "Too many wrong passwords, or too many streams at once.",
    503: "The machine cannot do it now: no disk, no memory, or it is closing.",
}


def refuses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`: the ways in which it says no."""
    return {status: {"model": Problem, "description": _SAYS[status]} for status in statuses}


def problem_answer(status: int, problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    told = {name: _printable(value) for name, value in problem.model_dump(exclude_none=True).items()}
    return JSONResponse(told, status, headers)


def with_missing(error: FoooError, files: Iterable[PresetFile]) -> Response:
    """The answer where published files would mend it. Args: files: Those."""
    status, problem = problem_of(error)
    missing = [MissingFile(name=file.name, bytes=file.bytes, licence=file.licence) for file in files]
    return problem_answer(status, problem.model_copy(update={"missing": missing or None}))


def say_no(refused: Refused) -> Response:
    """The answer to who is refused before a route is reached, or by one."""
    headers = {"WWW-Authenticate": 'Basic realm="Fooo"'} if refused.status == 401 else None
    return problem_answer(refused.status, Problem(error=refused.sentence, field=refused.field), headers)


def problem_of(error: FoooError) -> tuple[int, Problem]:
    """The status of HTTP, and the sentence with its parts."""
    problem = Problem(error=str(error))
    if isinstance(error, RequestError | ModelError):
        problem.problem, problem.hint = error.problem, error.hint
    if isinstance(error, RequestError):
        problem.field = error.field
    return status_of(error), problem


async def answer_error(_asking: Asking, error: Exception) -> Response:
    assert isinstance(error, FoooError)
    return problem_answer(*problem_of(error))


async def answer_refused(_asking: Asking, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return say_no(error)


async def answer_http(asking: Asking, error: Exception) -> Response:
    """What the framework itself turns away: an unknown path or method, a body that cannot be read."""
    assert isinstance(error, HTTPException)
    sentences = {
        400: "This message is not JSON.",
        404: f"Fooo has no {asking.url.path}; GET {V1_PATH}/openapi.json says what there is.",
        405: f"{asking.url.path} cannot be asked with {asking.method}; GET {V1_PATH}/openapi.json says how.",
    }
    sentence = sentences.get(error.status_code, str(error.detail))
    headers = {"Allow": ", ".join(_methods_at(asking))} if error.status_code == 405 else error.headers
    return problem_answer(error.status_code, Problem(error=sentence), headers)


async def answer_invalid(asking: Asking, error: Exception) -> Response:
    """A value that the form of a route does not allow: told as that of any other request."""
    assert isinstance(error, RequestValidationError)
    detail = error.errors()[0]
    place, *path = detail["loc"]
    if detail["type"] == "json_invalid":
        return problem_answer(400, Problem(error="This message is not JSON."))
    if place == "body" and asking.method in {"POST", "PUT"} and error.body is not None and not _is_json(asking):
        return problem_answer(415, Problem(error="Fooo takes messages as application/json."))
    form = getattr(getattr(asking.scope.get("route"), "body_field", None), "field_info", None)
    where = [place, *path] if place not in _PLACES else path
    wrong = wrong_field({**detail, "loc": tuple(where)}, getattr(form, "annotation", None))
    return problem_answer(*problem_of(wrong))


def _methods_at(asking: Asking) -> list[str]:
    """With which the path may be asked: the framework names those of the first of its routes alone."""
    path = asking.url.path.removeprefix(V1_PATH)
    routes: dict[str, dict[str, Any]] = asking.app.openapi()["paths"]
    return sorted(
        method.upper() for route, ways in routes.items() if compile_path(route)[0].match(path) for method in ways
    )


def _is_json(asking: Asking) -> bool:
    kind = asking.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json"


def _printable(value: object) -> object:
    """Halves of characters, which JSON may hold and no answer can."""
    return value.encode(errors="replace").decode() if isinstance(value, str) else value


V1_PATH = "/api/v1"
V1 = ForeignApi(paths=(f"{V1_PATH}/",), most_bytes=64 * 2**20, say_no=say_no)
