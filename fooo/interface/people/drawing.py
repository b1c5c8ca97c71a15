"""Draws for a person, as far as their quota goes."""

from collections.abc import Callable, Sequence
from datetime import date

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


def repeat(program: Fooo, job: Job, person: Person) -> None:
    """Draw a job's request again and again, each time with a new seed, until they stop it or their quota ends."""
    program.repeats.begin(person.name, job, lambda request: submit(program, request, person))


def _admitting(program: Fooo, person: Person) -> Callable[[Plan], None]:
    """Refuses a plan that is more than the person's quota."""

    def admit(plan: Plan) -> None:
        check_quota((plan,), person, program)

    return admit


def check_quota(plans: Sequence[Plan], person: Person, program: Fooo, today: date | None = None) -> None:
    """Look whether a person may have these plans drawn. Args: today: None: the day that it is.

    Raises:
        NotAllowed: It is more than their quota.
        QueueUnusable: The queue, which knows what was drawn today, cannot be read.
    """
    if person.role is Role.OWNER:
        return
    quota = person.quota
    for shot in (shot for plan in plans for shot in plan.shots):
        if shot.size.width * shot.size.height > quota.most_pixels:
            raise NotAllowed(f"A guest's picture may have {_millions(quota.most_pixels)}; choose a smaller size.")
        if _steps(shot) > quota.most_steps:
            raise NotAllowed(f"A guest's picture may take {quota.most_steps} steps; choose fewer.")
    waiting = [job for job in program.jobs() if job.person == person.name and not job.has_ended]
    if len(waiting) + len(plans) > quota.waiting_jobs:
        raise NotAllowed(f"A guest may have {quota.waiting_jobs} jobs waiting; wait until some are drawn.")
    asked = sum(len(plan.shots) for plan in plans)
    coming = sum(len(job.plan.shots) - len(job.pictures) for job in waiting)
    # after what is coming: a picture that is finished in between counts twice for a moment, and not at all otherwise
    left = quota.pictures_a_day - coming - program.queue.drawn(person.name, today or date.today())
    if asked > left:
        left = max(0, left)
        raise NotAllowed(f"A guest may draw {quota.pictures_a_day} pictures a day (left today: {left}); ask for fewer.")


def _steps(shot: Shot) -> int:
    return sum(each.steps for each in shot.passes if isinstance(each, Generate))


def _millions(pixels: int) -> str:
    return f"{pixels / 1_000_000:.1f} million pixels"
