"""How far a person's job is, as the webui says it."""

import io
from collections.abc import Iterable
from typing import Any

from PIL import Image

from fooo.events import Step
from fooo.image import Picture
from fooo.interface.http.foreign import as_base64
from fooo.monitor import Answer
from fooo.service import Job, JobState


def running_job(jobs: Iterable[Job], person: str) -> Job | None:
    """The one that is drawn, where it is that person's."""
    return next((job for job in jobs if job.person == person and job.state is JobState.RUNNING), None)


def progress_of(jobs: Iterable[Job], person: str, *, with_picture: bool) -> dict[str, Any]:
    """Of what is drawn for a person now; 0 where nothing is. Args: with_picture: Whether the preview is wanted."""
    own = [job for job in jobs if job.person == person and not job.has_ended]
    job = running_job(own, person)
    step = _last_step(job) if job else None
    preview = step.preview if step and with_picture else None
    return {
        "progress": step.done / step.total if step else 0.0,
        "eta_relative": step.seconds_left if step else 0.0,
        "state": {**_state(job, step), "job_count": len(own)},
        "current_image": as_base64(_png(preview)) if preview else None,
        "textinfo": None,
    }


def _state(job: Job | None, step: Step | None) -> dict[str, Any]:
    answer = job.monitor.wish[0] if job else Answer.GO
    return {
        "skipped": answer is Answer.SKIP,
        "interrupted": answer is Answer.STOP,
        "stopping_generation": answer is Answer.STOP,
        "job": job.id if job else "",
        "job_timestamp": "0",
        "job_no": step.shot if step else 0,
        "sampling_step": step.step if step else 0,
        "sampling_steps": step.steps if step else 0,
    }


def _last_step(job: Job) -> Step | None:
    return next((event for event in reversed(job.events_so_far()) if isinstance(event, Step)), None)


def _png(picture: Picture) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture.pixels).save(stream, format="PNG")
    return stream.getvalue()
