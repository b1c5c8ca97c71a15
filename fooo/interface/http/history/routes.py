"""Lists, shows, marks, throws away and hands out the pictures of a person's history: `/api/history`.

A picture is asked for by an id out of the list. Of what is not theirs a person is told as if it were not there.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Query, Request
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse

from fooo.errors import BadPicture, FoooError
from fooo.interface.http.history.told import HISTORY_PATH, TYPES, told, told_family
from fooo.interface.http.people import person_of
from fooo.interface.http.refusals import refusal
from fooo.interface.people.folders import own_folders
from fooo.record.history import Kept, Wanted, zip_of
from fooo.service import Fooo

_MOST_SECONDS = 0.25
"""Of reading new files before a list is answered: a first screen comes at once, and is asked for again."""
_MOST_AT_ONCE = 1000
_ID_LENGTH = 24

_FOREVER = {"Cache-Control": "private, max-age=31536000, immutable", "Vary": "Cookie, Authorization"}
_NEVER = {"Cache-Control": "no-store"}

_Text = Annotated[str, Query(max_length=400)]
_Ids = Annotated[list[str], Body(embed=True, max_length=_MOST_AT_ONCE)]
_Change = Callable[[Sequence[Kept]], Sequence[str]]


def history_routes(program: Fooo) -> APIRouter:
    """`GET` lists, `POST .../favourite`, `.../throw`, `.../put-back` and `.../empty-trash` change, the others show."""
    router = APIRouter(prefix=HISTORY_PATH)
    _add_list(router, program)
    _add_changes(router, program)
    _add_files(router, program)
    return router


def _add_list(router: APIRouter, program: Fooo) -> None:
    def listed(
        request: Request,
        *,
        words: _Text = "",
        style: _Text = "",
        model: _Text = "",
        favourite: bool = False,
        thrown: bool = False,
        after: Annotated[str | None, Query(max_length=100)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> JSONResponse:
        """A page of pictures, newest first; with the first one what can be chosen, and how many files are unread."""
        folders = own_folders(person_of(request))
        wanted = Wanted(
            words=words, style=style, model=model, favourite=favourite, thrown=thrown, folders=folders
        )  # fmt: skip
        try:
            more = {} if after else _news(program, Wanted(thrown=thrown, folders=folders))
            found = program.history.page(wanted, limit=limit, after=after)
        except FoooError as error:
            return refusal(error)
        answer = {"pictures": [told(each) for each in found.pictures], "total": found.total, "next": found.after}
        return JSONResponse(answer | more, headers=_NEVER)

    router.add_api_route("", listed, methods=["GET"], response_model=None)


def _news(program: Fooo, everything: Wanted) -> dict[str, Any]:
    unread = program.history.refresh(_MOST_SECONDS)
    choices = program.history.choices(everything)
    return {"unread": unread, "styles": list(choices.styles), "models": list(choices.models)}


def _add_changes(router: APIRouter, program: Fooo) -> None:
    def changed(request: Request, ids: list[str], change: _Change) -> JSONResponse:
        """The ids that the pictures have now; of what is gone none."""
        try:
            return JSONResponse({"ids": list(change(program.history.find(ids, own_folders(person_of(request)))))})
        except FoooError as error:
            return refusal(error)

    def favourite(request: Request, ids: _Ids, *, favourite: Annotated[bool, Body(embed=True)]) -> JSONResponse:
        def mark(pictures: Sequence[Kept]) -> list[str]:
            program.history.mark(pictures, favourite=favourite)
            return [each.id for each in pictures]

        return changed(request, ids, mark)

    def throw(request: Request, ids: _Ids) -> JSONResponse:
        return changed(request, ids, program.history.throw)

    def put_back(request: Request, ids: _Ids) -> JSONResponse:
        return changed(request, ids, program.history.put_back)

    def empty_trash(request: Request) -> JSONResponse:
        """How many pictures were removed for good: all of theirs that lay in the trash."""
        try:
            return JSONResponse({"removed": program.history.empty_trash(own_folders(person_of(request)))})
        except FoooError as error:
            return refusal(error)

    changes = {"favourite": favourite, "throw": throw, "put-back": put_back, "empty-trash": empty_trash}
    for name, route in changes.items():
        router.add_api_route(f"/{name}", route, methods=["POST"], response_model=None)


def _add_files(router: APIRouter, program: Fooo) -> None:
    def full(picture: str, request: Request) -> FileResponse:
        kept = _kept(program, picture, request)
        return FileResponse(kept.path, media_type=TYPES[kept.path.suffix.lower()], headers=_FOREVER)

    def small(picture: str, request: Request) -> Response:
        try:
            content = program.history.thumbnail(_kept(program, picture, request))
        except BadPicture as error:
            raise HTTPException(415, str(error)) from None
        return Response(content, media_type="image/webp", headers=_FOREVER)

    def zipped(ids: Annotated[str, Query(max_length=_MOST_AT_ONCE * (_ID_LENGTH + 1))], request: Request) -> Response:
        pictures = program.history.find(ids.split(","), own_folders(person_of(request)))
        if not pictures:
            raise HTTPException(404, "None of these pictures is there any more.")
        name = f"fooo-{datetime.now():%Y-%m-%d-%H%M%S}.zip"
        files = [(f"{each.path.stem}-{each.id[:6]}{each.path.suffix}", each.path) for each in pictures]
        headers = {**_NEVER, "Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingResponse(zip_of(files), media_type="application/zip", headers=headers)

    def family(picture: str, request: Request) -> JSONResponse:
        """What the picture was made from, and what was made from it."""
        # what was drawn since the history was looked at belongs to it too
        program.history.refresh(_MOST_SECONDS)
        kept = _kept(program, picture, request)
        found = program.history.family(kept, program.pictures.file_size(kept.parent), own_folders(person_of(request)))
        return JSONResponse(told_family(kept, found), headers=_NEVER)

    router.add_api_route("/{picture}/family", family, methods=["GET"], response_model=None)
    router.add_api_route("/zip", zipped, methods=["GET"], response_model=None)
    router.add_api_route("/{picture}/full", full, methods=["GET"], response_model=None)
    router.add_api_route("/{picture}/small", small, methods=["GET"], response_model=None)


def _kept(program: Fooo, picture: str, request: Request) -> Kept:
    found = program.history.find([picture], own_folders(person_of(request)))
    if not found:
        raise HTTPException(404, "There is no such picture, or its file was moved or removed.")
    return found[0]
