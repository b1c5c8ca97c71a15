"""The command line: the verbs that need no page."""

import json
import os
import platform
import shutil
import signal
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, cast

from tqdm import tqdm

import fooo
from fooo.errors import EngineError, FoooError, ModelError, RequestError
from fooo.events import Event, JobDone, JobFailed, Loading, ShotDone, ShotSkipped, Step
from fooo.interface.arguments import Arguments
from fooo.interface.i18n import FALLBACK, read_languages
from fooo.interface.notes import note_on
from fooo.request import Partial, merge, read_request
from fooo.service import Fooo, Job

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
    """Draw what was asked for; print the path of each picture as soon as it is written, and notes beside them.

    Raises:
        FoooError: Before or while drawing; the pictures printed so far are kept.
    """
    request = read_request(partial_request(asked))
    job = program.submit(request)
    if note := note_on(job.plan, read_languages()[FALLBACK]):
        print(note, file=sys.stderr)
    printed: list[Path] = []
    try:
        return _follow(job, printed)
    except KeyboardInterrupt:
        # the step under way is let finish, so a second Ctrl-C has nothing more to ask for
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _end(job)
        for done in job.pictures[len(printed) :]:
            print(done.path)
    except BrokenPipeError:
        # who read the paths went away; the interpreter must not find that out once more when it flushes
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _end(job)
    print(f"Stopped; {len(job.pictures)} of {len(job.plan.shots)} pictures are kept.", file=sys.stderr)
    return STOPPED_BY_PERSON


def partial_request(asked: Arguments) -> Partial:
    """The request of the flags over that of the file that `--json` names.

    Raises:
        RequestError: The file or the size cannot be read.
    """
    flags: dict[str, Any] = {
        "prompt": asked.prompt,
        "negative": asked.negative,
        "styles": asked.style,
        "preset": asked.preset,
        "size": asked.size,
        "sampling": _given({"seed": asked.seed, "steps": asked.steps}),
        "output": _given({"count": asked.number}),
    }
    return merge(_read_json(Path(asked.json)) if asked.json else {}, _given(flags))


def doctor(program: Fooo, models: tuple[Path, ...]) -> int:
    """Say what is here, line by line, and how to mend what is not; 0 when a picture can be drawn."""
    catalog = program.catalog
    lines: dict[str, Callable[[], str]] = {
        "Fooo": lambda: fooo.__version__,
        "Python": lambda: f"{platform.python_version()} ({sys.executable})",
        "Packages": _packages,
        "Draws on": program.device,
        "Models": lambda: _models(program, models),
        "Styles": lambda: str(len(catalog.styles)),
        "Presets": lambda: ", ".join(catalog.presets),
        "Pictures": lambda: _pictures(program),
    }
    worst = 0
    for name, tell in lines.items():
        try:
            print(f"{name:<10}{tell()}")
        except FoooError as error:
            print(f"{name:<10}{error}")
            worst = max(worst, exit_code(error))
    return worst


def _packages() -> str:
    found: list[str] = []
    for name in ("torch", "diffusers", "transformers", "gradio"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            raise EngineError(f"{name} is missing; start with launch.py, which installs it.") from None
    return ", ".join(found)


def _models(program: Fooo, folders: tuple[Path, ...]) -> str:
    if program.catalog.first_base() is None:
        raise ModelError(folders[0], "holds no model", "restore models/pocket from the download of Fooo")
    return ", ".join(program.catalog.models)


def _pictures(program: Fooo) -> str:
    program.archive.check_writable()
    free = shutil.disk_usage(program.archive.folder).free / 2**30
    return f"{program.archive.folder} ({free:.0f} GiB free)"


def _end(job: Job) -> None:
    job.stop()
    for _ in job.events():
        pass


def _follow(job: Job, printed: list[Path]) -> int:
    total = sum(shot.steps for shot in job.plan.shots)
    # `disable=None` draws the bar for people only: into a pipe or a log it would be noise
    with tqdm(total=total, disable=None, leave=False, file=sys.stderr, unit="step") as bar:
        for event in job.events():
            _show(event, bar, printed)
    return 0


def _show(event: Event, bar: "tqdm[Any]", printed: list[Path]) -> None:
    match event:
        case Loading(what=what):
            bar.set_description_str(f"loading {what}")
        case Step():
            bar.set_description_str(f"picture {event.shot + 1}, {event.leg.value}")
            bar.update(event.done - bar.n)
        case ShotDone(path=path):
            with bar.external_write_mode():
                print(path, flush=True)
            printed.append(path)
        case JobFailed(error=error):
            raise error
        case ShotSkipped() | JobDone():
            pass


def _given(values: dict[str, Any]) -> dict[str, Any]:
    """Without what was not typed."""
    return {name: value for name, value in values.items() if value is not None and value != {}}


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content: object = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise RequestError("--json", f"{path} cannot be read ({error.strerror})", "name another file") from None
    except (ValueError, RecursionError) as error:
        raise RequestError("--json", f"{path} is not JSON ({error})", "mend the file") from None
    if not isinstance(content, dict):
        raise RequestError("--json", f"{path} holds no JSON object", "put the request between { and }")
    return cast(dict[str, Any], content)
