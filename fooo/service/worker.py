"""A worker: draws the jobs that it is given on one device, one after the other."""

import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fooo.catalog import Catalog, ModelHashes, still_here
from fooo.engine import Engine, Made
from fooo.errors import FoooError
from fooo.events import Event, JobDone, JobFailed, ShotDone
from fooo.monitor import Answer, Monitor
from fooo.plan import Plan, Speeds
from fooo.record import ModelUsed, write_record
from fooo.service.experience import Experience
from fooo.service.files_used import FilesUsed
from fooo.service.job import Job
from fooo.service.jobs import Jobs
from fooo.service.keeping import Keeper, Unsaved

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """Something for a worker's thread, who is told when it fails, and the job that it is for, if any."""

    run: Callable[[], None]
    fail: Callable[[FoooError], None]
    job: Job | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What all workers of a program share. Every part is safe from any thread.

    Attributes:
        catalog: What there is, whenever it is asked.
        jobs: Told how each job ends.
        keeper: Puts pictures away.
        hashes, files_used: Of what pictures are drawn with.
        closing: Whether the program ends.
    """

    catalog: Callable[[], Catalog]
    jobs: Jobs
    keeper: Keeper
    hashes: ModelHashes
    files_used: FilesUsed
    closing: Callable[[], bool]


@dataclass(slots=True, kw_only=True)
class Worker:
    """Used in one thread, but for what is guarded, and `speeds`.

    Attributes:
        make_engine: Called once, when there is first something to draw.
        experience: Of its device.
        shared: What it has in common with the others.
        tasks: What it is to do before it takes a job; guarded by whoever fills it.
        idle: Whether it waits for something to do; guarded likewise.
        engine: None before it was needed.
        unheard: What it told when it was made ready before anybody listened.
    """

    make_engine: Callable[[], Engine]
    experience: Experience
    shared: Shared
    tasks: deque[Task] = field(default_factory=deque[Task])
    idle: bool = False
    engine: Engine | None = None
    unheard: list[Event] = field(default_factory=list[Event])

    def ready_engine(self) -> Engine:
        """Raises: FoooError: It cannot be made."""
        if self.engine is None:
            self.engine = self.make_engine()
        return self.engine

    def speeds(self) -> Speeds:
        """What its device was measured to do; safe from any thread."""
        return self.experience.speeds(self.engine.device if self.engine else None)

    def warm(self, plan: Plan, listen: Callable[[Event], None]) -> None:
        """Load what the plan needs. Args: listen: Hears also what was told before anybody listened."""
        for event in self.unheard:
            listen(event)
        self.unheard.clear()
        self._load(plan, listen)
        self._hashes_of(plan)

    def get_ready(self, plan: Plan | None) -> None:
        """Make the engine where there is none, and load what the plan needs; None: nothing.

        Where somebody waits by then nothing is loaded: their job loads what it needs, which may be something else.
        """
        if self.engine is not None:
            return
        self.ready_engine()
        if plan and all(job.has_ended for job in self.shared.jobs.all()):
            self._load(plan, self.unheard.append)

    def run(self, job: Job) -> None:
        """Draw what is missing of a job, to its end."""
        left = self.shared.jobs.left(job)
        if left.shots and job.monitor.begin_shot() is not Answer.STOP:
            log.info("begins: %d of %d pictures are to be drawn", len(left.shots), len(job.plan.shots))
            job.begin()
            self._draw(job, left)
        self._finish(job, JobDone(len(job.pictures), stopped=job.monitor.begin_shot() is Answer.STOP))

    def fail(self, job: Job, error: FoooError) -> None:
        """End a job that could not be drawn."""
        self.experience.failed()
        log.info("failed: %s", error)
        self._finish(job, JobFailed(error))

    def _load(self, plan: Plan, listen: Callable[[Event], None]) -> None:
        self.ready_engine().prepare(plan, Monitor(listen))
        self.experience.loaded(plan)

    def _draw(self, job: Job, left: Plan) -> None:
        engine = self.ready_engine()
        began = self.experience.begin(job.plan)
        # before drawing: the files as the engine is going to read them, and no picture lost to a file that is gone
        hashes = self._hashes_of(job.plan)
        for one in engine.run(left, job.monitor):
            self._keep(job, one, hashes)
        if left is job.plan:
            self.experience.learn(job, began, models=self.shared.catalog().models, device=engine.device)
        else:  # the times of an earlier run are not known
            self.experience.loaded(job.plan)
        self.shared.files_used.learn(job.plan, self.shared.catalog())

    def _finish(self, job: Job, end: JobDone | JobFailed) -> None:
        if isinstance(end, JobDone):
            log.info(
                "%s with %d of %d pictures", "stopped" if end.stopped else "done", end.pictures, len(job.plan.shots)
            )
        is_whole = isinstance(end, JobDone) and not end.stopped
        self.shared.jobs.finish(job, end, interrupted=self.shared.closing() and not is_whole)

    def _hashes_of(self, plan: Plan) -> dict[str, str]:
        """Of the plan's models, by name.

        Raises:
            ModelError: A file is gone or cannot be read.
        """
        models = self.shared.catalog().models
        return {name: self.shared.hashes.sha256(still_here(models, name)) for name in plan.models}

    def _keep(self, job: Job, one: Made, hashes: Mapping[str, str]) -> None:
        models = tuple(ModelUsed(name=name, sha256=hashes[name]) for name in one.shot.models)
        record = write_record(
            job.plan,
            one.shot,
            models=(*models, *self.shared.files_used.of(one.shot, self.shared.catalog())),
            seconds=one.seconds,
            steps_done=one.steps_done,
            batch_size=one.batch_size,
            blurred=one.blurred,
        )
        path = self.shared.keeper.keep(Unsaved(job.id, one.picture, record, job.person))
        # its name holds words of the prompt
        log.info("picture %d is kept after %.1f s and %d steps", one.shot.number + 1, one.seconds, one.steps_done)
        job.monitor.tell(ShotDone(record, path))
