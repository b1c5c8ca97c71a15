"""The jobs of this run and of earlier ones: what the queue keeps of them, with what is told of each."""

import logging
import threading
import uuid
from collections.abc import Callable
from datetime import date

from fooo.errors import EngineError, FoooError, QueueUnusable, RequestError
from fooo.events import Event, JobDone, JobFailed
from fooo.plan import Plan, Promise
from fooo.request import Request
from fooo.service.job import Job
from fooo.service.keeping import Hold, Trouble
from fooo.service.queue import Queue, QueueState, StoredJob, Unplanned

log = logging.getLogger(__name__)

MOST_ENDED = 500
"""Jobs of one person that have ended and are still in memory and listed; those before them are in the queue's file."""


class Jobs:
    """What a face may ask of the queue. Safe from any thread; everything that changes it may raise `QueueUnusable`.

    Args:
        queue: Its jobs of earlier runs are there from the beginning.
        hold: Where workers wait for what failed to be possible again.
        clock: In seconds; gives events their times.
        changed: Called after each change that may give somebody a turn.
        most_ended: As of `MOST_ENDED`.
    """

    def __init__(
        self,
        queue: Queue,
        hold: Hold,
        *,
        clock: Callable[[], float],
        changed: Callable[[], None],
        most_ended: int = MOST_ENDED,
    ) -> None:
        self._most_ended = most_ended
        self._queue, self._hold, self._clock, self._tell_changed = queue, hold, clock, changed
        self._lock = threading.Lock()
        """Guards what follows; not held while the queue is asked."""
        self._jobs = {stored.id: self._restored(stored) for stored in queue.stored()}
        self._ended = {job.id: None for job in self._jobs.values() if job.has_ended}
        """In the order in which they ended."""
        self._ended_of: dict[str, dict[str, Job]] = {}
        """By person, in that order."""
        for job_id in self._ended:
            self._ended_of.setdefault(self._jobs[job_id].person, {})[job_id] = self._jobs[job_id]
        self._drawn: dict[str, None] = {}
        """Those that have their turn, in the order in which they had it."""
        self._listed: tuple[Job, ...] | None = None
        self._changes = 0

    def get(self, job_id: str) -> Job | None:
        """The job; one that is listed no more is read from the queue, each time anew."""
        with self._lock:
            job = self._jobs.get(job_id)
        try:
            stored = None if job else self._queue.ended(job_id)
        except QueueUnusable as error:
            log.warning("%s", error)
            return None
        return self._restored(stored) if stored else job

    def all(self) -> tuple[Job, ...]:
        """Those that have ended, in that order, then what is drawn, then those that wait, as they will have turns.

        Of each person's that have ended the newest `MOST_ENDED`; those with pictures outlast those without.
        """
        with self._lock:
            if self._listed is not None:
                return self._listed
            jobs, ended, changes = dict(self._jobs), dict(self._ended), self._changes
            drawn = {job_id: place for place, job_id in enumerate(self._drawn)}
        places = self._places()

        def turn(job: Job) -> tuple[bool, int]:
            return job.id in places, places.get(job.id, drawn.get(job.id, -1))

        open_jobs = sorted((jobs[each] for each in jobs.keys() - ended), key=turn)
        listed = (*(jobs[each] for each in ended), *open_jobs)
        with self._lock:
            if changes == self._changes:
                self._listed = listed
        return listed

    def unplanned(self) -> tuple[Unplanned, ...]:
        """The requests that wait for files, oldest first."""
        return self._queue.unplanned()

    def without_plan(self, job_id: str) -> Unplanned | None:
        """A request that waits for files, or ended before it was planned: then with the reason."""
        return self._queue.without_plan(job_id)

    def add(self, plan: Plan, *, promise: Promise | None = None, person: str = "", priority: int = 0) -> Job:
        """A new job, behind its person's others of that priority."""
        job = Job(plan, promise=promise, clock=self._clock, person=person, when_stopped=self._stopped)
        # known before it can have its turn
        self._register(job)
        try:
            self._queue.submit(job.id, plan, person=person, priority=priority)
        except QueueUnusable:
            with self._lock:
                del self._jobs[job.id]
            raise
        finally:
            self._change()
        return job

    def add_unplanned(self, request: Request, files: tuple[str, ...], *, person: str = "", priority: int = 0) -> str:
        """The id of a job that waits for these files."""
        job_id = uuid.uuid4().hex
        self._queue.wait_for_files(job_id, request, files, person=person, priority=priority)
        self._change()
        return job_id

    def planned(self, unplanned: Unplanned, plan: Plan, promise: Promise | None) -> None:
        """The files of a request are here, and this is its plan."""
        job = Job(
            plan,
            promise=promise,
            clock=self._clock,
            job_id=unplanned.id,
            person=unplanned.person,
            when_stopped=self._stopped,
        )
        # known before it waits its turn: who asks for it meanwhile finds one or the other
        self._register(job)
        still_waits = False
        try:
            still_waits = self._queue.planned(job.id, plan)
        finally:
            if not still_waits:
                with self._lock:
                    del self._jobs[job.id]
            self._change()

    def refuse(self, unplanned: Unplanned, error: FoooError) -> None:
        """The files of a request are here, and it cannot be carried out."""
        log.warning("%s", error)
        self._queue.end(unplanned.id, QueueState.FAILED, error=str(error))

    def take(self) -> Job | None:
        """The next job, which runs from now on; None where none waits or the queue is paused."""
        job_id = self._queue.take()
        if job_id:
            with self._lock:
                self._drawn[job_id] = None
        self._change(silently=True)
        return self.get(job_id) if job_id else None

    def left(self, job: Job) -> Plan:
        """What is still to be done: the job's plan without the pictures that are there."""
        finished = self._queue.finished_shots(job.id)
        if not finished:
            return job.plan
        return job.plan.model_copy(update={"shots": tuple(s for s in job.plan.shots if s.number not in finished)})

    def drawn(self, person: str, day: date) -> int:
        """How many pictures of a person were made on that day, whether their jobs are still listed or not."""
        return self._queue.drawn(person, day.isoformat())

    def finish(self, job: Job, end: JobDone | JobFailed, *, interrupted: bool = False) -> None:
        """A job that had its turn has ended. Args: interrupted: It goes on when the program is started again."""
        error = str(end.error) if isinstance(end, JobFailed) else None

        def write() -> None:
            if interrupted:
                self._queue.put_back(job.id)
            else:
                self._queue.end(job.id, _state(end), error=error)

        try:
            self._hold.until_done(write)
        except QueueUnusable as unusable:
            # nothing is lost: when it has its turn again, all its pictures are there
            log.warning("%s", unusable)
        self._told_end(job, end)

    def cancel(self, job_id: str) -> None:
        """End a job, whether it waits for its turn, for a file, or is drawn; one that has ended stays as it is."""
        job = self.get(job_id)
        if job:
            job.stop()
        else:
            self._queue.cancel(job_id)

    def retry(self, job_id: str) -> Job:
        """A new job that draws what is missing of one that failed or was stopped.

        Raises:
            RequestError: It has not ended, or made all its pictures.
        """
        job = self.get(job_id)
        if job is None or not job.has_ended:
            raise RequestError("job", f"{job_id} has not ended", "choose one that failed or was stopped")
        left = self.left(job)
        if not left.shots:
            raise RequestError("job", f"{job_id} has made all its pictures", "ask for new ones")
        return self.add(left, person=job.person)

    def prioritise(self, job_id: str, priority: int) -> None:
        """Larger comes first among the person's own jobs. Raises: RequestError: It does not wait."""
        self._queue.prioritise(job_id, priority)
        self._change()

    def move(self, job_id: str, *, before: str | None) -> None:
        """Put a job right before another one of the same person; None: behind them all.

        Raises:
            RequestError: One of them does not wait, or they are not the same person's.
        """
        self._queue.move(job_id, before=before)
        self._change()

    def pause(self) -> None:
        """Begin no further job, also after a restart, until `resume`. What is drawn is drawn to its end."""
        self._queue.pause()

    def resume(self) -> None:
        """Go on, whatever held: a pause ends, and what failed in a trouble is tried again."""
        self._queue.resume()
        self.try_again()
        self._change()

    def try_again(self) -> None:
        """Do once more what failed in a trouble; a pause lasts."""
        self._hold.go_on()

    def give_up(self, job_id: str | None = None) -> bool:
        """Go on without what the trouble holds up: the picture is lost, and its job fails.

        Args:
            job_id: Only if the picture that waits is of that job: the trouble may be over, and another one there.

        Returns:
            Whether there was such a trouble.
        """
        return self._hold.give_up(job_id)

    @property
    def is_paused(self) -> bool:
        """Whether a person has paused it."""
        return self._queue.is_paused

    @property
    def trouble(self) -> Trouble | None:
        """What holds a worker up until it is mended, and the finished picture that waits for it."""
        return self._hold.trouble

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """Those of all workers that are held up, oldest first."""
        return self._hold.troubles

    def close(self) -> None:
        """Whoever still watches a job sees it end; the queue keeps it for the next program."""
        for job in self.all():
            if not job.has_ended:
                self._told_end(job, JobDone(len(job.pictures), stopped=True))
        self._queue.close()

    def _restored(self, stored: StoredJob) -> Job:
        told: list[Event] = list(stored.pictures)
        match stored.state:
            case QueueState.DONE | QueueState.STOPPED:
                told.append(JobDone(len(stored.pictures), stopped=stored.state is QueueState.STOPPED))
            case QueueState.FAILED:
                told.append(JobFailed(EngineError(stored.error or "It failed in an earlier run; ask for it again.")))
            case QueueState.WAITING | QueueState.WAITING_FOR_FILE | QueueState.RUNNING:
                pass
        return Job(
            stored.plan,
            clock=self._clock,
            job_id=stored.id,
            person=stored.person,
            told=told,
            when_stopped=self._stopped,
        )

    def _stopped(self, job: Job) -> None:
        """A person has stopped a job: one that waits has ended with that."""
        try:
            over = self._queue.cancel(job.id)
        except QueueUnusable as error:
            log.warning("%s", error)  # it ends when it has its turn
            return
        if over:
            self._told_end(job, JobDone(len(job.pictures), stopped=True))

    def _places(self) -> dict[str, int]:
        """Of the jobs that wait, as they will have their turns."""
        try:
            return {queued.id: place for place, queued in enumerate(self._queue.waiting())}
        except QueueUnusable as error:
            log.warning("%s", error)
            return {}

    def _register(self, job: Job) -> None:
        with self._lock:
            self._jobs[job.id] = job

    def _told_end(self, job: Job, end: JobDone | JobFailed) -> None:
        with self._lock:
            self._ended[job.id] = None
            self._drawn.pop(job.id, None)
            self._list_ended(job)
        job.finish(end)
        self._change(silently=True)

    def _list_ended(self, job: Job) -> None:
        """The lock is held."""
        own = self._ended_of.setdefault(job.person, {})
        own[job.id] = job
        if len(own) > self._most_ended:
            oldest = next((each.id for each in own.values() if not each.pictures), next(iter(own)))
            del own[oldest], self._ended[oldest], self._jobs[oldest]

    def _change(self, *, silently: bool = False) -> None:
        with self._lock:
            self._listed = None
            self._changes += 1
        if not silently:
            self._tell_changed()


def _state(end: JobDone | JobFailed) -> QueueState:
    if isinstance(end, JobFailed):
        return QueueState.FAILED
    return QueueState.STOPPED if end.stopped else QueueState.DONE
