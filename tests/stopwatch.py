"""How long a call takes, also on a machine that is busy with others."""

import contextlib
import time
from collections.abc import Callable

from fooo.errors import FoooError


def seconds(
    call: Callable[[], object], *, enough: float = 0.0, tries: int = 5, clock: Callable[[], float] = time.thread_time
) -> float:
    """Of this thread's own computing, the best of some tries; a call that is refused counts too.

    One try can be slow for no fault of the call: Python looks for garbage among everything that the tests before
    have left, and that is 1 s of its own.

    Args:
        enough: No further try is needed once one took less than this.
        clock: `time.monotonic` where the work is another process's.
    """
    found: list[float] = []
    for _ in range(tries):
        started = clock()
        with contextlib.suppress(FoooError):
            call()
        found.append(clock() - started)
        if found[-1] < enough:
            break
    return min(found)
