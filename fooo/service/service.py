"""The one door: every face talks to `Fooo`, and `Fooo` talks to nobody above."""

import logging
import queue
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from fooo.catalog import Catalog, ModelHashes
from fooo.engine import Engine, Made
from fooo.errors import EngineError, FoooError
from fooo.events import Event, JobDone, JobFailed, ShotDone
from fooo.monitor import Answer, Monitor
from fooo.plan import Plan, make_plan
from fooo.record import Archive, ModelUsed, Record, read_record, write_record
from fooo.request import Request
from fooo.service.job import Job

log = logging.getLogger(__name__)


def log_event(event: Event) -> None:
    """What is heard where nobody listens."""
    log.debug("%s", event)


class Fooo:
    """Plans at once, draws in turn, one thread for the device.

    Args:
        catalog: What there is.
        make_engine: Called once, in the drawing thread, when there is first something to draw: it may import torch.
        archive: Where pictures go.
        draw_seed: Gives the seed of a request that wants a random one.
    """

    def __init__(
        self,
        *,
        catalog: Catalog,
        make_engine: Callable[[], Engine],
        archive: Archive,
        draw_seed: Callable[[], int],
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self.catalog = catalog
        self.archive = archive
        self.draw_seed = draw_seed
        self._make_engine = make_engine
        self._now = now
        self._engine: Engine | None = None
        self._hashes = ModelHashes()
        self._jobs: dict[str, Job] = {}
        self._waiting: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._worker = threading.Thread(target=self._work, name="fooo-engine", daemon=True)
        self._worker.start()

    def plan(self, request: Request) -> Plan:
        """What `submit` would do, without doing it.

        Raises:
            RequestError: A field cannot be carried out.
        """
        return make_plan(request, self.catalog, fallback_seed=self.draw_seed())

    def submit(self, request: Request) -> Job:
        """Plan now, draw in turn.

        Raises:
            RequestError: At once, before anything is queued.
        """
        self.archive.check_writable()
        job = Job(self.plan(request))
        self._jobs[job.id] = job
        self._waiting.put(lambda: self._run(job))
        return job

    def job(self, job_id: str) -> Job | None:
        return self._jobs.get(job_id)

    def jobs(self) -> tuple[Job, ...]:
        """Every job of this run, oldest first."""
        return tuple(self._jobs.values())

    def warm(self, request: Request, listen: Callable[[Event], None] = log_event) -> None:
        """Load in the background what a request would need. A failure is told again by the job that meets it."""
        plan = self.plan(request)
        self._waiting.put(lambda: self._prepare(plan, Monitor(listen)))

    def device(self) -> str:
        """What draws, in words; waits for the engine to be there and for the job before it."""
        told: queue.SimpleQueue[str | Exception] = queue.SimpleQueue()

        def tell() -> None:
            try:
                told.put(self._ready_engine().device)
            except FoooError as error:
                told.put(error)

        self._waiting.put(tell)
        answer = told.get()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def read_record(self, source: Path | bytes) -> Record:
        """The record of a picture; its `request` makes it again.

        Raises:
            UnreadableMetadata: The picture holds none.
        """
        return read_record(source)

    def close(self) -> None:
        """Stop what runs, drop what waits, end the thread."""
        for job in self._jobs.values():
            job.stop()
        self._waiting.put(None)
        self._worker.join()

    def _work(self) -> None:
        while (task := self._waiting.get()) is not None:
            task()

    def _ready_engine(self) -> Engine:
        if self._engine is None:
            self._engine = self._make_engine()
        return self._engine

    def _prepare(self, plan: Plan, monitor: Monitor) -> None:
        try:
            self._ready_engine().prepare(plan, monitor)
        except FoooError as error:
            log.warning("%s", error)

    def _run(self, job: Job) -> None:
        if job.monitor.begin_shot() is Answer.STOP:
            job.finish(JobDone(0, stopped=True))
            return
        job.begin()
        made = 0
        try:
            for one in self._ready_engine().run(job.plan, job.monitor):
                self._keep(job, one)
                made += 1
        except FoooError as error:
            job.finish(JobFailed(error))
        except Exception as error:  # the last line of defence: a bug ends one job, not the worker
            log.exception("job %s", job.id)
            sentence = f"Something unexpected went wrong ({type(error).__name__}: {error}); the log has the details."
            job.finish(JobFailed(EngineError(sentence)))
        else:
            job.finish(JobDone(made, stopped=job.monitor.begin_shot() is Answer.STOP))

    def _keep(self, job: Job, one: Made) -> None:
        models = tuple(
            ModelUsed(name=name, sha256=self._hashes.sha256(self.catalog.models[name])) for name in one.shot.models
        )
        record = write_record(job.plan, one.shot, models=models, seconds=one.seconds, steps_done=one.steps_done)
        path = self.archive.save(one.picture, record, now=self._now())
        job.monitor.tell(ShotDone(record, path))
