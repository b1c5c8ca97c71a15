"""Records of `logging` as lines: for people, or one JSON object each."""

import json
import logging
import re
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime

from fooo.logs.job import About, current
from fooo.logs.private import LEFT_OUT, without_credentials, without_words

_MOST_CHARACTERS = 20_000
_NOT_SHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
"""What moves a terminal's cursor or colours it: a line must not be able to hide another one."""
_ID_CHARACTERS = 8
_OURS = "fooo"


class Lines(logging.Formatter):
    """Formats records, without the words of the job that they belong to.

    Args:
        as_json: An object a line, with the whole id of the job; else a text, with its first eight characters.
        hidden: Passwords and keys that must not show up.
        with_words: Leave the words of jobs in.
    """

    def __init__(self, *, as_json: bool = False, hidden: tuple[str, ...] = (), with_words: bool = False) -> None:
        super().__init__()
        self._as_json, self._hidden, self._with_words = as_json, hidden, with_words

    def format(self, record: logging.LogRecord) -> str:
        about = current()
        text = self._message(record, about)
        if record.exc_info and record.exc_info[1]:
            text = f"{text}\n{self._trace(record.exc_info[1], about)}"
        text = without_credentials(text, self._hidden)
        text = _NOT_SHOWN.sub(lambda found: f"\\x{ord(found[0]):02x}", text)[:_MOST_CHARACTERS]
        return (_as_json if self._as_json else _as_text)(record, text, about)

    def _message(self, record: logging.LogRecord, about: About | None) -> str:
        if self._with_words or about is None:
            return record.getMessage()
        if record.name.partition(".")[0] != _OURS:
            return without_words(record.getMessage(), about.private)
        # the sentence is ours; what is filled in may be anybody's
        return _filled_in(record, about)

    def _trace(self, error: BaseException, about: About | None) -> str:
        if self._with_words:
            return "".join(traceback.format_exception(error)).rstrip()
        if about:
            return without_words("".join(traceback.format_exception(error)).rstrip(), about.private)
        # nobody knows what the message quotes
        frames = "".join(traceback.format_tb(error.__traceback__))
        return f"Traceback (most recent call last):\n{frames}{type(error).__name__}: {LEFT_OUT}"


def _filled_in(record: logging.LogRecord, about: About) -> str:
    def clean(value: object) -> object:
        return value if isinstance(value, int | float) else without_words(str(value), about.private)

    args = record.args
    if not args:
        return str(record.msg)
    if isinstance(args, Mapping):
        return str(record.msg) % {key: clean(value) for key, value in args.items()}
    return str(record.msg) % tuple(clean(value) for value in args)


def _as_json(record: logging.LogRecord, text: str, about: About | None) -> str:
    line = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "job": about.job_id if about else None,
        "text": text,
    }
    return json.dumps(line, ensure_ascii=False)


def _as_text(record: logging.LogRecord, text: str, about: About | None) -> str:
    """What has further lines shows them set in, so that none of them can pass for a line of its own."""
    time = datetime.fromtimestamp(record.created).isoformat(sep=" ", timespec="seconds")
    job = about.job_id[:_ID_CHARACTERS] if about else "-"
    name = record.name.removeprefix(f"{_OURS}.")
    return f"{time} {record.levelname:<7} {job:<{_ID_CHARACTERS}} {name}: " + text.replace("\n", "\n    ")
