"""The routes of `/v1`."""

from functools import partial
from typing import Any

import anyio.to_thread
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from fooo.interface.http.foreign import ForeignApi, Refused, drawn, foreign_routes, keep_picture, read_body
from fooo.interface.http.openai.answers import images_answer, model_answer, say_no
from fooo.interface.http.openai.asked import ImagesAsked, read_form
from fooo.interface.http.openai.translate import images_request, model_names
from fooo.interface.http.people import person_of
from fooo.request import STRONG, SUBTLE
from fooo.service import Fooo

OPENAI = ForeignApi(paths=("/v1/",), most_bytes=64 * 2**20, say_no=say_no)


def openai_routes(program: Fooo) -> APIRouter:
    """Drawing, editing and varying pictures, and the models; the rest answers that it is not there."""
    desk = _Desk(program)
    return foreign_routes(
        OPENAI,
        [
            ("POST", "/v1/images/generations", desk.generations),
            ("POST", "/v1/images/edits", desk.edits),
            ("POST", "/v1/images/variations", desk.variations),
            ("GET", "/v1/models", desk.models),
            ("GET", "/v1/models/{name:path}", desk.model),
        ],
    )


class _Desk:
    """Takes what clients ask."""

    def __init__(self, program: Fooo) -> None:
        self._program = program

    async def generations(self, request: Request) -> Response:
        asked = await read_body(request, ImagesAsked)
        _check_prompt(asked)
        return await self._answer(request, asked)

    async def edits(self, request: Request) -> Response:
        """Draws over the whole picture with the words, and leaves its layout."""
        asked, content = await read_form(request)
        _check_prompt(asked)
        return await self._answer(request, asked, content, strength=STRONG)

    async def variations(self, request: Request) -> Response:
        asked, content = await read_form(request)
        return await self._answer(request, asked, content, strength=SUBTLE)

    async def _answer(
        self, request: Request, asked: ImagesAsked, content: bytes | None = None, *, strength: float = 1.0
    ) -> Response:
        if asked.response_format == "url" and asked.output_format not in (None, "png"):
            raise Refused(
                422, "output_format: pictures have addresses as png alone; ask for b64_json.", "output_format"
            )
        start: dict[str, Any] | None = None
        if content is not None:
            start = {"kind": "vary", "picture": await keep_picture(self._program, content), "strength": strength}
        wish = images_request(asked, self._program.catalog, start)
        job = await drawn(self._program, wish, person=person_of(request), gone=request.is_disconnected)
        if not job.pictures:
            raise Refused(409, "The drawing was stopped before the first picture was finished.")
        return JSONResponse(await anyio.to_thread.run_sync(partial(images_answer, job, asked, request)))

    async def models(self, _request: Request) -> Response:
        names = model_names(self._program.catalog)
        return JSONResponse({"object": "list", "data": [model_answer(name) for name in names]})

    async def model(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in model_names(self._program.catalog):
            raise Refused(404, f"There is no model {name!r}; GET /v1/models lists those that are here.", "model")
        return JSONResponse(model_answer(name))


def _check_prompt(asked: ImagesAsked) -> None:
    if not asked.prompt:
        raise Refused(422, "prompt: say what is to be drawn.", "prompt")
