"""Which jobs who asks may see: the one place where that is decided for this API."""

from typing import TypeAlias

from starlette.requests import Request as Asking

from fooo.interface.http.foreign import Refused
from fooo.interface.http.people import person_of
from fooo.interface.people import sees
from fooo.service import Fooo, Job, Unplanned

AnyJob: TypeAlias = Job | Unplanned
"""One that is planned, or one that waits for a file before it can be."""


def jobs_for(program: Fooo, asking: Asking, job_id: str | None = None) -> tuple[AnyJob, ...]:
    """The jobs that who asks may see.

    In the order in which they ended, then what is drawn, then what waits, as it will have its turn, then what waits
    for files. Every answer of this API comes through here.

    Args:
        program: Whose jobs.
        asking: Says who asks.
        job_id: Only that one, if there is one.
    """
    person = person_of(asking)
    found = all_jobs(program) if job_id is None else _by_id(program, job_id)
    return tuple(job for job in found if sees(person, job))


def all_jobs(program: Fooo) -> tuple[AnyJob, ...]:
    """Those of all people: for what decides by itself who may see them."""
    return (*program.jobs(), *program.queue.unplanned())


def any_job(program: Fooo, job_id: str) -> AnyJob | None:
    """The one of that id, whosever it is: for what decides by itself who may see it."""
    # in this order, and the first again: a job may be planned while it is looked for
    return program.job(job_id) or program.queue.without_plan(job_id) or program.job(job_id)


def job_for(program: Fooo, asking: Asking, job_id: str) -> AnyJob:
    """Raises: Refused: There is none of that id, or it is somebody else's."""
    found = jobs_for(program, asking, job_id)
    if not found:
        raise Refused(404, "There is no such job; GET /api/v1/jobs lists those that there are.", "job")
    return found[0]


def planned_job_for(program: Fooo, asking: Asking, job_id: str) -> Job:
    """Raises: Refused: There is none of that id, it is somebody else's, or it has no plan yet."""
    job = job_for(program, asking, job_id)
    if not isinstance(job, Job):
        raise Refused(422, "job: this job has no plan yet, for it waits for files; fetch them first.", "job")
    return job


def _by_id(program: Fooo, job_id: str) -> tuple[AnyJob, ...]:
    found = any_job(program, job_id)
    return (found,) if found else ()
