"""What changes in all jobs: a stream that tells each job anew whenever it changes."""

import threading
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from functools import partial

import anyio
import anyio.to_thread
from fastapi import APIRouter
from starlette.requests import Request as Asking
from starlette.responses import Response

from fooo.interface.http.v1.events import LastId, Streams, streams_events, told_as
from fooo.interface.http.v1.lookup import AnyJob, all_jobs, any_job, jobs_for
from fooo.interface.http.v1.told import ENDED, JobState, job_told, places, state_of
from fooo.service import Fooo, Job

_LOOK_SECONDS = 0.25
"""Between looks at all jobs, however many listen."""

_MOST_UNLISTED = 1000
"""Changes that are kept of jobs that are listed no more, for who was away."""

_MOST_AT_ONCE = 100
"""Jobs told of the same look at the queue: its places are found once for all of them."""


class Feed:
    """Gives each change of a job the next number, so that who was away is told the jobs that have changed since.

    Jobs that have ended are not looked at again. Safe from any thread.

    Args:
        jobs: All that there are.
        find: One by its id, also one that ended without a plan.
        clock: In seconds.
    """

    def __init__(
        self,
        jobs: Callable[[], tuple[AnyJob, ...]],
        find: Callable[[str], AnyJob | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._jobs, self._find, self._clock = jobs, find, clock
        self._lock = threading.Lock()
        self._number = 0
        self._changed: dict[str, int] = {}
        """The number of each job's last change, in that order."""
        self._marks: dict[str, tuple[JobState, int]] = {}
        """How each job was that has not ended, or had not at the last look."""
        self._ended: set[str] = set()
        self._next_look = float("-inf")

    def since(self, number: int) -> list[tuple[int, str]]:
        """The numbers and ids of the jobs that have changed from that number on."""
        with self._lock:
            if self._clock() >= self._next_look:
                self._look()
                self._next_look = self._clock() + _LOOK_SECONDS
            found: list[tuple[int, str]] = []
            for job_id in reversed(self._changed):
                if self._changed[job_id] < number:
                    break
                found.append((self._changed[job_id], job_id))
            return found[::-1]

    def _look(self) -> None:
        listed = {job.id: job for job in self._jobs()}
        for job_id, job in listed.items():
            if job_id not in self._ended:
                self._mark(job)
        # one that is listed no more has ended without a plan
        for job_id in self._marks.keys() - listed.keys():
            if job := self._find(job_id):
                self._mark(job)
        self._ended &= listed.keys()
        while len(self._changed) > len(listed) + _MOST_UNLISTED:
            del self._changed[next(iter(self._changed))]

    def _mark(self, job: AnyJob) -> None:
        state = state_of(job)
        mark = (state, len(job.events_so_far()) if isinstance(job, Job) else 0)
        if self._marks.get(job.id) != mark:
            self._changed.pop(job.id, None)
            self._changed[job.id] = self._number
            self._number += 1
        self._marks[job.id] = mark
        if state in ENDED:
            self._ended.add(job.id)
            del self._marks[job.id]


def feed_routes(program: Fooo, streams: Streams) -> APIRouter:
    router = APIRouter(tags=["events"])
    feed = Feed(partial(all_jobs, program), partial(any_job, program))

    @router.get("/events", response_class=Response, responses=streams_events())
    async def follow_all(asking: Asking, *, last_event_id: LastId = None) -> Response:
        """Each job that you may see, whole as GET /jobs/{job_id} tells it, whenever it changes: the event is `job`.

        Begins with those that have not ended. Who comes back is told those that changed meanwhile; after the program
        was started anew, all of them. This stream ends with the login that it was asked with.
        """
        return streams.answer(_parts(program, asking, feed, streams, last_event_id))

    return router


async def _parts(
    program: Fooo, asking: Asking, feed: Feed, streams: Streams, last_id: str | None
) -> AsyncGenerator[str | None]:
    number = streams.number_after(last_id)
    only_open, number = last_id is None, number or 0

    def tell(changes: Sequence[tuple[int, str]]) -> list[str]:
        there = places(program)
        found = ((change, job) for change, job_id in changes for job in jobs_for(program, asking, job_id))
        return [
            told_as("job", streams.id_of(change), job_told(job, there).model_dump(mode="json"))
            for change, job in found
            if not (only_open and state_of(job) in ENDED)
        ]

    while True:
        changes = await anyio.to_thread.run_sync(feed.since, number)
        for first in range(0, len(changes), _MOST_AT_ONCE):
            for part in await anyio.to_thread.run_sync(tell, changes[first : first + _MOST_AT_ONCE]):
                yield part
        number = changes[-1][0] + 1 if changes else number
        only_open = False
        yield None
        await anyio.sleep(_LOOK_SECONDS)
