"""The routes of jobs: ask for pictures, see how far they are, change their turn, end them."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query
from fastapi.openapi.models import Example
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request as Asking
from starlette.responses import Response

from fooo.errors import FoooError, RequestError
from fooo.interface.http.foreign import Refused
from fooo.interface.http.people import person_of
from fooo.interface.http.v1.lookup import AnyJob, job_for, jobs_for, planned_job_for
from fooo.interface.http.v1.problems import V1_PATH, refuses, with_missing
from fooo.interface.http.v1.told import ENDED, JobState, JobTold, job_told, places, state_of
from fooo.interface.jobs import one_job
from fooo.interface.people import Deed, check_may, retry, submit
from fooo.plan import Plan
from fooo.request import Request
from fooo.service import Fooo, Job

JobId = Annotated[str, Path(description="As POST /jobs gave it.", max_length=64)]
Priority = Annotated[int, Field(ge=-100, le=100)]
KeepHalf = Annotated[bool, Query(description="Whether the picture that is drawn is kept as far as it is.")]
Limit = Annotated[int, Query(ge=1, le=200, description="At most so many.")]

ASKED: dict[str, Example] = {
    "shortest": {"summary": "Only words", "value": {"prompt": "a red apple"}},
    "pinned": {
        "summary": "Two pictures that can be drawn again",
        "value": {"prompt": "a red apple", "sampling": {"seed": 7}, "output": {"count": 2, "format": "webp"}},
    },
}
"""Requests for people to begin with."""

AskedRequest = Annotated[Request, Body(openapi_examples=ASKED)]


class JobList(BaseModel):
    """A page of jobs."""

    jobs: list[JobTold]
    total: int = Field(description="Of all pages.")
    next: str | None = Field(description="What `after` is for the next page; null on the last one.")


class PlanTold(BaseModel):
    """What would be drawn."""

    plan: Plan = Field(description="Its `shots` hold the final texts; its `request` draws exactly this.")
    seconds: float | None = Field(description="That it would take; null while this machine has not drawn its like.")


class Move(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"before": None}})

    before: str | None = Field(
        description="The job before which it is to have its turn; null: after all others of the same person.",
        max_length=64,
    )


class NewPriority(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"priority": 5}})

    priority: Priority = Field(description="Larger comes first among the same person's jobs.")


def job_routes(program: Fooo) -> APIRouter:
    """Routes below `/jobs`, and `/plan`."""
    router = APIRouter(tags=["jobs"])
    _add_asking(router, program)
    _add_looking(router, program)
    _add_changing(router, program)
    return router


def _add_asking(router: APIRouter, program: Fooo) -> None:
    """What makes jobs."""

    @router.post("/plan", response_model=PlanTold, responses=refuses(400, 413, 415, 422, 424))
    def plan_request(request: AskedRequest) -> PlanTold | Response:
        """What POST /jobs would do, without doing it; where only files are missing, which."""
        wish = one_job(request)
        try:
            plan = program.plan(wish)
        except FoooError as error:
            return with_missing(error, program.needed_files(wish))
        promise = program.promise(plan)
        return PlanTold(plan=plan, seconds=promise.seconds if promise else None)

    @router.post("/jobs", response_model=JobTold, status_code=201, responses=refuses(400, 403, 413, 415, 422, 424, 503))
    def ask_for_pictures(
        asking: Asking,
        response: Response,
        request: AskedRequest,
        *,
        wait_for_files: Annotated[
            bool, Query(description="Take it although models are missing; POST /downloads fetches them.")
        ] = False,
        priority: Annotated[Priority, Query(description="Larger comes first among your own jobs.")] = 0,
    ) -> JobTold | Response:
        """Put a request into the queue: people take turns, each with their own jobs in order."""
        person, wish = person_of(asking), one_job(request)
        if wait_for_files:
            check_may(person, Deed.FETCH_MODELS)
            job_id = program.submit_when_here(wish, person=person.name, priority=priority)
            return _created(program, asking, response, job_id)
        try:
            job = submit(program, wish, person, priority=priority)
        except RequestError as error:
            return with_missing(error, program.needed_files(wish))
        return _created(program, asking, response, job.id)

    @router.post("/jobs/{job_id}/retry", status_code=201, responses=refuses(403, 404, 422, 503))
    def retry_job(asking: Asking, response: Response, job_id: JobId) -> JobTold:
        """A new job that draws what is missing of one that failed or was stopped."""
        job = planned_job_for(program, asking, job_id)
        return _created(program, asking, response, retry(program, job, person_of(asking)).id)


def _add_looking(router: APIRouter, program: Fooo) -> None:
    @router.get("/jobs", responses=refuses(422))
    def list_jobs(
        asking: Asking,
        *,
        state: Annotated[list[JobState] | None, Query(description="Only those; may be given more than once.")] = None,
        limit: Limit = 50,
        after: Annotated[str | None, Query(description="`next` of the page before.", max_length=64)] = None,
    ) -> JobList:
        """What is drawn, then what waits, as it will have its turn, then what has ended, the newest first."""
        found = [job for job in _in_order(program, asking) if not state or state_of(job) in state]
        first = page_after([job.id for job in found], after)
        page, there = found[first : first + limit], places(program)
        more = first + limit < len(found)
        return JobList(
            jobs=[job_told(job, there) for job in page], total=len(found), next=page[-1].id if more else None
        )

    @router.get("/jobs/{job_id}", responses=refuses(404))
    def see_job(asking: Asking, job_id: JobId) -> JobTold:
        """A job as it is now; GET /jobs/{job_id}/events tells each change."""
        return _told(program, asking, job_id)


def _add_changing(router: APIRouter, program: Fooo) -> None:
    @router.delete("/jobs/{job_id}", responses=refuses(404, 503))
    def end_job(asking: Asking, job_id: JobId, *, keep: KeepHalf = False) -> JobTold:
        """End a job: at once where it waits, at its next step where it is drawn. One that has ended stays as it is."""
        job = job_for(program, asking, job_id)
        if not isinstance(job, Job):
            program.queue.cancel(job.id)
        elif not job.has_ended:
            job.stop(keep=keep)
        return _told(program, asking, job_id)

    @router.post("/jobs/{job_id}/skip", responses=refuses(404, 422))
    def skip_picture(asking: Asking, job_id: JobId, *, keep: KeepHalf = False) -> JobTold:
        """End the picture that is drawn at its next step, and go on with the job's next one."""
        job = planned_job_for(program, asking, job_id)
        if state_of(job) is not JobState.RUNNING:
            raise Refused(422, "job: nothing of this job is drawn now; skip while it is.", "job")
        job.skip(keep=keep)
        return _told(program, asking, job_id)

    @router.post("/jobs/{job_id}/move", responses=refuses(400, 404, 415, 422, 503))
    def move_job(asking: Asking, job_id: JobId, move: Move) -> JobTold:
        """Give a job that waits another turn among the same person's."""
        job = job_for(program, asking, job_id)
        before = None if move.before is None else job_for(program, asking, move.before).id
        program.queue.move(job.id, before=before)
        return _told(program, asking, job_id)

    @router.post("/jobs/{job_id}/priority", responses=refuses(400, 404, 415, 422, 503))
    def set_priority(asking: Asking, job_id: JobId, new: NewPriority) -> JobTold:
        """Give a job that waits another priority among the same person's."""
        program.queue.prioritise(job_for(program, asking, job_id).id, new.priority)
        return _told(program, asking, job_id)


def _created(program: Fooo, asking: Asking, response: Response, job_id: str) -> JobTold:
    response.headers["Location"] = f"{V1_PATH}/jobs/{job_id}"
    return _told(program, asking, job_id)


def _told(program: Fooo, asking: Asking, job_id: str) -> JobTold:
    return job_told(job_for(program, asking, job_id), places(program))


def _in_order(program: Fooo, asking: Asking) -> list[AnyJob]:
    """As they are listed: what has ended comes last, and turned round."""
    jobs = jobs_for(program, asking)
    ended = [job for job in jobs if state_of(job) in ENDED]
    return [job for job in jobs if state_of(job) not in ENDED] + ended[::-1]


def page_after(ids: Sequence[str], after: str | None) -> int:
    """Where a page begins. Args: after: The last id of the page before.

    Raises:
        RequestError: That is not among them any more.
    """
    if after is None:
        return 0
    try:
        return ids.index(after) + 1
    except ValueError:
        raise RequestError("after", f"{after!r} is not in the list", "begin again without it") from None
