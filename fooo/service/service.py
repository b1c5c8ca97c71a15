"""The one door: every face talks to `Fooo`, and `Fooo` talks to nobody above."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from fooo.catalog import Catalog, ModelHashes, PresetFile, still_here
from fooo.catalog.shelf import FileHashes
from fooo.engine import Engine, Made
from fooo.errors import EngineError, FoooError, QueueUnusable
from fooo.events import Event, JobDone, JobFailed, ShotDone
from fooo.image.store import PictureStore
from fooo.logs import about_job, said_in
from fooo.monitor import Answer, Monitor
from fooo.plan import PictureSizes, Plan, Promise, Speeds, make_plan, needed_files
from fooo.record import Archive, ModelUsed, Record, read_record, write_record
from fooo.record.history import History
from fooo.request import Request, Size
from fooo.service.downloads import Downloads, fetch_nothing
from fooo.service.experience import Experience
from fooo.service.files_used import FilesUsed
from fooo.service.guarded import guarded
from fooo.service.job import Job
from fooo.service.jobs import Jobs
from fooo.service.keeping import Hold, Keeper, Trouble, Unsaved
from fooo.service.queue import Queue
from fooo.service.timings import Timings

log = logging.getLogger(__name__)

_LOOK_EVERY = 2.0
"""Seconds between looks for a file that a request waits for: it may also be copied here by hand."""


def log_event(event: Event) -> None:
    """What is heard where nobody listens."""
    log.debug("%s", event)


def admit_all(_plan: Plan) -> None:
    """For whoever may ask for as much as they like."""


class Fooo:
    """Plans at once, draws in turn, one thread for the device.

    What is asked of the queue beside submitting (order, pause, retry) is asked of `queue`.

    Args:
        catalog: What there is, whenever it is asked.
        make_engine: Called once, in the drawing thread, when there is first something to draw: it may import torch.
        archive: Where pictures go.
        draw_seed: Gives the seed of a request that wants a random one.
        downloads: How files that are missing get here; None: nothing is fetched.
        experience: How long jobs take on this machine; None: known from this run alone.
        hashes: Those of model files; None: known from this run alone.
        pictures: Those that jobs begin with; None: in a folder of the archive.
        queue: Whose jobs of earlier runs go on at once; None: one in memory, that ends with the program.
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
        hashes: FileHashes | None = None,
        pictures: PictureStore | None = None,
        queue: Queue | None = None,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._catalog = catalog
        self.archive = archive
        self.history = History(archive.folder, now=now)
        self.draw_seed = draw_seed
        self.pictures = pictures or PictureStore(archive.folder / ".begun_with")
        self.downloads = downloads or Downloads(fetch_nothing)
        self._experience = experience or Experience(Timings())
        self._make_engine = make_engine
        self._engine: Engine | None = None
        files = hashes or FileHashes()
        self._hashes, self._files_used = ModelHashes(files), FilesUsed(files)
        self._wake = threading.Condition()
        """Guards `_tasks`, `_closed` and `_changes`."""
        self._tasks: deque[_Task] = deque()
        self._closed = False
        self._changes = 0
        self._admitting = threading.Lock()
        """Held while a job is looked at and queued: of two that each fit alone, one is refused."""
        kept, self._hold = queue or Queue(), Hold()
        self._keeper = Keeper(archive, kept, self._hold, now)
        self.queue = Jobs(kept, self._hold, clock=self._experience.clock, changed=self._notice)
        self._worker = threading.Thread(target=self._work, name="fooo-engine", daemon=True)
        self._worker.start()

    @property
    def catalog(self) -> Catalog:
        """What there is now."""
        return self._catalog()

    @property
    def changes(self) -> int:
        """Grows whenever a job comes, ends or moves: while it stays, a list of jobs need not be read again."""
        return self._changes

    def plan(self, request: Request) -> Plan:
        """What `submit` would do, without doing it.

        Raises:
            RequestError: A field cannot be carried out.
        """
        return make_plan(
            request,
            self.catalog,
            fallback_seed=self.draw_seed(),
            speeds=self._speeds(),
            pictures=self._sizes(request),
        )

    def promise(self, plan: Plan) -> Promise | None:
        """How long the plan would take if it had its turn now; None while this machine has not drawn its like."""
        return self._speeds().promise(plan, self.catalog.models)

    def needed_files(self, request: Request) -> tuple[PresetFile, ...]:
        """The published files without which the request cannot be planned: `downloads.start` fetches them."""
        return needed_files(request, self.catalog)

    def submit(
        self,
        request: Request,
        *,
        person: str = "",
        priority: int = 0,
        admit: Callable[[Plan], None] = admit_all,
    ) -> Job:
        """Plan now, draw in turn.

        Args:
            request: What is asked for.
            person: Who asks: people take turns.
            priority: Among the same person's jobs; larger comes first.
            admit: Told the plan before it is queued, one at a time; what it raises is raised here.

        Raises:
            RequestError: At once, before anything is queued.
            EngineError: The program is closing, or the queue cannot be written.
        """
        plan = self.plan(request)
        self.archive.check_writable()
        self._check_open()
        promise = self.promise(plan)
        with self._admitting:
            admit(plan)
            return self.queue.add(plan, promise=promise, person=person, priority=priority)

    def retry(self, job: Job, *, admit: Callable[[Plan], None] = admit_all) -> Job:
        """A new job that draws what is missing of one that failed or was stopped. Args: admit: As of `submit`.

        Raises:
            RequestError: It has not ended, or made all its pictures.
            QueueUnusable: The queue cannot be written.
        """
        with self._admitting:
            admit(self.queue.left(job))
            return self.queue.retry(job.id)

    def submit_when_here(self, request: Request, *, person: str = "", priority: int = 0) -> str:
        """The id of a job whose model may still be on its way: it is planned, and drawn in turn, once that is here.

        Its files are to be fetched by `downloads`, or put here by hand.

        Raises:
            RequestError: It cannot be carried out, and no file would mend that.
            EngineError: The program is closing, or the queue cannot be written.
        """
        files = tuple(file.name for file in self.needed_files(request))
        if not files:
            return self.submit(request, person=person, priority=priority).id
        self._check_open()
        return self.queue.add_unplanned(request, files, person=person, priority=priority)

    def job(self, job_id: str) -> Job | None:
        return self.queue.get(job_id)

    def jobs(self) -> tuple[Job, ...]:
        """Every job of this run, and what is known of earlier ones: see `Jobs.all`."""
        return self.queue.all()

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
        """What draws, in words; waits for the engine to be there and for the job that is drawn.

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
        """Stop what runs, end the thread and the engine.

        Nothing can be submitted any more; a queue that is kept goes on next time.
        """
        with self._wake:
            self._closed = True
            dropped = list(self._tasks)
            self._tasks.clear()
        self._notice()
        self._hold.close()
        for job in self.jobs():
            job.monitor.stop()
        self.downloads.close()
        self._worker.join()
        if self._engine:
            self._engine.close()
        for task in dropped:
            task.fail(EngineError("Fooo is closing; start it again."))
        self.queue.close()

    def _put(self, task: "_Task") -> None:
        with self._wake:
            self._check_open()
            self._tasks.append(task)
        self._notice()

    def _check_open(self) -> None:
        if self._closed:
            raise EngineError("Fooo is closing; start it again.")

    def _notice(self) -> None:
        """Something may be to be done."""
        with self._wake:
            self._changes += 1
            self._wake.notify_all()

    def _work(self) -> None:
        while (task := self._next()) is not None:
            with about_job(task.job.id, said_in(task.job.plan)) if task.job else nullcontext():
                guarded(task.run, task.fail)

    def _next(self) -> "_Task | None":
        """What is to be done next, waited for; None at the end."""
        while True:
            with self._wake:
                seen = self._changes
                if self._closed:
                    return None
                if self._tasks:
                    return self._tasks.popleft()
            waits_for_files = False
            try:
                waits_for_files = self._plan_what_is_here()
                if job := self.queue.take():
                    return _Task(partial(self._run, job), partial(self._fail, job), job)
            except QueueUnusable as error:
                log.warning("%s", error)
                self._hold.wait(Trouble(error))
                continue
            with self._wake:
                self._wake.wait_for(lambda: self._changes != seen, _LOOK_EVERY if waits_for_files else None)  # noqa: B023 - at once

    def _plan_what_is_here(self) -> bool:
        """Plan the requests whose files have come; whether some still wait."""
        waiting = self.queue.unplanned()
        for unplanned in waiting:
            try:
                missing = {file.name for file in self.needed_files(unplanned.request)}
                if missing.intersection(unplanned.files):
                    continue
                plan = self.plan(unplanned.request)
            except FoooError as error:
                self.queue.refuse(unplanned, error)
            else:
                self.queue.planned(unplanned, plan, self.promise(plan))
        return bool(waiting)

    def _ready_engine(self) -> Engine:
        if self._engine is None:
            self._engine = self._make_engine()
        return self._engine

    def _run(self, job: Job) -> None:
        left = self.queue.left(job)
        if left.shots and job.monitor.begin_shot() is not Answer.STOP:
            log.info("begins: %d of %d pictures are to be drawn", len(left.shots), len(job.plan.shots))
            job.begin()
            self._draw(job, left)
        self._finish(job, JobDone(len(job.pictures), stopped=job.monitor.begin_shot() is Answer.STOP))

    def _draw(self, job: Job, left: Plan) -> None:
        began = self._experience.begin(job.plan)
        engine = self._ready_engine()
        # before drawing: the files as the engine is going to read them, and no picture lost to a file that is gone
        hashes = self._hashes_of(job.plan)
        for one in engine.run(left, job.monitor):
            self._keep(job, one, hashes)
        if left is job.plan:
            self._experience.learn(job, began, models=self.catalog.models, device=engine.device)
        else:  # the times of an earlier run are not known
            self._experience.loaded(job.plan)
        self._files_used.learn(job.plan, self.catalog)

    def _fail(self, job: Job, error: FoooError) -> None:
        log.info("failed: %s", error)
        self._finish(job, JobFailed(error))

    def _finish(self, job: Job, end: JobDone | JobFailed) -> None:
        if isinstance(end, JobDone):
            log.info(
                "%s with %d of %d pictures", "stopped" if end.stopped else "done", end.pictures, len(job.plan.shots)
            )
        is_whole = isinstance(end, JobDone) and not end.stopped
        self.queue.finish(job, end, interrupted=self._closed and not is_whole)

    def _hashes_of(self, plan: Plan) -> dict[str, str]:
        """Of the plan's models, by name.

        Raises:
            ModelError: A file is gone or cannot be read.
        """
        models = self.catalog.models
        return {name: self._hashes.sha256(still_here(models, name)) for name in plan.models}

    def _sizes(self, request: Request) -> PictureSizes:
        """Of the picture that the request begins with, if any."""
        picture = request.start.picture if request.start else None
        size = self.pictures.size(picture) if picture else None
        return {picture: Size(width=size[0], height=size[1])} if picture and size else {}

    def _speeds(self) -> Speeds:
        return self._experience.speeds(self._engine.device if self._engine else None)

    def _keep(self, job: Job, one: Made, hashes: Mapping[str, str]) -> None:
        models = tuple(ModelUsed(name=name, sha256=hashes[name]) for name in one.shot.models)
        record = write_record(
            job.plan,
            one.shot,
            models=(*models, *self._files_used.of(one.shot, self.catalog)),
            seconds=one.seconds,
            steps_done=one.steps_done,
            batch_size=one.batch_size,
            blurred=one.blurred,
        )
        path = self._keeper.keep(Unsaved(job.id, one.picture, record, job.person))
        # its name holds words of the prompt
        log.info("picture %d is kept after %.1f s and %d steps", one.shot.number + 1, one.seconds, one.steps_done)
        job.monitor.tell(ShotDone(record, path))


@dataclass(frozen=True, slots=True)
class _Task:
    """Something for the drawing thread, who is told when it fails, and the job that it is for, if any."""

    run: Callable[[], None]
    fail: Callable[[FoooError], None]
    job: Job | None = None
