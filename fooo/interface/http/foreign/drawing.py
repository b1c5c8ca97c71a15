"""A job for a client that waits for its pictures."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio.to_thread
from starlette.requests import Request as Asking

from fooo.interface.http.foreign.api import Refused
from fooo.interface.http.people import picture_for
from fooo.interface.jobs import one_job
from fooo.interface.people import Person, submit
from fooo.interface.people.waiting import ended
from fooo.request import Request
from fooo.service import Fooo, Job

GONE = 499
"""The status that nobody reads, because nobody waits any more."""


async def drawn(
    program: Fooo,
    request: Request,
    *,
    person: Person,
    gone: Callable[[], Awaitable[bool]],
    look: Callable[[Job], Awaitable[None]] | None = None,
) -> Job:
    """The job of a request once it has ended; a client that goes away stops it.

    Args:
        program: What draws.
        request: What is asked for.
        person: Who asks.
        gone: Whether the client has gone away.
        look: Called with the job again and again while it lasts.

    Raises:
        FoooError: It cannot be carried out, or is more than the person's quota.
        Refused: The client has gone away.
    """
    job = await anyio.to_thread.run_sync(submit, program, one_job(request), person)

    async def look_at_both() -> None:
        if await gone():
            raise Refused(GONE, "The client went away.")
        if look:
            await look(job)

    return await ended(job, look_at_both)


def kept_file(program: Fooo, job_id: str, number: int, person: Person) -> Path:
    """The file of a finished picture that the person sees.

    Raises:
        Refused: There is no such picture, or its file is gone.
    """
    path = picture_for(program, job_id, number, person)
    if path is None:
        raise Refused(404, "There is no such picture in this run, or its file was moved or removed.")
    return path


def own_address(request: Asking, path: str) -> str:
    """Where the client finds a path of this server, also through a proxy. The guard knows the names that these say."""
    scheme = "https" if request.headers.get("x-forwarded-proto") == "https" else request.url.scheme
    return f"{scheme}://{request.headers.get('x-forwarded-host') or request.url.netloc}{path}"
