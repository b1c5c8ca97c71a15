"""Every picture that is kept in a folder: found again by words, marked, thrown away and put back."""

from fooo.record.history.bundle import zip_of
from fooo.record.history.family import Family, content_of, difference
from fooo.record.history.history import History
from fooo.record.history.kept import Choices, Found, Kept, Wanted
from fooo.record.history.trash import DAYS_IN_TRASH

__all__ = [
    "DAYS_IN_TRASH",
    "Choices",
    "Family",
    "Found",
    "History",
    "Kept",
    "Wanted",
    "content_of",
    "difference",
    "zip_of",
]
