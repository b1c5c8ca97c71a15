"""What the page does with a picture of the history. Its list is asked for by the page's script: `/api/history`."""

from fooo.interface.web.history.chosen import kept_named, read_kept, read_named
from fooo.interface.web.history.words import history_words

__all__ = ["history_words", "kept_named", "read_kept", "read_named"]
