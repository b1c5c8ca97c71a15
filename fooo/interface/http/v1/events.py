"""What happens to a job, as it happens: server-sent events that can be taken up again where they broke off."""

import json
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from functools import partial
from typing import Annotated, Any

import anyio
import anyio.to_thread
from fastapi import APIRouter, Header, Query
from starlette.requests import Request as Asking
from starlette.responses import Response, StreamingResponse

from fooo.errors import EngineError
from fooo.events import Event, JobDone, JobFailed, ShotDone
from fooo.interface.http.v1.jobs import JobId
from fooo.interface.http.v1.lookup import AnyJob, job_for
from fooo.interface.http.v1.problems import refuses
from fooo.interface.http.v1.told import ENDED, JobState, event_told, state_of
from fooo.service import Fooo, Job

LOOK_SECONDS = 0.1
"""Between looks at a job: no thread is held meanwhile."""

HEARTBEAT_SECONDS = 15.0
"""After which a silent stream says something, so that proxies keep it open and a client that is gone is noticed."""

LastId = Annotated[
    str | None, Header(alias="Last-Event-ID", description="The id of the last event that came: goes on behind it.")
]


class Streams:
    """The streams that are open. Ids begin with a word of this run: those of an earlier one mean nothing any more."""

    def __init__(self, heartbeat: float = HEARTBEAT_SECONDS) -> None:
        self.open = 0
        self._run = secrets.token_hex(4)
        self._heartbeat = heartbeat

    def id_of(self, number: int) -> str:
        return f"{self._run}-{number}"

    def number_after(self, last_id: str | None) -> int | None:
        """The number behind that id; None where it is none of this run."""
        run, _, number = (last_id or "").partition("-")
        return int(number) + 1 if run == self._run and number.isdecimal() and len(number) < 16 else None

    def answer(self, parts: AsyncIterator[str | None]) -> StreamingResponse:
        """A stream of these parts. Args: parts: None after each look that found nothing new."""
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._counted(parts), media_type="text/event-stream", headers=headers)

    async def _counted(self, parts: AsyncIterator[str | None]) -> AsyncGenerator[str]:
        self.open += 1
        spoke = time.monotonic()
        try:
            # so that a client knows at once that it is heard
            yield ": here\n\n"
            async for part in parts:
                if part is None and time.monotonic() - spoke < self._heartbeat:
                    continue
                yield part or ": still here\n\n"
                spoke = time.monotonic()
        finally:
            self.open -= 1


def told_as(name: str, number: str, fields: object) -> str:
    """An event as it goes over the wire."""
    return f"id: {number}\nevent: {name}\ndata: {json.dumps(fields)}\n\n"


def event_routes(program: Fooo, streams: Streams) -> APIRouter:
    router = APIRouter(tags=["events"])

    @router.get(
        "/jobs/{job_id}/events",
        response_class=StreamingResponse,
        responses={**streams_events(), 204: {"description": "Nothing comes behind that id any more."}, **refuses(404)},
    )
    async def follow_job(
        asking: Asking,
        job_id: JobId,
        *,
        last_event_id: LastId = None,
        previews: Annotated[bool, Query(description="Whether steps bring the picture as it is, as a JPEG.")] = False,
    ) -> Response:
        """All that has happened to a job, then each further event; the stream ends behind `done` or `failed`.

        Events are memory, precision, loading, downloading, step, pass_step, pass_skipped, picture, picture_skipped,
        done and failed. Who comes back behind the last one is answered 204, on which browsers stop coming back.
        """
        find = partial(job_for, program, asking, job_id)
        job = await anyio.to_thread.run_sync(find)
        first = streams.number_after(last_event_id) or 0
        if state_of(job) in ENDED and first >= len(_so_far(job)):
            return Response(status_code=204)
        return streams.answer(_parts(job, find, first, streams, previews=previews))

    return router


def streams_events() -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`."""
    example = 'id: 5c1e9a70-3\nevent: step\ndata: {"shot": 0, "step": 3, "steps": 30}\n\n'
    stream = {"text/event-stream": {"schema": {"type": "string"}, "example": example}}
    return {200: {"description": "Server-sent events.", "content": stream}}


async def _parts(
    job: AnyJob, find: Callable[[], AnyJob], first: int, streams: Streams, *, previews: bool
) -> AsyncGenerator[str | None]:
    number = first
    while True:
        events = _so_far(job)
        for event in events[number:]:
            picture = sum(isinstance(each, ShotDone) for each in events[:number])
            name, fields = event_told(event, job.id, picture, previews=previews)
            yield told_as(name, streams.id_of(number), fields)
            number += 1
            if isinstance(event, JobDone | JobFailed):
                return
        yield None
        await anyio.sleep(LOOK_SECONDS)
        if not isinstance(job, Job):  # it may be planned by now
            job = await anyio.to_thread.run_sync(find)


def _so_far(job: AnyJob) -> tuple[Event, ...]:
    """What has happened to a job; one that never was planned tells its end alone."""
    if isinstance(job, Job):
        return job.events_so_far()
    match state_of(job):
        case JobState.FAILED:
            return (JobFailed(EngineError(job.error or "It could not be planned; ask for it again.")),)
        case JobState.STOPPED:
            return (JobDone(0, stopped=True),)
        case _:
            return ()
