"""Gives out the finished pictures of this run, by job and number: no path of the disk is ever asked for by name."""

import io
from pathlib import Path

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import FileResponse
from PIL import Image

from fooo.service import Fooo, Job

PREFIX = "/pictures/"
_SMALL = 192
"""Pixels: twice the height at which the page shows a small picture, for screens of double density."""

_FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}
"""A picture never changes under its address: a job's id is used once."""


_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp"}
"""Of the kept files, by their ending."""


def picture_address(job: Job, number: int) -> tuple[str, str]:
    """Where the n-th finished picture of a job is fetched: the kept file, and a small one."""
    ending = job.pictures[number].path.suffix
    return f"{PREFIX}{job.id}/{number}{ending}", f"{PREFIX}{job.id}/{number}/small.jpg"


def picture_routes(program: Fooo) -> APIRouter:
    """The routes behind `picture_address`."""
    router = APIRouter()

    def full(job_id: str, number: int) -> FileResponse:
        path = _finished(program, job_id, number)
        return FileResponse(path, media_type=_TYPES[path.suffix], headers=_FOREVER)

    def small(job_id: str, number: int) -> Response:
        stream = io.BytesIO()
        with Image.open(_finished(program, job_id, number), formats=["PNG", "JPEG", "WEBP"]) as image:
            image.thumbnail((4 * _SMALL, _SMALL))
            image.save(stream, format="JPEG", quality=85)
        return Response(stream.getvalue(), media_type="image/jpeg", headers=_FOREVER)

    for ending in _TYPES:
        router.add_api_route(PREFIX + "{job_id}/{number}" + ending, full)
    router.add_api_route(PREFIX + "{job_id}/{number}/small.jpg", small)
    return router


def _finished(program: Fooo, job_id: str, number: int) -> Path:
    """The kept file of the n-th finished picture of a job."""
    job = program.job(job_id)
    if job is None or not 0 <= number < len(job.pictures):
        raise HTTPException(404, "There is no such picture in this run.")
    path = job.pictures[number].path
    if not path.is_file():
        raise HTTPException(404, "The file of this picture was moved or removed.")
    return path
