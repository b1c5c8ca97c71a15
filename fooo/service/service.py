"""The one door: every face talks to `Fooo`, and `Fooo` talks to nobody above."""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path

from fooo.catalog import Catalog, ModelHashes, PresetFile
from fooo.catalog.shelf import FileHashes
from fooo.engine import Engine
from fooo.errors import EngineError, FoooError, QueueUnusable
from fooo.events import Event
from fooo.image.store import PictureStore
from fooo.logs import about_job, said_in
from fooo.plan import PictureSizes, Plan, Promise, make_plan, needed_files
from fooo.record import Archive, Record, read_record
from fooo.record.history import History
from fooo.request import Request, Size
from fooo.service.downloads import Downloads, fetch_nothing
from fooo.service.experience import Experience
from fooo.service.files_used import FilesUsed
from fooo.service.guarded import guarded
from fooo.service.job import Job
from fooo.service.jobs import Jobs
from fooo.service.keeping import Hold, Keeper
from fooo.service.queue import Queue
from fooo.service.repeats import Repeats
from fooo.service.timings import Timings
from fooo.service.worker import Shared, Task, Worker

log = logging.getLogger(__name__)

_LOOK_EVERY = 2.0
"""Seconds between looks for a file that a request waits for: it may also be copied here by hand."""


def log_event(event: Event) -> None:
    """What is heard where nobody listens."""
    log.debug("%s", event)


def admit_all(_plan: Plan) -> None:
    """For whoever may ask for as much as they like."""


