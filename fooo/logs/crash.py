"""Reports of crashes: a file each, with what helps to find the cause and without what the person asked for."""

import json
import platform
import sys
import threading
import traceback
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Any

import fooo
from fooo.errors import FoooError
from fooo.logs.job import About, current
from fooo.logs.private import LEFT_OUT, without_credentials, without_words
from fooo.plan import Plan, Shot

_PACKAGES = ("torch", "diffusers", "transformers", "onnxruntime", "numpy", "pydantic", "gradio")
_MOST_KEPT = 20
_MOST_LINES = 60
_MOST_BYTES = 200_000
"""Of the log, from its end: more than so many lines have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash:
    """What is known of one.

    Attributes:
        sentence: That the person is told.
        device: What drew, in words; empty where it is not known.
        trace: Of the code that ran; empty where nothing was left of it.
        plan: That was carried out.
    """

    sentence: str
    device: str = ""
    trace: str = ""
    plan: Plan | None = None


class CrashReports:
    """Writes them; the newest twenty are kept.

    Args:
        folder: Made with the first one.
        log: The file of the log, whose last lines are taken over; None: none are.
        with_words: Whether prompts may stand in them.
        hidden: Passwords and keys that must not show up.
    """

    def __init__(
        self,
        folder: Path,
        *,
        log: Path | None = None,
        with_words: bool = False,
        hidden: tuple[str, ...] = (),
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self.folder, self._log, self._with_words, self._hidden, self._now = folder, log, with_words, hidden, now

    def write(self, crash: Crash) -> Path | None:
        """The report's path; None where the disk takes none."""
        text = without_credentials("\n".join(self._parts(crash, current())), self._hidden)
        path = self.folder / f"crash-{self._now():%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}.txt"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
            for old in _reports(self.folder)[_MOST_KEPT:]:
                old.unlink(missing_ok=True)
        except OSError:
            return None
        return path

    def _parts(self, crash: Crash, about: About | None) -> Iterator[str]:
        private = "" if self._with_words or about is None else about.private
        yield f"{self._now():%Y-%m-%d %H:%M:%S} {without_words(crash.sentence, private)}"
        yield f"job: {about.job_id if about else '-'}"
        yield f"device: {crash.device or 'not known'}"
        yield f"versions: {', '.join(_versions())}"
        if crash.plan:
            yield f"plan: {json.dumps(_plan(crash.plan, with_words=self._with_words), ensure_ascii=False, indent=1)}"
        yield f"\ntraceback:\n{without_words(crash.trace, private).rstrip() or 'none was left'}"
        yield "\nthe last lines of the log:"
        yield from (without_words(line, private) for line in _last_lines(self._log))


@contextmanager
def crashes_reported(reports: CrashReports) -> Generator[None]:
    """What nobody has expected leaves a report, in any thread; stderr says where. It is raised all the same."""
    before = threading.excepthook

    def in_a_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            _report(reports, args.exc_value, args.exc_traceback)
        before(args)

    def leave(_kind: object, error: BaseException | None, frames: TracebackType | None) -> None:
        threading.excepthook = before
        if isinstance(error, Exception) and not isinstance(error, FoooError):
            _report(reports, error, frames)

    threading.excepthook = in_a_thread
    with ExitStack() as stack:
        stack.push(leave)
        yield


def newest_report(folder: Path) -> Path | None:
    """The report of the last crash; None where there was none."""
    return next(iter(_reports(folder)), None)


def _report(reports: CrashReports, error: BaseException, frames: TracebackType | None) -> None:
    # what an error quotes may be anybody's words: its kind and its place say enough
    name = type(error).__name__
    trace = f"{''.join(traceback.format_tb(frames))}{name}: {LEFT_OUT}"
    path = reports.write(Crash(sentence=f"Fooo met something unexpected ({name}).", trace=trace))
    if path and sys.stderr is not None:
        sys.stderr.write(f"Fooo met something unexpected ({name}); what is known of it lies in {path}.\n")


def _reports(folder: Path) -> list[Path]:
    """Newest first: their names begin with the time."""
    return sorted(folder.glob("crash-*.txt"), reverse=True)


def _versions() -> Iterator[str]:
    yield f"fooo {fooo.__version__}"
    yield f"Python {platform.python_version()} on {platform.system()} {platform.release()} {platform.machine()}"
    for name in _PACKAGES:
        with suppress(PackageNotFoundError):
            yield f"{name} {version(name)}"


def _plan(plan: Plan, *, with_words: bool) -> object:
    """Without the request and the texts: only how it is drawn."""
    if with_words:
        return plan.model_dump(mode="json")
    return {"shots": [_shot(shot) for shot in plan.shots]}


def _shot(shot: Shot) -> dict[str, Any]:
    return {
        "number": shot.number,
        "seed": shot.seed,
        "positive_tokens": shot.texts.positive_tokens,
        "negative_tokens": shot.texts.negative_tokens,
        "passes": [each.model_dump(mode="json", exclude={"words", "picture"}) for each in shot.passes],
    }


def _last_lines(log: Path | None) -> list[str]:
    if log is None:
        return []
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _MOST_BYTES))
            return file.read().decode("utf-8", "replace").splitlines()[-_MOST_LINES:]
    except OSError:
        return []
