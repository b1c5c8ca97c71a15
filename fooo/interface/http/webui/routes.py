"""The routes of `/sdapi/v1`."""

from collections.abc import Callable
from functools import partial
from typing import Any

import anyio.to_thread
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from fooo import request as ours
from fooo.interface.http.foreign import (
    ForeignApi,
    Refused,
    as_base64,
    drawn,
    foreign_routes,
    keep_picture,
    picture_content,
    read_body,
)
from fooo.interface.http.foreign.api import Handle
from fooo.interface.http.people import person_of
from fooo.interface.http.webui.answers import drawing_answer, png_info, say_no
from fooo.interface.http.webui.asked import (
    Drawing,
    ExtraBatch,
    Extras,
    ExtraSingle,
    GivenOptions,
    ImageToImage,
    OnePicture,
    TextToImage,
)
from fooo.interface.http.webui.listings import lists
from fooo.interface.http.webui.options import Options
from fooo.interface.http.webui.progress import progress_of, running_job
from fooo.interface.http.webui.translate import enlarging, image_to_image, refuse_extras, text_to_image
from fooo.interface.people import Deed, check_may
from fooo.service import Fooo, Job

_PATH = "/sdapi/v1"
WEBUI = ForeignApi(paths=(f"{_PATH}/",), most_bytes=64 * 2**20, say_no=say_no)
_MOST_PICTURES = 64


def webui_routes(program: Fooo) -> APIRouter:
    """Drawing, enlarging, progress, options, and lists of what there is; the rest answers that it is not there."""
    desk = _Desk(program)
    routes: list[tuple[str, str, Handle]] = [
        ("POST", "txt2img", desk.text_to_image),
        ("POST", "img2img", desk.image_to_image),
        ("POST", "extra-single-image", desk.extra_single),
        ("POST", "extra-batch-images", desk.extra_batch),
        ("POST", "png-info", desk.png_info),
        ("GET", "progress", desk.progress),
        ("POST", "interrupt", desk.interrupt),
        ("POST", "skip", desk.skip),
        ("GET", "options", desk.options),
        ("POST", "options", desk.set_options),
        *(("GET", name, _listed(answer)) for name, answer in lists(lambda: program.catalog).items()),
        # the catalog looks for itself: there is nothing to do
        *(("POST", name, _listed(lambda: None)) for name in ("refresh-checkpoints", "refresh-loras", "refresh-vae")),
    ]
    return foreign_routes(WEBUI, [(method, f"{_PATH}/{name}", handle) for method, name, handle in routes])


def _listed(answer: Callable[[], Any]) -> Handle:
    async def handle(_request: Request) -> Response:
        return JSONResponse(await anyio.to_thread.run_sync(answer))

    return handle


class _Desk:
    """Takes what clients ask."""

    def __init__(self, program: Fooo) -> None:
        self._program = program
        self._options = Options()

    async def text_to_image(self, request: Request) -> Response:
        asked = await read_body(request, TextToImage)
        wish = text_to_image(asked, self._options.over(asked.override_settings), self._program.catalog)
        return await self._answer(request, asked, wish)

    async def image_to_image(self, request: Request) -> Response:
        asked = await read_body(request, ImageToImage)
        content = _one_beginning(asked)
        options = self._options.over(asked.override_settings)
        picture = await keep_picture(self._program, content)
        wish = image_to_image(asked, options, self._program.catalog, picture)
        hidden = frozenset[str]() if asked.include_init_images else frozenset({"init_images"})
        return await self._answer(request, asked, wish, hidden)

    async def _answer(
        self, request: Request, asked: Drawing, wish: ours.Request, hidden: frozenset[str] = frozenset()
    ) -> Response:
        if asked.override_settings and asked.override_settings_restore_afterwards is False:
            check_may(person_of(request), Deed.CHANGE_SETTINGS)
            self._options.keep(asked.override_settings, self._program.catalog)
        job = await self._drawn(request, wish)
        return JSONResponse(await anyio.to_thread.run_sync(drawing_answer, job, asked, hidden))

    async def extra_single(self, request: Request) -> Response:
        asked = await read_body(request, ExtraSingle)
        refuse_extras(asked)
        image = await self._enlarged(request, asked, picture_content(asked.image, "image"))
        return JSONResponse({"html_info": "", "image": image})

    async def extra_batch(self, request: Request) -> Response:
        asked = await read_body(request, ExtraBatch)
        refuse_extras(asked)
        if len(asked.imageList) > _MOST_PICTURES:
            raise Refused(422, f"imageList: these are more than {_MOST_PICTURES} pictures; send fewer.", "imageList")
        contents = [picture_content(each.data, "imageList") for each in asked.imageList]
        images = [await self._enlarged(request, asked, content) for content in contents]
        return JSONResponse({"html_info": "", "images": images})

    async def _enlarged(self, request: Request, asked: Extras, content: bytes) -> str:
        """The enlarged picture; without an upscaler the picture itself, as the webui does."""
        if asked.upscaler_1 in (None, "", "None"):
            return as_base64(content)
        picture = await keep_picture(self._program, content)
        size = await anyio.to_thread.run_sync(self._program.pictures.size, picture)
        job = await self._drawn(request, enlarging(asked, picture, size or (1, 1)))
        if not job.pictures:
            raise Refused(409, "The enlarging was interrupted.")
        return await anyio.to_thread.run_sync(as_base64, job.pictures[0].path)

    async def _drawn(self, request: Request, wish: ours.Request) -> Job:
        return await drawn(self._program, wish, person=person_of(request), gone=request.is_disconnected)

    async def png_info(self, request: Request) -> Response:
        asked = await read_body(request, OnePicture)
        content = picture_content(asked.image, "image")
        return JSONResponse(await anyio.to_thread.run_sync(png_info, content))

    async def progress(self, request: Request) -> Response:
        skip = request.query_params.get("skip_current_image", "").lower() in {"true", "1"}
        tell = partial(progress_of, self._program.jobs(), person_of(request).name, with_picture=not skip)
        return JSONResponse(await anyio.to_thread.run_sync(tell))

    async def interrupt(self, request: Request) -> Response:
        if job := running_job(self._program.jobs(), person_of(request).name):
            job.stop(keep=True)
        return JSONResponse({})

    async def skip(self, request: Request) -> Response:
        if job := running_job(self._program.jobs(), person_of(request).name):
            job.skip(keep=True)
        return JSONResponse({})

    async def options(self, _request: Request) -> Response:
        return JSONResponse(self._options.shown(self._program.catalog))

    async def set_options(self, request: Request) -> Response:
        check_may(person_of(request), Deed.CHANGE_SETTINGS)
        given = (await read_body(request, GivenOptions)).given
        self._options.keep(given, self._program.catalog)
        return JSONResponse(None)


def _one_beginning(asked: ImageToImage) -> bytes:
    """The picture to begin with.

    Raises:
        Refused: There is none, there are several, or more than drawing over it is asked.
    """
    if asked.mask:
        raise Refused(501, "mask: Fooo cannot inpaint yet; send the picture without a mask to vary all of it.", "mask")
    if asked.resize_mode not in (None, 0, 1):
        problem = "resize_mode: Fooo crops a picture of another shape evenly; set it to 1."
        raise Refused(501, problem, "resize_mode")
    if len(asked.init_images or ()) != 1:
        raise Refused(422, "init_images: send one picture in it, as base64.", "init_images")
    return picture_content((asked.init_images or ("",))[0], "init_images")
