"""The last line of defence: a bug ends one task, and not the thread that others wait for."""

import logging
from collections.abc import Callable

from fooo.errors import EngineError, FoooError

log = logging.getLogger(__name__)


def guarded(do: Callable[[], None], fail: Callable[[FoooError], None]) -> None:
    """Do it; where that fails, in whatever way, say so in one sentence."""
    try:
        do()
    except FoooError as error:
        fail(_alone(error))
    except Exception as error:
        log.exception("unexpected")
        what = f"{type(error).__name__}: {error}"
        fail(EngineError(f"Something unexpected went wrong ({what}); the log has the details."))


def _alone(error: FoooError) -> FoooError:
    """The error without the frames that it came through: they hold the tensors of the call that failed."""
    error.__cause__ = error.__context__ = error.__traceback__ = None
    return error
