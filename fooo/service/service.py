"""The one door: every face talks to `Fooo`, and `Fooo` talks to nobody above."""

import logging
import queue
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fooo.catalog import Catalog, ModelHashes, PresetFile, still_here
from fooo.engine import Engine, Made
from fooo.errors import EngineError, FoooError
from fooo.events import Event, JobDone, JobFailed, ShotDone
from fooo.monitor import Answer, Monitor
from fooo.plan import Plan, Promise, Speeds, make_plan, needed_files
from fooo.record import Archive, ModelUsed, Record, read_record, write_record
from fooo.request import Request
from fooo.service.downloads import Downloads, fetch_nothing
from fooo.service.experience import Experience
from fooo.service.guarded import guarded
from fooo.service.job import Job
from fooo.service.timings import Timings

log = logging.getLogger(__name__)


def log_event(event: Event) -> None:
    """What is heard where nobody listens."""
    log.debug("%s", event)


class Fooo:
    """Plans at once, draws in turn, one thread for the device.

    Args:
        catalog: What there is, whenever it is asked.
        make_engine: Called once, in the drawing thread, when there is first something to draw: it may import torch.
        archive: Where pictures go.
        draw_seed: Gives the seed of a request that wants a random one.
        downloads: How files that are missing get here; None: nothing is fetched.
        experience: How long jobs take on this machine; None: known from this run alone.
    """

    def __init__(
        self,
        *,
        catalog: Callable[[], Catalog],
        make_engine: Callable[[], Engine],
        archive: Archive,
        draw_seed: Callable[[], int],
        downloads: Downloads | None = None,
        experience: Experience | None = None,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._catalog = catalog
        self.archive = archive
        self.draw_seed = draw_seed
        self.downloads = downloads or Downloads(fetch_nothing)
        self._experience = experience or Experience(Timings())
        self._make_engine = make_engine
        self._now = now
        self._engine: Engine | None = None
        self._hashes = ModelHashes()
        self._jobs: dict[str, Job] = {}
        self._closed = False
        self._lock = threading.Lock()
        """Guards `_jobs`, `_closed`, and that nothing is queued behind the end of the queue."""
        self._waiting: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._worker = threading.Thread(target=self._work, name="fooo-engine", daemon=True)
        self._worker.start()

    @property
    def catalog(self) -> Catalog:
        """What there is now."""
        return self._catalog()

    def plan(self, request: Request) -> Plan:
        """What `submit` would do, without doing it.

        Raises:
            RequestError: A field cannot be carried out.
        """
        return make_plan(request, self.catalog, fallback_seed=self.draw_seed(), speeds=self._speeds())

    def promise(self, plan: Plan) -> Promise | None:
        """How long the plan would take if it had its turn now; None while this machine has not drawn its like."""
        return self._speeds().promise(plan, self.catalog.models)

    def needed_files(self, request: Request) -> tuple[PresetFile, ...]:
        """The published files without which the request cannot be planned: `downloads.start` fetches them."""
        return needed_files(request, self.catalog)

    def submit(self, request: Request) -> Job:
        """Plan now, draw in turn.

        Raises:
            RequestError: At once, before anything is queued.
            EngineError: The program is closing.
        """
        plan = self.plan(request)
        job = Job(plan, promise=self.promise(plan), clock=self._experience.clock)
        self.archive.check_writable()

        def fail(error: FoooError) -> None:
            job.finish(JobFailed(error))

        self._put(_Task(lambda: self._run(job), fail), job)
        return job

    def job(self, job_id: str) -> Job | None:
        return self._jobs.get(job_id)

    def jobs(self) -> tuple[Job, ...]:
        """Every job of this run, oldest first."""
        with self._lock:
            return tuple(self._jobs.values())

    def warm(self, request: Request, listen: Callable[[Event], None] = log_event) -> None:
        """Load in the background what a request would need. A failure is told again by the job that meets it.

        Raises:
            RequestError: A field cannot be carried out.
            EngineError: The program is closing.
        """
        plan = self.plan(request)

        def load() -> None:
            self._ready_engine().prepare(plan, Monitor(listen))
            self._hashes_of(plan)
            self._experience.loaded(plan)

        def fail(error: FoooError) -> None:
            log.warning("%s", error)

        self._put(_Task(load, fail))

    def device(self) -> str:
        """What draws, in words; waits for the engine to be there and for the jobs before it.

        Raises:
            EngineError: The engine cannot be made, or the program is closing.
        """
        told: Future[str] = Future()
        self._put(_Task(lambda: told.set_result(self._ready_engine().device), told.set_exception))
        return told.result()

    def read_record(self, source: Path | bytes) -> Record:
        """The record of a picture; its `request` makes it again.

        Raises:
            UnreadableMetadata: The picture holds none.
        """
        return read_record(source)

    def close(self) -> None:
        """Stop what runs, drop what waits, end the thread. Nothing can be submitted any more."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._waiting.put(None)
        for job in self.jobs():
            job.stop()
        self.downloads.close()
        self._worker.join()

    def _put(self, task: "_Task", job: Job | None = None) -> None:
        with self._lock:
            if self._closed:
                raise EngineError("Fooo is closing; start it again.")
            if job is not None:
                self._jobs[job.id] = job
            self._waiting.put(task)

    def _work(self) -> None:
        while (task := self._waiting.get()) is not None:
            guarded(task.run, task.fail)

    def _ready_engine(self) -> Engine:
        if self._engine is None:
            self._engine = self._make_engine()
        return self._engine

    def _run(self, job: Job) -> None:
        if job.monitor.begin_shot() is Answer.STOP:
            job.finish(JobDone(0, stopped=True))
            return
        job.begin()
        began = self._experience.begin(job.plan)
        engine = self._ready_engine()
        # before drawing: the files as the engine is going to read them, and no picture lost to a file that is gone
        hashes = self._hashes_of(job.plan)
        made = 0
        for one in engine.run(job.plan, job.monitor):
            self._keep(job, one, hashes)
            made += 1
        self._experience.learn(job, began, models=self.catalog.models, device=engine.device)
        job.finish(JobDone(made, stopped=job.monitor.begin_shot() is Answer.STOP))

    def _hashes_of(self, plan: Plan) -> dict[str, str]:
        """Of the plan's models, by name.

        Raises:
            ModelError: A file is gone or cannot be read.
        """
        models = self.catalog.models
        return {name: self._hashes.sha256(still_here(models, name)) for name in plan.models}

    def _speeds(self) -> Speeds:
        return self._experience.speeds(self._engine.device if self._engine else None)

    def _keep(self, job: Job, one: Made, hashes: Mapping[str, str]) -> None:
        models = tuple(ModelUsed(name=name, sha256=hashes[name]) for name in one.shot.models)
        record = write_record(
            job.plan,
            one.shot,
            models=models,
            seconds=one.seconds,
            steps_done=one.steps_done,
            batch_size=one.batch_size,
        )
        path = self.archive.save(one.picture, record, now=self._now())
        job.monitor.tell(ShotDone(record, path))


@dataclass(frozen=True, slots=True)
class _Task:
    """Something for the drawing thread, and who is told when it fails."""

    run: Callable[[], None]
    fail: Callable[[FoooError], None]
