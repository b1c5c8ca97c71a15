"""What failed, in words, and which open page has been told of it, so that each is told once."""

import threading

from fooo.errors import FoooError, RequestError
from fooo.events import PassSkipped, ShotDone
from fooo.interface.i18n import Words
from fooo.interface.notes import told_of_error, told_of_pass
from fooo.interface.web.fields import FIELDS
from fooo.interface.web.view import View

_MOST_PAGES = 1000
"""Open pages of which is known what they were told; more would be kept for nobody."""


class FailuresTold:
    """Safe from any thread."""

    def __init__(self) -> None:
        self._told: dict[str | None, set[str]] = {}
        self._lock = threading.Lock()

    def news(self, page: str | None, view: View) -> list[FoooError | PassSkipped | ShotDone]:
        """Why jobs failed that this page has not been told of; from now on it has. Args: page: Its session."""
        told = self.to(page, view)
        news = [error for job_id, error in view.failed.items() if job_id not in told]
        told.update(view.failed)
        return news

    def to(self, page: str | None, view: View) -> set[str]:
        """The failed jobs that this page has been told of; at first all but the newest job, which may be its own."""
        with self._lock:
            while len(self._told) >= _MOST_PAGES and page not in self._told:
                del self._told[next(iter(self._told))]
            return self._told.setdefault(page, {each for each in view.failed if each != view.newest})


def sentence_of(error: FoooError | PassSkipped | ShotDone, words: Words) -> str:
    """What a person is told of it, in the words of the page."""
    if isinstance(error, ShotDone):
        return words("blurred")
    if isinstance(error, PassSkipped):
        return told_of_pass(error, words)
    if isinstance(error, RequestError):
        problem, hint = words.sentences(error.problem), words.sentences(error.hint)
        return words("field_problem", field=_label(error.field, words), problem=problem, hint=hint)
    return told_of_error(error, words)


def _label(field: str, words: Words) -> str:
    """What the page calls a field of the request; `styles.0` is one of `styles`."""
    labels = {each.path: words(each.label) for each in FIELDS}
    whole = field.rstrip("0123456789").removesuffix(".")
    return labels.get(field) or labels.get(whole) or words.sentences(field)
