"""Tells how styles look and which of them a person likes: `/api/styles`.

Pictures are asked for by the id of a style that there is: those that come with it, else those that were drawn here.
"""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Request
from fastapi.responses import FileResponse, JSONResponse, Response

from fooo.catalog import Style
from fooo.errors import FoooError
from fooo.interface.http.people import person_of
from fooo.interface.http.refusals import refusal
from fooo.service import Fooo
from fooo.service.styles import FavouriteStyles, StylePictures, style_id

STYLES_PATH = "/api/styles"

_FOREVER = "private, max-age=31536000, immutable"
_NEVER = {"Cache-Control": "no-store"}


def style_routes(program: Fooo) -> APIRouter:
    """`GET` lists, `POST .../favourite` marks one or takes its mark away, `GET .../{id}/picture` shows one."""
    router = APIRouter(prefix=STYLES_PATH)
    _add_list(router, program)
    _add_picture(router, program)
    return router


def _add_list(router: APIRouter, program: Fooo) -> None:
    liked = FavouriteStyles.beside(program.archive.folder)
    drawn = StylePictures.beside(program.archive.folder)

    def listed(request: Request) -> JSONResponse:
        """The person's favourites, and where the picture of each style is that has one."""
        catalog, person = program.catalog, person_of(request).name
        addresses = {name: _address(style, _picture(program, style, drawn)) for name, style in catalog.styles.items()}
        pictures = {name: address for name, address in addresses.items() if address}
        answer: dict[str, Any] = {"favourites": liked.among(catalog.styles, person), "pictures": pictures}
        return JSONResponse(answer, headers=_NEVER)

    def favourite(
        request: Request, style: Annotated[str, Body(embed=True)], *, favourite: Annotated[bool, Body(embed=True)]
    ) -> JSONResponse:
        try:
            liked.mark(program.catalog.style(style).name, person_of(request).name, favourite=favourite)
        except FoooError as error:
            return refusal(error)
        return listed(request)

    router.add_api_route("", listed, methods=["GET"], response_model=None)
    router.add_api_route("/favourite", favourite, methods=["POST"], response_model=None)


def _add_picture(router: APIRouter, program: Fooo) -> None:
    drawn = StylePictures.beside(program.archive.folder)

    def picture(style: str, request: Request) -> Response:
        known = (each for each in program.catalog.styles.values() if style_id(each) == style)
        path = next((_picture(program, each, drawn) for each in known), None)
        version = _version(path) if path else None
        if path is None or version is None:
            raise HTTPException(404, "There is no picture of such a style.")
        tag = f'"{version}"'
        headers = {"Cache-Control": _FOREVER, "ETag": tag, "Vary": "Cookie, Authorization"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return FileResponse(path, media_type="image/webp", headers=headers)

    router.add_api_route("/{style}/picture", picture, methods=["GET"], response_model=None)


def _picture(program: Fooo, style: Style, drawn: StylePictures) -> Path | None:
    return program.catalog.style_pictures.get(style.name) or drawn.find(style)


def _address(style: Style, path: Path | None) -> str | None:
    """With the state of the file in it, so that a browser may keep what lies there for ever."""
    version = _version(path) if path else None
    return f"{STYLES_PATH}/{style_id(style)}/picture?v={version}" if version else None


def _version(path: Path) -> str | None:
    """Of a file, by its state; None of one that is gone."""
    try:
        known = path.stat()
    except OSError:
        return None
    return f"{known.st_mtime_ns:x}-{known.st_size:x}"
