"""Makes the next thing while the last one is used."""

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")


def one_ahead(items: Iterator[T], give_up: Callable[[], object]) -> Generator[T]:
    """The same items in the same order, each made in a thread of its own while the one before it is used.

    What making an item raises is raised when its turn comes, so that none before it is lost.

    Args:
        items: Made in one thread, which is always the same.
        give_up: Called when no more items are wanted: lets the one that is being made end soon.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="fooo-ahead") as worker:
        run = copy_context().run  # what is logged there belongs to the job of who asks
        coming = worker.submit(run, next, items, None)
        try:
            while (item := coming.result()) is not None:
                coming = worker.submit(run, next, items, None)
                yield item
        except (GeneratorExit, KeyboardInterrupt):
            give_up()
            raise
