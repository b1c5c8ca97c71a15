"""The picture that something is done with: of this run, of the history, or brought to the page."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from fooo.errors import RequestError, UnreadableMetadata
from fooo.interface.people import HOST, Person, sees
from fooo.interface.web.history import kept_named, read_kept
from fooo.interface.web.uploads import uploaded
from fooo.record.history import Kept
from fooo.request import Request
from fooo.service import Fooo


@dataclass(frozen=True, slots=True)
class Target:
    """Args: path: Its file. own: What it was drawn by; None where it does not say, or where it was brought."""

    path: Path
    own: Request | None = None


def target_named(said: object, program: Fooo, person: Person = HOST) -> Target:
    """The picture that a press names.

    Args:
        said: By the page's script, as JSON: the `number` of a picture of a `job`, the id of one that is `kept` in the
            history, or the `path` of an upload.
        program: That drew the picture.
        person: Who presses: it must be one that they see.

    Raises:
        RequestError: The picture is gone.
    """
    try:
        content = cast(dict[str, Any], json.loads(str(said)))
        if "kept" in content:
            return _of_history(kept_named(said, program, person), program)
        found = _of_run(content, program, person) if "job" in content else _brought(content)
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError):
        found = None
    if found is None:
        raise RequestError("picture", "is not among those of this run", "reload the page, or drop its file here")
    return found


def _of_history(kept: Kept, program: Fooo) -> Target:
    try:
        return Target(kept.path, read_kept(kept, program).request)
    except UnreadableMetadata:
        return Target(kept.path)


def _of_run(content: Mapping[str, Any], program: Fooo, person: Person) -> Target | None:
    """Raises: ValueError, KeyError, TypeError, IndexError, OverflowError: It names none."""
    job, number = program.job(str(content["job"])), int(content["number"])
    if job is None or not sees(person, job) or number < 0:
        return None
    done = job.pictures[number]
    if not program.archive.holds(done.path):
        return None
    return Target(done.path, done.record.request)


def _brought(content: Mapping[str, Any]) -> Target | None:
    """Raises: KeyError: It names none."""
    path = uploaded(content["path"])
    return Target(path) if path else None
