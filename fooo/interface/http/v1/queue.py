"""The queue as a whole: whether it goes on, and what holds it up."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.requests import Request as Asking
from starlette.responses import Response

from fooo.interface.http.foreign import Refused
from fooo.interface.http.people import person_of
from fooo.interface.http.v1.lookup import jobs_for
from fooo.interface.http.v1.problems import V1_PATH, refuses
from fooo.interface.http.v1.told import JobState, state_of
from fooo.interface.people import Deed, check_may
from fooo.record import picture_bytes
from fooo.request import FileFormat
from fooo.service import Fooo, Unsaved

_PICTURE = f"{V1_PATH}/queue/trouble/picture"

_Job = Annotated[
    str | None,
    Query(description="Only if it is this job's picture that waits: the trouble may be over, and another one there."),
]


class TroubleTold(BaseModel):
    """What holds the queue up. It is tried again by itself, every minute at last."""

    error: str = Field(description="A sentence with the next step.")
    job: str | None = Field(description="Whose finished picture waits for it; null where none does, or not yours.")
    picture: str | None = Field(description="Where that picture is, which is nowhere else.")


class QueueTold(BaseModel):
    paused: bool = Field(description="Whether a person has paused it: what is drawn is drawn to its end.")
    running: int = Field(description="Jobs of all people that are drawn.")
    waiting: int = Field(description="Jobs of all people that wait their turn.")
    waiting_for_files: int
    trouble: TroubleTold | None = None


def queue_routes(program: Fooo) -> APIRouter:
    """Routes below `/queue`."""
    router = APIRouter(prefix="/queue", tags=["queue"])

    def told(asking: Asking) -> QueueTold:
        states = [state_of(job) for job in program.jobs()]
        return QueueTold(
            paused=program.queue.is_paused,
            running=states.count(JobState.RUNNING),
            waiting=states.count(JobState.WAITING),
            waiting_for_files=len(program.queue.unplanned()),
            trouble=_trouble(program, asking),
        )

    @router.get("", responses=refuses(503))
    def see_queue(asking: Asking) -> QueueTold:
        """Whether it goes on, and how long it is."""
        return told(asking)

    @router.post("/pause", responses=refuses(403, 503))
    def pause_queue(asking: Asking) -> QueueTold:
        """Begin no further job, also after a restart, until it is resumed."""
        check_may(person_of(asking), Deed.RULE_QUEUE)
        program.queue.pause()
        return told(asking)

    @router.post("/resume", responses=refuses(403, 503))
    def resume_queue(asking: Asking) -> QueueTold:
        """Go on, whatever held: a pause ends, and what failed in a trouble such as a full disk is tried again."""
        check_may(person_of(asking), Deed.RULE_QUEUE)
        program.queue.resume()
        return told(asking)

    _add_trouble(router, program, told)
    return router


def _add_trouble(router: APIRouter, program: Fooo, told: Callable[[Asking], QueueTold]) -> None:
    def check_trouble(asking: Asking) -> None:
        check_may(person_of(asking), Deed.RULE_QUEUE)
        if program.queue.trouble is None:
            raise Refused(404, "Nothing holds the queue up.")

    @router.post("/trouble/retry", responses=refuses(403, 404, 503))
    def retry_trouble(asking: Asking) -> QueueTold:
        """Try again what the trouble holds up; a queue that a person has paused stays paused."""
        check_trouble(asking)
        program.queue.try_again()
        return told(asking)

    @router.post("/trouble/drop", responses=refuses(403, 404, 503))
    def drop_trouble(asking: Asking, *, job: _Job = None) -> QueueTold:
        """Go on without what the trouble holds up: the picture is lost, and its job fails."""
        check_trouble(asking)
        if not program.queue.give_up(job):
            raise Refused(404, "That trouble is over, and nothing was dropped.", "job")
        return told(asking)

    @router.get(
        "/trouble/picture",
        response_class=Response,
        responses={
            200: {
                "description": "A PNG.",
                "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
            },
            **refuses(404),
        },
    )
    def see_unsaved_picture(asking: Asking) -> Response:
        """The finished picture that could not be kept, with its record: save it yourself, then drop it here."""
        unsaved = _unsaved(program, asking)
        if unsaved is None:
            raise Refused(404, "No picture of yours waits to be kept.")
        content = picture_bytes(unsaved.picture, unsaved.record, FileFormat.PNG)
        return Response(content, media_type="image/png", headers={"Cache-Control": "no-store"})


def _trouble(program: Fooo, asking: Asking) -> TroubleTold | None:
    trouble, unsaved = program.queue.trouble, _unsaved(program, asking)
    if trouble is None:
        return None
    return TroubleTold(
        error=str(trouble.error),
        job=unsaved.job_id if unsaved else None,
        picture=_PICTURE if unsaved else None,
    )


def _unsaved(program: Fooo, asking: Asking) -> Unsaved | None:
    """What waits to be kept, where who asks may see its job."""
    trouble = program.queue.trouble
    if trouble is None or trouble.unsaved is None or not jobs_for(program, asking, trouble.unsaved.job_id):
        return None
    return trouble.unsaved
