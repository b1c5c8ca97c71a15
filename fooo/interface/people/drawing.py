"""Draws for a person, as far as their quota goes."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from fooo.errors import NotAllowed
from fooo.interface.people.person import Person, Role
from fooo.plan import Generate, Plan, Shot
from fooo.request import Request
from fooo.service import Fooo, Job


def submit(program: Fooo, request: Request, person: Person, *, priority: int = 0) -> Job:
    """The job of a request, if the person may still ask for so much. Every face asks for jobs here.

    Raises:
        NotAllowed: It is more than their quota.
        FoooError: It cannot be carried out.
    """
    return program.submit(request, person=person.name, priority=priority, admit=_admitting(program, person))


def retry(program: Fooo, job: Job, person: Person) -> Job:
    """A new job that draws what is missing of one that failed or was stopped, if the person may still ask for it.

    Raises:
        NotAllowed: It is more than their quota.
        RequestError: It has not ended, or made all its pictures.
    """
    return program.retry(job, admit=_admitting(program, person))


def _admitting(program: Fooo, person: Person) -> Callable[[Plan], None]:
    """Refuses a plan that is more than the person's quota."""

    def admit(plan: Plan) -> None:
        check_quota((plan,), person, program.jobs())

    return admit


def check_quota(plans: Sequence[Plan], person: Person, jobs: Iterable[Job], today: datetime | None = None) -> None:
    """Look whether a person may have these plans drawn. Args: today: None: the day that it is.

    Raises:
        NotAllowed: It is more than their quota.
    """
    if person.role is Role.OWNER:
        return
    quota, own = person.quota, [job for job in jobs if job.person == person.name]
    for shot in (shot for plan in plans for shot in plan.shots):
        if shot.size.width * shot.size.height > quota.most_pixels:
            raise NotAllowed(f"A guest's picture may have {_millions(quota.most_pixels)}; choose a smaller size.")
        if _steps(shot) > quota.most_steps:
            raise NotAllowed(f"A guest's picture may take {quota.most_steps} steps; choose fewer.")
    waiting = [job for job in own if not job.has_ended]
    if len(waiting) + len(plans) > quota.waiting_jobs:
        raise NotAllowed(f"A guest may have {quota.waiting_jobs} jobs waiting; wait until some are drawn.")
    day = f"{today or datetime.now():%Y-%m-%d}"
    drawn = sum(done.path.name.startswith(day) for job in own for done in job.pictures)
    coming = sum(len(job.plan.shots) - len(job.pictures) for job in waiting) + sum(len(plan.shots) for plan in plans)
    if drawn + coming > quota.pictures_a_day:
        left = max(0, quota.pictures_a_day - drawn - coming + sum(len(plan.shots) for plan in plans))
        raise NotAllowed(f"A guest may draw {quota.pictures_a_day} pictures a day (left today: {left}); ask for fewer.")


def _steps(shot: Shot) -> int:
    return sum(each.steps for each in shot.passes if isinstance(each, Generate))


def _millions(pixels: int) -> str:
    return f"{pixels / 1_000_000:.1f} million pixels"
