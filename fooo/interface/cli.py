"""The command line: the verbs that need no page."""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from fooo.catalog import read_catalog
from fooo.doctor import Finding, as_line, examine
from fooo.doctor import as_json as findings_as_json
from fooo.doctor import exit_code as worst_of
from fooo.errors import EngineError, FoooError, ModelError, RequestError
from fooo.events import (
    Downloading,
    Event,
    JobDone,
    JobFailed,
    Loading,
    MemoryChosen,
    PassSkipped,
    PassStep,
    Placement,
    PrecisionRaised,
    ShotDone,
    ShotSkipped,
    Step,
)
from fooo.interface.arguments import Arguments
from fooo.interface.asked import read_asked
from fooo.interface.fetching import asker, fetch_needed
from fooo.interface.i18n import FALLBACK, read_languages
from fooo.interface.notes import notes_on, promised, told_of_memory, told_of_pass
from fooo.interface.terminal import legend, sources_of, words_of
from fooo.plan import Source
from fooo.request import Request
from fooo.service import Fooo, Job
from fooo.settings import NetworkSettings, Settings

STOPPED_BY_PERSON = 130
"""What shells say of a program that Ctrl-C ended."""


def exit_code(error: FoooError) -> int:
    """2: the person can mend the request; 3: a model file; 4: the machine."""
    match error:
        case RequestError():
            return 2
        case ModelError():
            return 3
        case EngineError():
            return 4
        case _:
            return 2


def make(program: Fooo, asked: Arguments) -> int:
    """Draw what was asked for, job after job; print the path of each picture as soon as it is written.

    Where models are missing that are published, the person is asked whether to fetch them first.

    Notes go beside them. Of several jobs one that fails is told, and the others are drawn.

    Returns:
        0, or the exit code of the first failure.

    Raises:
        FoooError: Before or while drawing a job that is alone; the pictures printed so far are kept.
    """
    requests = _requests(program, asked)
    fetch_needed(program, requests, asker(yes=asked.yes))
    return draw_each(program, requests)


def draw_each(program: Fooo, requests: Sequence[Request]) -> int:
    """Draw one job after the other, and print the path of each picture; notes go beside them, on stderr.

    Returns:
        0, or the exit code of the first failure.

    Raises:
        FoooError: As of `make`.
    """
    words = read_languages()[FALLBACK]

    def draw(request: Request, place: str) -> bool:
        job = program.submit(request)
        for note in notes_on(job.plan, words):
            print(note, file=sys.stderr)
        if sys.stderr.isatty() and (promise := promised([job.promise], words)):
            print(f"{promise.capitalize()}.", file=sys.stderr)
        if follow_to_the_end(job):
            return True
        where, its = (f" in {place}", "its ") if place else ("", "")
        kept = f"{len(job.pictures)} of {its}{len(job.plan.shots)} pictures are kept"
        print(f"Stopped{where}; {kept}.", file=sys.stderr)
        return False

    return _one_by_one(requests, draw)


def show_words(program: Fooo, asked: Arguments, *, coloured: bool) -> int:
    """Print what would be drawn and who says it, and draw nothing; loads no network.

    Returns:
        0, or the exit code of the first of several jobs that cannot be drawn.

    Raises:
        RequestError: The only job cannot be drawn.
    """
    words = read_languages()[FALLBACK]
    sources: set[Source] = set()

    def show(request: Request, place: str) -> bool:
        plan = program.plan(request)
        sources.update(sources_of(plan))
        lines = words_of(plan, words, coloured=coloured, promise=program.promise(plan))
        print(*([place.capitalize()] if place else []), *lines, sep="\n")
        return True

    ended = _one_by_one(_requests(program, asked), show)
    if sources - {Source.USER}:
        print(legend(sources, coloured=coloured))
    return ended


