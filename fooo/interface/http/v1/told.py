"""What this API tells of jobs and pictures."""

import base64
import io
from collections.abc import Mapping
from dataclasses import fields
from enum import StrEnum
from typing import Any, assert_never

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from fooo.events import (
    Downloading,
    Event,
    JobDone,
    JobFailed,
    Loading,
    MemoryChosen,
    PassSkipped,
    PassStep,
    PrecisionRaised,
    ShotDone,
    ShotSkipped,
    Step,
)
from fooo.image import Picture
from fooo.interface.http.v1.lookup import AnyJob
from fooo.interface.http.v1.problems import V1_PATH, problem_of
from fooo.request import Request
from fooo.service import Fooo, Job, QueueState


class JobState(StrEnum):
    WAITING = "waiting"
    WAITING_FOR_FILES = "waiting_for_files"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


ENDED = frozenset({JobState.DONE, JobState.STOPPED, JobState.FAILED})


class Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class Progress(Told):
    """Of a job that is drawn."""

    picture: int = Field(description="Number of the picture that is drawn, from 0.")
    step: int = Field(description="Steps of this picture done, 1 to steps.")
    steps: int
    done: int = Field(description="Steps of the whole job done, 1 to total.")
    total: int
    seconds_left: float


class PictureTold(Told):
    """A finished picture. Its addresses are paths of this server."""

    job: str
    number: int = Field(description="Among the finished pictures of its job, from 0.")
    seed: int
    width: int
    height: int
    seconds: float = Field(description="That it took.")
    blurred: bool = Field(description="Whether the filter of who runs this server has blurred it.")
    file: str = Field(description="Where the picture is.", examples=[f"{V1_PATH}/jobs/3f2a/pictures/0"])
    small: str = Field(description="Where a small JPEG of it is.")
    record: str = Field(description="Where it is said how it was made.")


class JobTold(Told):
    """A job as it is now."""

    id: str
    state: JobState
    person: str = Field(description="Whose it is; empty where nobody logs in.")
    request: Request = Field(description="What is drawn, with nothing left open once it is planned.")
    count: int = Field(description="Pictures that it is to make.")
    place: int | None = Field(
        default=None, description="How many jobs have their turn before it; null where it does not wait."
    )
    progress: Progress | None = Field(default=None, description="Null where it is not drawn.")
    promised_seconds: float | None = Field(
        default=None, description="How long it takes, as guessed when it was asked for."
    )
    pictures: list[PictureTold] = Field(description="The finished ones.")
    files: list[str] = Field(description="The names of the files that it waits for.")
    error: str | None = Field(default=None, description="Why it failed, in a sentence.")


def places(program: Fooo) -> dict[str, int]:
    """Of each job that waits its turn, how many are before it."""
    waiting = [job.id for job in program.jobs() if state_of(job) in {JobState.WAITING, JobState.RUNNING}]
    return {job_id: place for place, job_id in enumerate(waiting)}


def state_of(job: AnyJob) -> JobState:
    if not isinstance(job, Job):
        return _QUEUED[job.state]
    if not job.has_ended:
        return JobState(job.state.value)
    match job.events_so_far()[-1]:
        case JobFailed():
            return JobState.FAILED
        case JobDone(stopped=True):
            return JobState.STOPPED
        case _:
            return JobState.DONE


_QUEUED = {
    QueueState.WAITING: JobState.WAITING,
    QueueState.WAITING_FOR_FILE: JobState.WAITING_FOR_FILES,
    QueueState.RUNNING: JobState.RUNNING,
    QueueState.DONE: JobState.DONE,
    QueueState.STOPPED: JobState.STOPPED,
    QueueState.FAILED: JobState.FAILED,
}


def job_told(job: AnyJob, places: Mapping[str, int]) -> JobTold:
    """Args: places: As of `places`."""
    if not isinstance(job, Job):
        return JobTold(
            id=job.id,
            state=state_of(job),
            person=job.person,
            request=job.request,
            count=job.request.output.count,
            pictures=[],
            files=[] if state_of(job) in ENDED else list(job.files),
            error=job.error,
        )
    state, events = state_of(job), job.events_so_far()
    last = events[-1] if events else None
    return JobTold(
        id=job.id,
        state=state,
        person=job.person,
        request=job.plan.request,
        count=len(job.plan.shots),
        place=places.get(job.id) if state is JobState.WAITING else None,
        progress=_progress(job) if state is JobState.RUNNING else None,
        promised_seconds=job.promise.seconds if job.promise else None,
        pictures=[picture_told(job.id, number, done) for number, done in enumerate(job.pictures)],
        files=[],
        error=str(last.error) if isinstance(last, JobFailed) else None,
    )


def picture_told(job_id: str, number: int, done: ShotDone) -> PictureTold:
    shot, address = done.record.shot, f"{V1_PATH}/jobs/{job_id}/pictures/{number}"
    return PictureTold(
        job=job_id,
        number=number,
        seed=shot.seed,
        width=shot.size.width,
        height=shot.size.height,
        seconds=done.record.seconds,
        blurred=done.record.blurred,
        file=address,
        small=f"{address}/small",
        record=f"{address}/record",
    )


def event_told(event: Event, job_id: str, picture: int, *, previews: bool) -> tuple[str, dict[str, Any]]:
    """The name of an event and its fields.

    Args:
        event: Of the job.
        job_id: The job's.
        picture: How many finished ones the job had before it.
        previews: Whether a step brings the picture as it is.
    """
    match event:
        case Step():
            shown = event.preview if previews else None
            return "step", {**_plain(event), "preview": _as_text(shown) if shown else None}
        case ShotDone():
            return "picture", picture_told(job_id, picture, event).model_dump()
        case JobFailed(error=error):
            return "failed", problem_of(error)[1].model_dump(exclude_none=True)
        case (
            JobDone() | MemoryChosen() | PrecisionRaised() | Loading() | Downloading() | PassStep() | PassSkipped()
            | ShotSkipped()
        ):  # fmt: skip
            return _EVENTS[type(event)], _plain(event)
        case _:
            assert_never(event)


_EVENTS: dict[type[Event], str] = {
    MemoryChosen: "memory",
    PrecisionRaised: "precision",
    Loading: "loading",
    Downloading: "downloading",
    PassStep: "pass_step",
    PassSkipped: "pass_skipped",
    ShotSkipped: "picture_skipped",
    JobDone: "done",
}


def _plain(event: Event) -> dict[str, Any]:
    """Its fields, but for pixels."""
    return {each.name: getattr(event, each.name) for each in fields(event) if each.name != "preview"}


def _as_text(picture: Picture) -> str:
    """A JPEG as a data address."""
    stream = io.BytesIO()
    Image.fromarray(picture.pixels).save(stream, format="JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(stream.getvalue()).decode()}"


def last_step(job: Job) -> Step | None:
    return next((event for event in reversed(job.events_so_far()) if isinstance(event, Step)), None)


def _progress(job: Job) -> Progress | None:
    step = last_step(job)
    if step is None:
        return None
    return Progress(
        picture=step.shot,
        step=step.step,
        steps=step.steps,
        done=step.done,
        total=step.total,
        seconds_left=step.seconds_left,
    )
