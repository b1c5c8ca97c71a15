"""Asks the person at the terminal whether missing models may be fetched, and shows how far they are."""

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from tqdm import tqdm

from fooo.catalog import PresetFile
from fooo.catalog.known_models import described
from fooo.request import Request
from fooo.service import Downloads, DownloadState, Fooo

Ask = Callable[[str], bool]
"""A question to the person; whether they said yes."""


def fetch_needed(program: Fooo, requests: Iterable[Request], ask: Ask) -> None:
    """Fetch what the requests need and is not here, where the person says yes; else planning says what is missing.

    Ctrl-C leaves what has come where the next try takes it up.

    Raises:
        FoooError: A file cannot be had.
    """
    files = {file.name: file for request in requests for file in program.needed_files(request)}
    if files and ask(f"Not here: {', '.join(described(file) for file in files.values())}. Fetch?"):
        program.downloads.start(files.values())
        _follow(program.downloads, list(files.values()))


def asker(*, yes: bool) -> Ask:
    """Asks on the terminal; where there is nobody to ask, only `yes` means yes."""

    def ask(question: str) -> bool:
        if yes:
            return True
        with suppress(EOFError):
            return sys.stdin.isatty() and input(f"{question} [y/N] ").strip().casefold() in {"y", "yes"}
        return False

    return ask


def _follow(downloads: Downloads, files: Sequence[PresetFile]) -> None:
    """Raises: FoooError: One of them failed."""
    names = {file.name for file in files}
    with tqdm(disable=None, leave=False, file=sys.stderr, unit="B", unit_scale=True) as bar:
        for now in downloads.changes():
            ours = [each for each in now if each.file.name in names]
            running = next((each for each in ours if each.state is DownloadState.RUNNING), None)
            if running:
                bar.set_description_str(running.file.name)
                bar.total = running.total
                bar.update(running.done - bar.n)
    for each in downloads.now():
        if each.file.name in names and each.error:
            raise each.error
