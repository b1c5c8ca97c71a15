"""Gives out the finished pictures of this run, by job and number: no path of the disk is ever asked for by name."""

import io
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import FileResponse
from PIL import Image

from fooo.interface.http.people import person_of, picture_for
from fooo.interface.people import Person
from fooo.service import Fooo, Job

PREFIX = "/pictures/"
SMALL = 192
"""Pixels of height: twice the height at which the page shows a small picture, for screens of double density."""

FOREVER = {"Cache-Control": "private, max-age=31536000, immutable", "Vary": "Cookie, Authorization"}
"""A picture never changes under its address: a job's id is used once. Who logs in next at a browser asks anew."""

TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp"}
"""Of the kept files, by their ending."""


def picture_address(job: Job, number: int) -> tuple[str, str]:
    """Where the n-th finished picture of a job is fetched: the kept file, and a small one."""
    ending = job.pictures[number].path.suffix
    return f"{PREFIX}{job.id}/{number}{ending}", f"{PREFIX}{job.id}/{number}/small.jpg"


def picture_routes(program: Fooo) -> APIRouter:
    """The routes behind `picture_address`."""
    router = APIRouter()

    def full(job_id: str, number: int, request: Request) -> FileResponse:
        path = _finished(program, job_id, number, person_of(request))
        return FileResponse(path, media_type=TYPES[path.suffix], headers=FOREVER)

    def small(job_id: str, number: int, request: Request) -> Response:
        path = _finished(program, job_id, number, person_of(request))
        return Response(small_jpeg(path), media_type="image/jpeg", headers=FOREVER)

    for ending in TYPES:
        router.add_api_route(PREFIX + "{job_id}/{number}" + ending, full)
    router.add_api_route(PREFIX + "{job_id}/{number}/small.jpg", small)
    return router


def small_jpeg(path: Path) -> bytes:
    """A kept picture, at most `SMALL` high, as a JPEG."""
    stream = io.BytesIO()
    with Image.open(path, formats=["PNG", "JPEG", "WEBP"]) as image:
        image.thumbnail((4 * SMALL, SMALL))
        image.convert("RGB").save(stream, format="JPEG", quality=85)
    return stream.getvalue()


def _finished(program: Fooo, job_id: str, number: int, person: Person) -> Path:
    """The kept file of the n-th finished picture of a job that the person sees."""
    path = picture_for(program, job_id, number, person)
    if path is None:
        raise HTTPException(404, "There is no such picture in this run, or its file was moved or removed.")
    return path