class Fooo:
    """Plans at once, draws in turn: a worker for each device, in a thread of its own, takes the next job of one queue.

    What is asked of the queue beside submitting (order, pause, retry) is asked of `queue`, and what is drawn again
    and again of `repeats`.

    Args:
        catalog: What there is, whenever it is asked.
        make_engine: Called once, in the thread that draws, when there is first something to draw: it may import torch.
        archive: Where pictures go.
        draw_seed: Gives the seed of a request that wants a random one.
        downloads: How files that are missing get here; None: nothing is fetched.
        experience: How long jobs take on this machine; None: known from this run alone.
        hashes: Those of model files; None: known from this run alone.
        pictures: Those that jobs begin with; None: in a folder of the archive.
        queue: Whose jobs of earlier runs go on at once; None: one in memory, that ends with the program.
        now: Gives pictures their names.
        more_engines: Of further devices, each as `make_engine`.
        closing: Is set first of all when the program closes, for an engine that shall not be waited for then.
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
        more_engines: Sequence[Callable[[], Engine]] = (),
        closing: threading.Event | None = None,
    ) -> None:
        self._catalog = catalog
        self.archive = archive
        self.history = History(archive.folder, now=now)
        self.draw_seed = draw_seed
        self.repeats = Repeats(draw_seed)
        self.pictures = pictures or PictureStore(archive.folder / ".begun_with")
        self.downloads = downloads or Downloads(fetch_nothing)
        self._wake = threading.Condition()
        """Guards what the workers are to do, and `_changes`; `_closing` is set while it is held."""
        self._closing = closing or threading.Event()
        self._changes = 0
        self._admitting = threading.Lock()
        """Held while a job is looked at and queued: of two that each fit alone, one is refused."""
        self._choosing = threading.Lock()
        """Held while a worker looks for its next job: what has just been planned is known before another takes it."""
        kept, self._hold = queue or Queue(), Hold()
        first = experience or Experience(Timings())
        self.queue = Jobs(kept, self._hold, clock=first.clock, changed=self._notice)
        files = hashes or FileHashes()
        shared = Shared(
            catalog=catalog,
            jobs=self.queue,
            keeper=Keeper(archive, kept, self._hold, now),
            hashes=ModelHashes(files),
            files_used=FilesUsed(files),
            closing=self._closing.is_set,
        )
        makes = ((make_engine, first), *((make, first.of_another_device()) for make in more_engines))
        self._workers = tuple(Worker(make_engine=make, experience=known, shared=shared) for make, known in makes)
        self._threads = tuple(
            threading.Thread(target=self._work, args=(worker,), name=f"fooo-engine-{number}", daemon=True)
            for number, worker in enumerate(self._workers)
        )
        for thread in self._threads:
            thread.start()

    @property
    def catalog(self) -> Catalog:
        """What there is now."""
        return self._catalog()

    @property
    def changes(self) -> int:
        """Grows whenever a job comes, ends or moves: while it stays, a list of jobs need not be read again."""
        return self._changes

    @property
    def workers(self) -> int:
        """How many jobs may be drawn at once."""
        return len(self._workers)

    @property
    def idle_workers(self) -> int:
        """How many of them wait for something to do."""
        with self._wake:
            return sum(worker.idle for worker in self._workers)

    def plan(self, request: Request) -> Plan:
        """What `submit` would do, without doing it.

        Raises:
            RequestError: A field cannot be carried out.
        """
        return make_plan(
            request,
            self.catalog,
            fallback_seed=self.draw_seed(),
            speeds=self._workers[0].speeds(),
            pictures=self._sizes(request),
        )

    def promise(self, plan: Plan) -> Promise | None:
        """How long the plan would take if it had its turn now; None while this machine has not drawn its like.

        Where devices differ, that is what it takes on the first one.
        """
        return self._workers[0].speeds().promise(plan, self.catalog.models)

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
        """Load on each device, in the background, what a request would need. The job that meets a failure tells it.

        Raises:
            RequestError: A field cannot be carried out.
            EngineError: The program is closing.
        """
        plan = self.plan(request)
        for worker in self._workers:
            self._put(worker, Task(partial(worker.warm, plan, listen), self._not_ready))

    def get_ready(self, plan: Plan | None) -> None:
        """Make each engine that is not there yet, in the background, and load what the plan needs; None: nothing.

        Raises:
            EngineError: The program is closing.
        """
        for worker in self._workers:
            self._put(worker, Task(partial(worker.get_ready, plan), self._not_ready))

    def device(self) -> str:
        """What draws, in words; waits for the engines to be there and for the jobs that are drawn.

        Raises:
            EngineError: An engine cannot be made, or the program is closing.
        """
        asked = [(worker, Future[str]()) for worker in self._workers]
        for worker, told in asked:
            self._put(worker, Task(partial(_tell_device, worker, told), told.set_exception))
        return " + ".join(told.result() for _, told in asked)

    def aside(self, do: Callable[[Engine | None], None], fail: Callable[[FoooError], None]) -> None:
        """Have the first device's thread do something between two jobs. Args: do: Given the engine; None before one.

        Raises:
            EngineError: The program is closing.
        """
        worker = self._workers[0]
        self._put(worker, Task(lambda: do(worker.engine), fail))

    def read_record(self, source: Path | bytes) -> Record:
        """The record of a picture; its `request` makes it again.

        Raises:
            UnreadableMetadata: The picture holds none.
        """
        return read_record(source)

    def close(self) -> None:
        """Stop what runs, end the threads and the engines.

        Nothing can be submitted any more; a queue that is kept goes on next time.
        """
        with self._wake:
            self._closing.set()
            dropped = [task for worker in self._workers for task in worker.tasks]
            for worker in self._workers:
                worker.tasks.clear()
        self._notice()
        self.repeats.close()
        self._hold.close()
        for job in self.jobs():
            job.monitor.stop()
        self.downloads.close()
        for thread in self._threads:
            thread.join()
        for worker in self._workers:
            if worker.engine:
                worker.engine.close()
        for task in dropped:
            task.fail(EngineError("Fooo is closing; start it again."))
        self.queue.close()

    def _put(self, worker: Worker, task: Task) -> None:
        with self._wake:
            self._check_open()
            worker.tasks.append(task)
        self._notice()

    def _check_open(self) -> None:
        if self._closing.is_set():
            raise EngineError("Fooo is closing; start it again.")

    def _not_ready(self, error: FoooError) -> None:
        if not self._closing.is_set():
            log.warning("%s", error)

    def _notice(self) -> None:
        """Something may be to be done."""
        with self._wake:
            self._changes += 1
            self._wake.notify_all()

    def _work(self, worker: Worker) -> None:
        while (task := self._next(worker)) is not None:
            with about_job(task.job.id, said_in(task.job.plan)) if task.job else nullcontext():
                guarded(task.run, task.fail)

    def _next(self, worker: Worker) -> Task | None:
        """What the worker is to do next, waited for; None at the end."""
        while True:
            with self._wake:
                worker.idle = not worker.tasks
                seen = self._changes
                if self._closing.is_set():
                    return None
                if worker.tasks:
                    return worker.tasks.popleft()
            try:
                task, waits_for_files = self._hold.until_done(partial(self._take, worker))
            except QueueUnusable:
                continue  # given up: it is tried again; or the program ends
            if task:
                return task
            with self._wake:
                self._wake.wait_for(lambda: self._changes != seen, _LOOK_EVERY if waits_for_files else None)  # noqa: B023 - at once

    def _take(self, worker: Worker) -> tuple[Task | None, bool]:
        """The next job, drawn from now on, if it is this worker's; and whether requests still wait for files."""
        with self._choosing:
            waits_for_files = self._plan_what_is_here()
            job = None if worker.tasks else self.queue.take()
            return self._given(job, worker) if job else None, waits_for_files

    def _given(self, job: Job, worker: Worker) -> Task | None:
        """The job as a task; None where another worker, that was idle and has more of its models, has been given it."""
        with self._wake:
            may_wait = not (self._closing.is_set() or self._hold.troubles)
            idle = [each for each in self._workers if each.idle and not each.tasks and may_wait]
            nearest = max((worker, *idle), key=lambda each: each.experience.nearness(job.plan))
            nearest.idle = False
            task = Task(partial(nearest.run, job), partial(nearest.fail, job), job)
            if nearest is worker:
                return task
            nearest.tasks.append(task)
            self._notice()
            return None

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

    def _sizes(self, request: Request) -> PictureSizes:
        """Of the picture that the request begins with, if any."""
        picture = request.start.picture if request.start else None
        size = self.pictures.size(picture) if picture else None
        return {picture: Size(width=size[0], height=size[1])} if picture and size else {}


def _tell_device(worker: Worker, told: Future[str]) -> None:
    told.set_result(worker.ready_engine().device)