def doctor(settings: Settings, network: NetworkSettings, *, as_json: bool = False) -> int:
    """Say what is here, line by line or for scripts, and how to mend what is not; 0 when nothing is at fault.

    Raises:
        ModelError: What a model says it has learnt is broken.
    """
    catalog = read_catalog(styles=settings.styles, presets=settings.presets, models=settings.models)
    findings: list[Finding] = []
    for finding in examine(
        catalog,
        outputs=settings.outputs,
        places=settings.models,
        network=network,
        always_cpu=settings.always_cpu,
        logs=settings.logs,
    ):
        findings.append(finding)
        if not as_json:
            print(as_line(finding), flush=True)
    if as_json:
        print(findings_as_json(findings))
    return worst_of(findings)


def _requests(program: Fooo, asked: Arguments) -> tuple[Request, ...]:
    listed = read_asked(program, asked)
    for notice in listed.notices:
        print(notice, file=sys.stderr)
    return listed.requests


def _one_by_one(requests: Sequence[Request], do: Callable[[Request, str], bool]) -> int:
    """Do it with each, as long as it says to go on; `do` is also given the place among several, such as "job 2 of 5".

    Returns:
        0; the exit code of the first failure; or that of a program that was stopped.

    Raises:
        FoooError: The only one failed.
    """
    worst = 0
    for number, request in enumerate(requests, 1):
        place = f"job {number} of {len(requests)}" if len(requests) > 1 else ""
        try:
            if not do(request, place):
                return STOPPED_BY_PERSON
        except FoooError as error:
            if not place:
                raise
            print(f"{place.capitalize()}: {error}", file=sys.stderr)
            worst = worst or exit_code(error)
    return worst


def follow_to_the_end(job: Job) -> bool:
    """Print the job's pictures; False where the person, or who read the paths, stopped it.

    Raises:
        FoooError: The job failed.
    """
    printed: list[Path] = []
    try:
        _follow(job, printed)
    except KeyboardInterrupt:
        # the step under way is let finish, so a second Ctrl-C has nothing more to ask for
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _end(job)
        for done in job.pictures[len(printed) :]:
            print(done.path)
        return False
    except BrokenPipeError:
        # who read the paths went away; the interpreter must not find that out once more when it flushes
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _end(job)
        return False
    return True


def _end(job: Job) -> None:
    job.stop()
    for _ in job.events():
        pass


def _follow(job: Job, printed: list[Path]) -> None:
    total = sum(shot.steps for shot in job.plan.shots)
    # `disable=None` draws the bar for people only: into a pipe or a log it would be noise
    with tqdm(total=total, disable=None, leave=False, file=sys.stderr, unit="step") as bar:
        for event in job.events():
            _show(event, bar, printed)


def _show(event: Event, bar: "tqdm[Any]", printed: list[Path]) -> None:
    match event:
        case MemoryChosen() | PrecisionRaised():
            _tell_of_memory(event, bar)
        case Loading(what=what):
            bar.set_description_str(f"loading {what}")
        case Downloading(what=what):
            bar.set_description_str(f"downloading {what}")
        case Step():
            bar.set_description_str(f"picture {event.shot + 1}, {event.leg.value}")
            bar.update(event.done - bar.n)
        case PassStep():
            bar.set_description_str(f"picture {event.shot + 1}, {told_of_pass(event, read_languages()[FALLBACK])}")
        case PassSkipped():
            bar.write(told_of_pass(event, read_languages()[FALLBACK]), file=sys.stderr)
        case ShotDone():
            _print_done(event, bar)
            printed.append(event.path)
        case JobFailed(error=error):
            raise error
        case ShotSkipped() | JobDone():
            pass


def _print_done(done: ShotDone, bar: "tqdm[Any]") -> None:
    if done.record.blurred:
        bar.write(read_languages()[FALLBACK]("blurred"), file=sys.stderr)
    with bar.external_write_mode():
        print(done.path, flush=True)


def _tell_of_memory(event: MemoryChosen | PrecisionRaised, bar: "tqdm[Any]") -> None:
    """On a line of its own where it explains why drawing takes longer than it might."""
    told = told_of_memory(event, read_languages()[FALLBACK])
    if event == MemoryChosen(placement=Placement.ALL):
        bar.set_description_str(told)
    else:
        bar.write(told, file=sys.stderr)
