"""Fetches what a request needs, and tells how far it is: `/api/downloads`."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.responses import JSONResponse

from fooo.errors import FoooError, NotAllowed
from fooo.interface.http.people import person_of
from fooo.interface.http.refusals import read_fields, refusal
from fooo.interface.i18n import LANGUAGE_COOKIE, Tongues, Words, choose_language
from fooo.interface.notes import told_of_error
from fooo.interface.people import Deed, check_may
from fooo.request import read_request
from fooo.service import Download, Fooo

DOWNLOADS_PATH = "/api/downloads"


def download_routes(program: Fooo, *, tongues: Tongues, language: str | None) -> APIRouter:
    """What is fetched, and how far it is.

    `GET` lists the files, `POST` with a request fetches those that it needs; `POST .../pause` leaves one for now, and
    `POST .../resume` goes on with it, or tries again what failed.

    A guest may look. Nothing else can be fetched: which file a request needs says a preset or the table of published
    files, and where it comes from too.

    Args:
        program: That fetches them.
        tongues: In which it can be told why a file did not come.
        language: The code of the one to use; None: that of whoever asks.
    """
    router = APIRouter()

    def listed(request: Request) -> JSONResponse:
        accepted, chosen = request.headers.get("accept-language", ""), request.cookies.get(LANGUAGE_COOKIE, "")
        words = tongues[language] if language else choose_language(accepted, tongues, chosen=chosen)
        return JSONResponse([_told(each, words) for each in program.downloads.now()])

    def start(request: Request, asked: Annotated[object, Body()] = None) -> JSONResponse:
        try:
            check_may(person_of(request), Deed.FETCH_MODELS)
            files = program.needed_files(read_request(read_fields(asked)))
        except FoooError as error:
            return refusal(error)
        program.downloads.start(files)
        return listed(request)

    def changed(request: Request, change: Callable[[str], None], name: str) -> JSONResponse:
        try:
            check_may(person_of(request), Deed.FETCH_MODELS)
        except NotAllowed as error:
            return refusal(error)
        change(name)
        return listed(request)

    def pause(request: Request, name: Annotated[str, Body(embed=True)]) -> JSONResponse:
        return changed(request, program.downloads.pause, name)

    def resume(request: Request, name: Annotated[str, Body(embed=True)]) -> JSONResponse:
        return changed(request, program.downloads.resume, name)

    router.add_api_route(DOWNLOADS_PATH, listed, methods=["GET"], response_model=None)
    router.add_api_route(DOWNLOADS_PATH, start, methods=["POST"], response_model=None)
    router.add_api_route(f"{DOWNLOADS_PATH}/pause", pause, methods=["POST"], response_model=None)
    router.add_api_route(f"{DOWNLOADS_PATH}/resume", resume, methods=["POST"], response_model=None)
    return router


def _told(download: Download, words: Words) -> dict[str, Any]:
    return {
        "name": download.file.name,
        "folder": download.file.folder,
        "licence": download.file.licence,
        "state": download.state.value,
        "done": download.done,
        "total": download.total or download.file.bytes,
        "seconds_left": download.seconds_left,
        "error": told_of_error(download.error, words) if download.error else None,
    }
