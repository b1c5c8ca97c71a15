"""Sets the log up, in one place and for as long as the program runs."""

import logging
import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path

from fooo.logs.lines import Lines

_FILE_BYTES, _OLDER_FILES = 2_000_000, 4
"""About 100,000 lines in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """Of the log.

    Attributes:
        folder: Where the file is; None: there is none.
        level: The least that is written, as of `logging`.
        as_json: An object a line.
        with_words: Whether the words of prompts may stand there.
        hidden: Passwords and keys that must not show up.
    """

    folder: Path | None = None
    level: int = logging.WARNING
    as_json: bool = False
    with_words: bool = False
    hidden: tuple[str, ...] = field(default=(), repr=False)


def log_file(folder: Path) -> Path:
    """The newest; older ones beside it end in .1, .2 and so on."""
    return folder / "fooo.log"


@contextmanager
def logging_set_up(settings: LogSettings) -> Generator[None]:
    """What is logged inside goes to stderr and to the file; of other packages' lines only warnings."""
    ours, root = logging.getLogger("fooo"), logging.getLogger()
    before = ours.level
    lines = Lines(as_json=settings.as_json, hidden=settings.hidden, with_words=settings.with_words)
    with ExitStack() as stack:
        for handler in _handlers(settings):
            handler.setFormatter(lines)
            root.addHandler(handler)
            stack.callback(handler.close)
            stack.callback(root.removeHandler, handler)
        ours.setLevel(settings.level)
        stack.callback(ours.setLevel, before)
        yield


def _handlers(settings: LogSettings) -> Iterator[logging.Handler]:
    if sys.stderr is not None:  # as it is without a console
        yield logging.StreamHandler(sys.stderr)
    if settings.folder:
        yield _Kept(log_file(settings.folder))


class _Kept(RotatingFileHandler):
    """A file of a limited size, of which the first line makes folder and file."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_FILE_BYTES, backupCount=_OLDER_FILES, encoding="utf-8", delay=True)
        self._broken = False

    def emit(self, record: logging.LogRecord) -> None:
        try:
            Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        except OSError:
            return self.handleError(record)
        return super().emit(record)

    def doRollover(self) -> None:  # noqa: N802 - logging's name for it
        try:
            super().doRollover()
        except OSError:  # another program on the same folder has it open: it goes on a little longer
            self.stream = self._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name for it
        """A disk that takes no line costs no picture; it is said once."""
        del record
        if not self._broken and sys.stderr is not None:
            self._broken = True
            reason = sys.exc_info()[1]
            sys.stderr.write(f"The log {self.baseFilename} cannot be written ({reason}); look at the disk.\n")
