"""How the server is: for probes that start it anew, and for Prometheus."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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
from fooo.service import Fooo

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
        return Response("".join(_metrics(program, streams)).encode(), headers={"Content-Type": _TEXT})

    return router


def _keeps_pictures(program: Fooo) -> bool:
    try:
        program.archive.check_writable()
    except RequestError:
        return False
    return program.queue.trouble is None


def _metrics(program: Fooo, streams: Streams) -> Iterable[str]:
    jobs = program.jobs()
    states = Counter(state_of(job) for job in jobs)
    states[JobState.WAITING_FOR_FILES] = len(program.queue.unplanned())
    seconds = [done.record.seconds for job in jobs for done in job.pictures]
    process = psutil.Process()
    yield _one("fooo_info", "gauge", "Its version.", {f'{{version="{fooo.__version__}"}}': 1})
    yield _one("fooo_jobs", "gauge", "Known jobs.", {f'{{state="{each}"}}': states[each] for each in JobState})
    yield _one("fooo_pictures_total", "counter", "Finished pictures of the known jobs.", {"": len(seconds)})
    yield _histogram("fooo_picture_seconds", "Seconds that a finished picture took.", seconds)
    yield _one("fooo_queue_length", "gauge", "Jobs that wait their turn.", {"": states[JobState.WAITING]})
    yield _one("fooo_queue_paused", "gauge", "Whether a person has paused it.", {"": int(program.queue.is_paused)})
    held_up = int(program.queue.trouble is not None)
    yield _one("fooo_queue_held_up", "gauge", "Whether a trouble such as a full disk holds it up.", {"": held_up})
    yield _one("fooo_event_streams", "gauge", "Open streams of events.", {"": streams.open})
    memory, times = process.memory_info().rss, process.cpu_times()
    yield _one("process_resident_memory_bytes", "gauge", "Of the server, without what draws.", {"": memory})
    yield _one("process_cpu_seconds_total", "counter", "Of the server.", {"": times.user + times.system})
    yield _one("process_start_time_seconds", "gauge", "Since 1970.", {"": process.create_time()})
    yield _one("process_uptime_seconds", "gauge", "Since it began.", {"": time.time() - process.create_time()})


def _one(name: str, kind: str, about: str, values: Mapping[str, float]) -> str:
    """A family. Args: values: By their labels, written in braces; "" where there are none."""
    lines = [f"{name}{labels} {value}\n" for labels, value in values.items()]
    return f"# HELP {name} {about}\n# TYPE {name} {kind}\n{''.join(lines)}"


def _histogram(name: str, about: str, seen: Sequence[float]) -> str:
    """How many values are at most each bound; their sum and number."""
    first_bound = Counter(next((bound for bound in _BOUNDS if value <= bound), None) for value in seen)
    below = zip(_BOUNDS, accumulate(first_bound[bound] for bound in _BOUNDS), strict=True)
    lines = [f'{name}_bucket{{le="{bound}"}} {count}\n' for bound, count in below]
    lines.append(f'{name}_bucket{{le="+Inf"}} {len(seen)}\n{name}_sum {sum(seen)}\n{name}_count {len(seen)}\n')
    return f"# HELP {name} {about}\n# TYPE {name} histogram\n{''.join(lines)}"
