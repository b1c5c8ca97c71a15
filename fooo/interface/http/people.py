"""Who asks a route, as the gate found out, and what they may be given."""

from pathlib import Path

from starlette.requests import Request

from fooo.interface.people import HOST, Person, sees
from fooo.service import Fooo, Job


def person_of(request: Request) -> Person:
    """Who asks; the host where nobody logs in."""
    person: object = getattr(request.state, "person", None)
    return person if isinstance(person, Person) else HOST


def job_for(program: Fooo, job_id: str, person: Person) -> Job | None:
    """The job, if there is one that the person sees; what is not theirs is answered as if it were not there."""
    job = program.job(job_id)
    return job if job and sees(person, job) else None


def picture_for(program: Fooo, job_id: str, number: int, person: Person) -> Path | None:
    """The kept file of the n-th finished picture of such a job; None where it is gone or was linked from elsewhere."""
    job = job_for(program, job_id, person)
    if job is None or not 0 <= number < len(job.pictures):
        return None
    path = job.pictures[number].path
    return path if program.archive.holds(path) else None
