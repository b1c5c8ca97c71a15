"""Serves the page's manifest and icons: the same for everybody, and nothing in them is anybody's."""

from functools import lru_cache
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from fooo.interface.http.install.icon import INK, draw_icon

_MANIFEST = "/manifest.json"
"""Where gradio's page looks for it."""

_FAVICON, _FAVICON_SIDE = "/favicon.ico", 48
_ICONS = {
    "/icons/192.png": (192, False),
    "/icons/512.png": (512, False),
    "/icons/maskable-512.png": (512, True),
}
"""The side of each, and whether a system may cut a shape of its own out of it."""

INSTALL_PATHS = (_MANIFEST, _FAVICON, *_ICONS)
"""Browsers ask for these without the cookie of who logged in, so they answer whoever asks."""

_FOR_A_DAY = {"Cache-Control": "public, max-age=86400"}


def install_routes() -> APIRouter:
    """`GET` of each of `INSTALL_PATHS`."""
    router, drawn = APIRouter(), lru_cache(draw_icon)

    def manifest() -> JSONResponse:
        return JSONResponse(_manifest(), headers=_FOR_A_DAY, media_type="application/manifest+json")

    def favicon() -> Response:
        return Response(drawn(_FAVICON_SIDE, kind="ICO"), headers=_FOR_A_DAY, media_type="image/x-icon")

    def add_icon(path: str, side: int, *, maskable: bool) -> None:
        def icon() -> Response:
            return Response(drawn(side, maskable=maskable), headers=_FOR_A_DAY, media_type="image/png")

        router.add_api_route(path, icon, methods=["GET"], response_model=None)

    router.add_api_route(_MANIFEST, manifest, methods=["GET"], response_model=None)
    router.add_api_route(_FAVICON, favicon, methods=["GET"], response_model=None)
    for path, (side, maskable) in _ICONS.items():
        add_icon(path, side, maskable=maskable)
    return router


def _manifest() -> dict[str, Any]:
    """Paths in it are relative to where it lies, so that it holds behind a proxy's prefix too."""
    return {
        "name": "Fooo",
        "short_name": "Fooo",
        "description": "Words become pictures, on your own machine.",
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "background_color": INK,
        "theme_color": INK,
        "icons": [
            {
                "src": path.removeprefix("/"),
                "sizes": f"{side}x{side}",
                "type": "image/png",
                "purpose": "maskable" if maskable else "any",
            }
            for path, (side, maskable) in _ICONS.items()
        ],
    }
