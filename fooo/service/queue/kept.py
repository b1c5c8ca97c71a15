"""Opens the queue that outlives the program; one that is damaged is set aside, and what can be is found again."""

import logging
import uuid
from collections.abc import Iterator
from contextlib import suppress
from itertools import count, islice
from pathlib import Path

from fooo.errors import FoooError, QueueUnusable
from fooo.events import ShotDone
from fooo.plan import Plan
from fooo.record import read_record
from fooo.request import FileFormat
from fooo.service.queue.database import QueueDamaged
from fooo.service.queue.queue import Queue

log = logging.getLogger(__name__)

_MOST_FOUND = 200
"""Pictures: as many as are shown of earlier runs."""


def open_queue(path: Path, outputs: Path) -> Queue:
    """The queue in that file, made where there is none.

    Of one that is damaged the jobs that waited are lost; the newest pictures are listed again, by their own records.

    Args:
        path: Of the file.
        outputs: Where the pictures are.

    Raises:
        QueueUnusable: It cannot be opened or written, or is from a newer version; it was not touched.
    """
    try:
        return Queue(path)
    except QueueDamaged:
        aside = _set_aside(path)
    queue = Queue(path)
    found = list(islice(_newest_pictures(outputs), _MOST_FOUND))
    for done in reversed(found):
        plan = Plan(request=done.record.request, shots=(done.record.shot,))
        queue.remember(uuid.uuid4().hex, plan, done, person=_person_of(done.path, outputs))
    log.warning(
        "The queue %s was damaged and lies in %s now; what waited in it is to be asked for again. "
        "%d pictures of earlier runs were found by their own records.",
        path,
        aside.name,
        len(found),
    )
    return queue


def _set_aside(path: Path) -> Path:
    """Move the file, and its journal, to the first name that is free.

    Raises:
        QueueUnusable: It cannot be moved.
    """
    names = (path.with_name(f"{path.name}.damaged-{number}") for number in count(1))
    aside = next(name for name in names if not name.exists())
    try:
        path.replace(aside)
        for journal in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                path.with_name(path.name + journal).replace(aside.with_name(aside.name + journal))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise QueueUnusable(f"The queue {path} is damaged and cannot be moved ({reason}); move it away.") from None
    return aside


def _newest_pictures(outputs: Path) -> Iterator[ShotDone]:
    """Those of ours that can be read, newest first: their names begin with the time."""
    endings = {each.ending for each in FileFormat}
    patterns = ("*", "*/*", "*/*/*")
    paths = (path for pattern in patterns for path in outputs.glob(pattern) if path.suffix in endings)
    shown = (path for path in paths if not any(part.startswith(".") for part in path.relative_to(outputs).parts))
    real = outputs.resolve()
    ours = (path for path in shown if path.resolve().is_relative_to(real))
    for path in sorted(ours, key=lambda path: path.name, reverse=True):
        with suppress(FoooError, OSError):
            yield ShotDone(read_record(path), path)


def _person_of(path: Path, outputs: Path) -> str:
    """Whose folder it lies in: `outputs/<person>/<day>/<picture>`; empty: nobody's."""
    folders = path.relative_to(outputs).parts[:-1]
    return folders[0] if len(folders) > 1 else ""
