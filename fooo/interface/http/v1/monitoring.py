"""How the server is: for probes that start it anew, and for Prometheus."""

import math
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import accumulate

import psutil
from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

import fooo
from fooo.errors import RequestError
from fooo.interface.http.v1.events import Streams
from fooo.interface.http.v1.problems import V1_PATH
from fooo.interface.http.v1.told import JobState, state_of
from fooo.service import Fooo, Job

_BOUNDS = (0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0)
"""Seconds: from a pocket model on a card to a large picture on a processor."""

_TEXT = "text/plain; version=0.0.4; charset=utf-8"

HEALTH_PATHS = frozenset({f"{V1_PATH}/health/live", f"{V1_PATH}/health/ready"})
"""These answer without a login, for probes have none: they say one word, and nothing of what is here."""


class Health(BaseModel):
    status: str


def monitoring_routes(program: Fooo, streams: Streams) -> APIRouter:
    """Routes below `/health`, and `/metrics`."""
    router = APIRouter(tags=["monitoring"])
    times = PictureTimes()

    @router.get("/health/live")
    def is_live() -> Health:
        """Whether the server answers at all."""
        return Health(status="live")

    @router.get("/health/ready", responses={503: {"model": Health, "description": "No picture could be kept."}})
    def is_ready(response: Response) -> Health:
        """Whether a job would be taken and its pictures kept; GET /queue and POST /jobs say what is in the way."""
        if _keeps_pictures(program):
            return Health(status="ready")
        response.status_code = 503
        return Health(status="not ready")

    @router.get(
        "/metrics",
        response_class=Response,
        responses={200: {"description": "Prometheus's text.", "content": {_TEXT: {"schema": {"type": "string"}}}}},
    )
    def see_metrics() -> Response:
        """Jobs, pictures, the queue and this process, as Prometheus reads them."""
        return Response("".join(_metrics(program, streams, times)).encode(), headers={"Content-Type": _TEXT})

    return router


def _keeps_pictures(program: Fooo) -> bool:
    try:
        program.archive.check_writable()
    except RequestError:
        return False
    return program.queue.trouble is None


class PictureTimes:
    """How many pictures took how long, as far as ever seen: jobs that are listed no more still count.

    Safe from any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: dict[str, int] = {}
        """How many pictures of each listed job were counted."""
        self._below: Counter[float] = Counter()
        """By the smallest bound that is not less."""
        self.count, self.sum = 0, 0.0

    def look(self, jobs: Iterable[Job]) -> None:
        """Count what is new. Args: jobs: All that are listed."""
        with self._lock:
            pictures = {job.id: job.pictures for job in jobs}
            new = [done.record.seconds for job_id, each in pictures.items() for done in each[self._of.get(job_id, 0) :]]
            self._of = {job_id: len(each) for job_id, each in pictures.items()}
            self._below.update(next((bound for bound in _BOUNDS if value <= bound), math.inf) for value in new)
            self.count, self.sum = self.count + len(new), self.sum + sum(new)

    def at_most(self) -> Iterable[tuple[float, int]]:
        """Each bound, and how many took no longer."""
        return zip(_BOUNDS, accumulate(self._below[bound] for bound in _BOUNDS), strict=True)


def _metrics(program: Fooo, streams: Streams, times: PictureTimes) -> Iterable[str]:
    jobs = program.jobs()
    times.look(jobs)
    states = Counter(state_of(job) for job in jobs)
    states[JobState.WAITING_FOR_FILES] = len(program.queue.unplanned())
    process = psutil.Process()
    yield _one("fooo_info", "gauge", "Its version.", {f'{{version="{fooo.__version__}"}}': 1})
    yield _one("fooo_jobs", "gauge", "Listed jobs.", {f'{{state="{each}"}}': states[each] for each in JobState})
    yield _one("fooo_pictures_total", "counter", "Finished pictures of the jobs ever listed.", {"": times.count})
    yield _histogram("fooo_picture_seconds", "Seconds that a finished picture took.", times)
    yield _one("fooo_queue_length", "gauge", "Jobs that wait their turn.", {"": states[JobState.WAITING]})
    yield _one("fooo_queue_paused", "gauge", "Whether a person has paused it.", {"": int(program.queue.is_paused)})
    held_up = int(program.queue.trouble is not None)
    yield _one("fooo_queue_held_up", "gauge", "Whether a trouble such as a full disk holds it up.", {"": held_up})
    yield _one("fooo_workers", "gauge", "Devices that draw.", {"": program.workers})
    yield _one("fooo_workers_idle", "gauge", "Those that wait for something to do.", {"": program.idle_workers})
    yield _one("fooo_event_streams", "gauge", "Open streams of events.", {"": streams.open})
    memory, cpu = process.memory_info().rss, process.cpu_times()
    yield _one("process_resident_memory_bytes", "gauge", "Of the server, without what draws.", {"": memory})
    yield _one("process_cpu_seconds_total", "counter", "Of the server.", {"": cpu.user + cpu.system})
    yield _one("process_start_time_seconds", "gauge", "Since 1970.", {"": process.create_time()})
    yield _one("process_uptime_seconds", "gauge", "Since it began.", {"": time.time() - process.create_time()})


def _one(name: str, kind: str, about: str, values: Mapping[str, float]) -> str:
    """A family. Args: values: By their labels, written in braces; "" where there are none."""
    lines = [f"{name}{labels} {value}\n" for labels, value in values.items()]
    return f"# HELP {name} {about}\n# TYPE {name} {kind}\n{''.join(lines)}"


def _histogram(name: str, about: str, times: PictureTimes) -> str:
    """How many values are at most each bound; their sum and number."""
    lines = [f'{name}_bucket{{le="{bound}"}} {count}\n' for bound, count in times.at_most()]
    lines.append(f'{name}_bucket{{le="+Inf"}} {times.count}\n{name}_sum {times.sum}\n{name}_count {times.count}\n')
    return f"# HELP {name} {about}\n# TYPE {name} histogram\n{''.join(lines)}"
