"""The jobs of this run, read into one view of them."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import takewhile

from fooo.errors import FoooError
from fooo.events import (
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
from fooo.interface.people import HOST, Deed, Person, is_own, may
from fooo.interface.web.view.families import beside_parents
from fooo.interface.web.view.view import AddressOf, Drawing, Finished, Held, View
from fooo.record import UsedAs
from fooo.record.history import content_of
from fooo.service import Fooo, Job, JobState

_MOST_KNOWN = 4096
"""Files whose content is known by its hash; a picture is written once."""


class Lookout:
    """Looks at the service again and again; what a job that has ended made is read once."""

    def __init__(self, program: Fooo, address_of: AddressOf) -> None:
        self._program = program
        self._address_of = address_of
        self._ended: dict[str, tuple[Finished, ...]] = {}
        self._stopped: set[str] = set()
        self._warmed: MemoryChosen | None = None
        self._content_at = lru_cache(maxsize=_MOST_KNOWN)(content_of)

    def hear(self, event: Event) -> None:
        """What is told while models are loaded before the first job: that job is drawn with them, and tells it not."""
        if isinstance(event, MemoryChosen):
            self._warmed = event

    def look(self, person: Person = HOST) -> View:
        """What there is to see for a person: their own."""
        everybodys = self._program.jobs()
        self._forget(everybodys)
        jobs = [job for job in everybodys if is_own(person, job)]
        thrown = self._program.history.thrown
        finished = [
            one
            for job in jobs
            for one in self._pictures(job)
            if not thrown or job.pictures[one.number].path not in thrown
        ]
        open_jobs = [job for job in jobs if _is_open(job)]
        last = jobs[-1].events_so_far()[-1:] if jobs and not open_jobs else ()
        end = last[0] if last else None
        repeat = self._program.repeats.of(person.name)
        ended = {f"{repeat.job.id} repeat": repeat.error} if repeat and repeat.error else {}
        return View(
            finished=beside_parents(finished[::-1], self._content_of),
            drawing=self._drawing(open_jobs[0], everybodys) if open_jobs else None,
            waiting=sum(job.state is JobState.WAITING for job in open_jobs[1:]),
            failed={job.id: error for job in jobs if (error := _failure(job))} | ended | _left_out(jobs),
            newest=jobs[-1].id if jobs else None,
            stopped=isinstance(end, JobDone) and end.stopped,
            held=self._held(person),
            repeating=repeat.job.id if repeat and not repeat.error else "",
        )

    def stop(self, job_id: str, person: Person = HOST, *, keep: bool) -> None:
        """End that job if it is the one drawn for the person, and what they repeat; `keep` keeps the half picture."""
        repeat = self._program.repeats.end(person.name)
        drawn = self._drawn_job(job_id, person)
        for job in {each for each in (drawn, repeat.job if repeat else None) if each}:
            self._stopped.add(job.id)
            job.stop(keep=keep)

    def skip(self, job_id: str, person: Person = HOST) -> None:
        """Give up the picture that is drawn, if that job draws it; the job goes on with its next."""
        if job := self._drawn_job(job_id, person):
            job.skip()

    def _forget(self, listed: Sequence[Job]) -> None:
        """What is known of jobs that are listed no more."""
        if len(self._ended) > len(listed) + _MOST_KNOWN:
            ids = {job.id for job in listed}
            self._ended = {job_id: known for job_id, known in self._ended.items() if job_id in ids}
            self._stopped &= ids

    def _held(self, person: Person) -> Held | None:
        trouble = self._program.queue.trouble
        if trouble is None:
            return None
        job = self._program.job(trouble.unsaved.job_id) if trouble.unsaved else None
        own = job.id if job and is_own(person, job) else ""
        return Held(
            error=trouble.error,
            job=own,
            with_picture=trouble.unsaved is not None,
            rules=may(person, Deed.RULE_QUEUE),
        )

    def _content_of(self, one: Finished) -> str:
        job = self._program.job(one.job)
        return self._content_at(job.pictures[one.number].path) if job else ""

    def _drawn_job(self, job_id: str, person: Person) -> Job | None:
        """The job of that id, unless it has ended or still waits: what a person saw may be over when they press."""
        own = (job for job in self._program.jobs() if is_own(person, job))
        drawn = next((job for job in own if _is_open(job)), None)
        return drawn if drawn and drawn.id == job_id else None

    def _drawing(self, job: Job, everybodys: Sequence[Job]) -> Drawing:
        is_first, before = job is everybodys[0], takewhile(lambda other: other is not job, everybodys)
        events = job.events_so_far()
        last: Event | None = events[-1] if events else None
        step = last if isinstance(last, Step) else None
        ended = sum(isinstance(event, ShotDone | ShotSkipped) for event in events)
        has_begun = any(isinstance(event, Step) for event in events)
        count = len(job.plan.shots)
        size = job.plan.shots[0].size
        return Drawing(
            job=job,
            width=size.width,
            height=size.height,
            number=min(ended + 1, count),
            count=count,
            loading=last.what if isinstance(last, Loading) else None,
            memory=_memory(events) or (self._warmed if is_first and not has_begun else None),
            step=step,
            finishing=last if isinstance(last, PassStep) else None,
            preview=last.preview if isinstance(last, Step | PassStep) else None,
            has_picture=any(isinstance(event, ShotDone) for event in events),
            ending=job.id in self._stopped,
            ahead=sum(_is_open(other) for other in before) if job.state is JobState.WAITING else 0,
        )

    def _pictures(self, job: Job) -> tuple[Finished, ...]:
        if job.id in self._ended:
            return self._ended[job.id]
        ended = not _is_open(job)
        pictures = tuple(self._finished(job, number, done) for number, done in enumerate(job.pictures))
        if ended:
            self._ended[job.id] = pictures
        return pictures

    def _finished(self, job: Job, number: int, done: ShotDone) -> Finished:
        size, start = done.record.shot.size, done.record.request.start
        return Finished(
            job=job.id,
            number=number,
            address=self._address_of(job, number),
            name=done.path.name,
            width=size.width,
            height=size.height,
            prompt=done.record.request.prompt,
            seed=done.record.shot.seed,
            id=self._program.history.id_at(done.path),
            parent=start.picture if start else "",
            sheet=next(iter(done.record.request.sheet), ""),
            model=next((used.name for used in done.record.models if used.kind is UsedAs.MODEL), ""),
        )


def _is_open(job: Job) -> bool:
    return job.state in {JobState.WAITING, JobState.RUNNING}


def _failure(job: Job) -> FoooError | None:
    if job.state is not JobState.FAILED:
        return None
    end = job.events_so_far()[-1]
    return end.error if isinstance(end, JobFailed) else None


def _left_out(jobs: Sequence[Job]) -> dict[str, FoooError | PassSkipped | ShotDone]:
    """Each finishing pass that came to nothing, and each picture that was blurred, by the job and what it was."""
    blurred: dict[str, FoooError | PassSkipped | ShotDone] = {
        f"{job.id} blurred {done.record.shot.number}": done
        for job in jobs
        for done in job.pictures
        if done.record.blurred
    }
    return blurred | {
        f"{job.id} {event.name} {event.shot}": event
        for job in jobs
        for event in job.events_so_far()
        if isinstance(event, PassSkipped)
    }


def _memory(events: Sequence[Event]) -> MemoryChosen | PrecisionRaised | None:
    """The newest word about the memory since the last step."""
    since = takewhile(lambda event: not isinstance(event, Step), reversed(events))
    return next((event for event in since if isinstance(event, MemoryChosen | PrecisionRaised)), None)
