"""What each person asked for last, kept on disk, so that it is there again after a restart."""

import json
import logging
import threading
from pathlib import Path
from typing import Any, cast

from fooo.atomic import atomic_write
from fooo.errors import RequestError
from fooo.record.archive import person_folder
from fooo.request import Request, only_set_fields, read_request

log = logging.getLogger(__name__)

_VERSION = 1
"""Of the file's form; one of a newer program is left as it is."""

_NOBODYS = "_"
"""The name of the file where nobody logs in; no person's is called so."""

_MOST_BYTES = 2**20
"""Of a file; the longest request is much shorter."""


class LastAsked:
    """A file for each person, read once. Safe from any thread.

    Args:
        folder: Made with the first request.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, Request | None] = {}
        self._lock = threading.Lock()

    @classmethod
    def beside(cls, outputs: Path) -> "LastAsked":
        """Those that are kept with the pictures in a folder."""
        return cls(outputs / ".asked_last")

    def of(self, person: str) -> Request | None:
        """None where there is none that this version can read. Args: person: Empty where nobody logs in."""
        with self._lock:
            if person not in self._known:
                self._known[person] = self._read(self._path(person))
            return self._known[person]

    def keep(self, asked: Request, person: str) -> None:
        """From now on this is the last one; where it cannot be written, for as long as the program runs."""
        path = self._path(person)
        with self._lock:
            self._known[person] = asked
            content = json.dumps({"version": _VERSION, "request": only_set_fields(asked)}, ensure_ascii=False)
            try:
                if path.exists() and self._read(path) is None:
                    # its words may be all that somebody has left of them
                    path.replace(path.with_suffix(".unread"))
                with atomic_write(path) as part:
                    part.touch(mode=0o600)
                    part.write_text(content, encoding="utf-8")
            except OSError as error:
                log.warning("What was asked for last could not be kept in %s (%s).", path, error.strerror)

    def _path(self, person: str) -> Path:
        return self._folder / f"{person_folder(person) or _NOBODYS}.json"

    def _read(self, path: Path) -> Request | None:
        try:
            with path.open("rb") as stream:
                found: object = json.loads(stream.read(_MOST_BYTES))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            log.warning("What was asked for last cannot be read from %s (%s).", path, error)
            return None
        kept = cast(dict[str, Any], found) if isinstance(found, dict) else {}
        try:
            if kept.get("version") == _VERSION and isinstance(kept.get("request"), dict):
                return read_request(kept["request"])
        except RequestError as error:
            log.warning("What was asked for last in %s is no request of this version (%s).", path, error)
        return None
