"""The routes of pictures: those that are finished, the one that is being drawn, and those to begin with."""

import io
from pathlib import Path as File
from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Path, Query
from PIL import Image
from pydantic import BaseModel, Field
from starlette.requests import Request as Asking
from starlette.responses import FileResponse, Response

from fooo.errors import BadPicture
from fooo.interface.http.foreign import Refused, keep_picture
from fooo.interface.http.limits import TooMuch, check_picture
from fooo.interface.http.pictures import FOREVER, TYPES, small_jpeg
from fooo.interface.http.v1.jobs import JobId, Limit, page_after
from fooo.interface.http.v1.lookup import jobs_for, planned_job_for
from fooo.interface.http.v1.problems import refuses
from fooo.interface.http.v1.told import PictureTold, last_step, picture_told
from fooo.record import Record
from fooo.service import Fooo, Job

_FILE: dict[str, Any] = {"type": "string", "format": "binary"}
Number = Annotated[int, Path(ge=0, le=10_000, description="Among the job's finished pictures, from 0.")]


class PictureList(BaseModel):
    """A page of finished pictures."""

    pictures: list[PictureTold]
    total: int = Field(description="Of all pages.")
    next: str | None = Field(description="What `after` is for the next page; null on the last one.")


class Begun(BaseModel):
    """A picture that a request can begin with: its `start.picture` is the id."""

    id: str = Field(description="The SHA-256 of the file.")
    width: int
    height: int


def picture_routes(program: Fooo) -> APIRouter:
    """Routes below `/pictures` and `/jobs/{job_id}/pictures`."""
    router = APIRouter(tags=["pictures"])

    @router.get("/pictures", responses=refuses(422))
    def list_pictures(
        asking: Asking,
        *,
        limit: Limit = 50,
        after: Annotated[str | None, Query(description="`next` of the page before.", max_length=80)] = None,
    ) -> PictureList:
        """The finished pictures of all jobs, those of the newest job first."""
        found = [
            (job.id, number, done)
            for job in reversed(jobs_for(program, asking))
            if isinstance(job, Job)
            for number, done in reversed([*enumerate(job.pictures)])
        ]
        ids = [f"{job_id}/{number}" for job_id, number, _ in found]
        first = page_after(ids, after)
        last = first + limit
        return PictureList(
            pictures=[picture_told(*each) for each in found[first:last]],
            total=len(found),
            next=ids[last - 1] if last < len(ids) else None,
        )

    @router.post("/pictures", status_code=201, responses=refuses(413, 415, 422, 503), openapi_extra=_takes_a_picture())
    async def add_picture(asking: Asking) -> Begun:
        """Hand in a picture to begin with, as a file. The same file again gives the same id."""
        content = await asking.body()
        try:
            check_picture(content)
            picture = await keep_picture(program, content)
        except TooMuch as error:
            raise Refused(error.status, error.sentence, "picture") from None
        except BadPicture as error:
            raise BadPicture("picture", error.problem, error.hint) from None
        width, height = await anyio.to_thread.run_sync(program.pictures.size, picture) or (0, 0)
        return Begun(id=picture, width=width, height=height)

    _add_finished(router, program)
    return router


def _add_finished(router: APIRouter, program: Fooo) -> None:
    @router.get(
        "/jobs/{job_id}/pictures/{number}",
        response_class=FileResponse,
        responses={**_gives(*TYPES.values()), **refuses(404)},
    )
    def see_picture(asking: Asking, job_id: JobId, number: Number) -> FileResponse:
        """The kept file itself, with the record inside that makes it again."""
        path = _file(program, asking, job_id, number)
        return FileResponse(path, media_type=TYPES[path.suffix], headers=FOREVER)

    @router.get(
        "/jobs/{job_id}/pictures/{number}/small",
        response_class=Response,
        responses={**_gives("image/jpeg"), **refuses(404)},
    )
    def see_small_picture(asking: Asking, job_id: JobId, number: Number) -> Response:
        """A JPEG of 192 pixels of height."""
        content = small_jpeg(_file(program, asking, job_id, number))
        return Response(content, media_type="image/jpeg", headers=FOREVER)

    @router.get("/jobs/{job_id}/pictures/{number}/record", responses=refuses(404, 422))
    def see_record(asking: Asking, job_id: JobId, number: Number) -> Record:
        """How it was made. Its `request` makes it again: send that to POST /jobs."""
        job = planned_job_for(program, asking, job_id)
        if number >= len(job.pictures):
            raise _no_picture()
        return job.pictures[number].record

    @router.get(
        "/jobs/{job_id}/preview", response_class=Response, responses={**_gives("image/jpeg"), **refuses(404, 422)}
    )
    def see_preview(asking: Asking, job_id: JobId) -> Response:
        """The picture that is drawn as it would be if it ended now, at an eighth of its size or more, as a JPEG."""
        step = last_step(planned_job_for(program, asking, job_id))
        if step is None or step.preview is None:
            raise Refused(404, "Nothing of this job is drawn now, or its first step is not done yet.", "job")
        image = Image.fromarray(step.preview.pixels)
        return Response(_jpeg(image), media_type="image/jpeg", headers={"Cache-Control": "no-store"})


def _takes_a_picture() -> dict[str, Any]:
    content = {kind: {"schema": _FILE} for kind in TYPES.values()}
    return {"requestBody": {"required": True, "description": "A picture's file.", "content": content}}


def _gives(*kinds: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": "A picture's file.", "content": {kind: {"schema": _FILE} for kind in kinds}}}


def _file(program: Fooo, asking: Asking, job_id: str, number: int) -> File:
    """The kept file. Raises: Refused: There is no such picture, or its file is gone."""
    pictures = [job.pictures for job in jobs_for(program, asking, job_id) if isinstance(job, Job)]
    if not pictures or number >= len(pictures[0]) or not program.archive.holds(pictures[0][number].path):
        raise _no_picture()
    return pictures[0][number].path


def _no_picture() -> Refused:
    return Refused(404, "There is no such picture, or its file was moved or removed.", "number")


def _jpeg(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.convert("RGB").save(stream, format="JPEG", quality=85)
    return stream.getvalue()
