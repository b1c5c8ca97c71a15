"""What is said of a published file that is not here."""

from collections.abc import Generator
from contextlib import contextmanager

from fooo.catalog.known_models import known_file
from fooo.errors import RequestError, UnknownName


def how_to_fetch(name: str) -> str:
    """The hint of a sentence that says that it is not here."""
    return f"fetch it: python launch.py models add {name}"


@contextmanager
def told_how_to_get(name: str, at: str) -> Generator[None]:
    """Of a published file that is not here it is said how it gets here."""
    try:
        yield
    except UnknownName:
        if known_file(name) is None:
            raise
        raise RequestError(at, f"{name!r} is not here", how_to_fetch(name)) from None
