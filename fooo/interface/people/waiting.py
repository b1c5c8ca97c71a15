"""Waits for a job as long as whoever asked for it does."""

from collections.abc import Awaitable, Callable

import anyio

from fooo.events import JobFailed
from fooo.service import Job

_LOOK_SECONDS = 0.05


async def ended(job: Job, look: Callable[[], Awaitable[None]] | None = None) -> Job:
    """The job once it has ended; where nobody waits for it any more, it is stopped.

    Args:
        job: What is waited for.
        look: Called again and again while it lasts; what it raises ends the waiting.

    Raises:
        FoooError: It failed.
    """
    try:
        while not job.has_ended:
            if look:
                await look()
            await anyio.sleep(_LOOK_SECONDS)
    finally:
        if not job.has_ended:
            job.stop()
    last = job.events_so_far()[-1]
    if isinstance(last, JobFailed):
        raise last.error
    return job
