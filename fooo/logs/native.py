"""Crashes in native code, which nothing of the program outlives: where its code was is told at the next start."""

import faulthandler
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress

import psutil

from fooo.logs.crash import Crash, CrashReports

_NAMED = "running-{}.txt"
_MOST_BYTES = 100_000


@contextmanager
def native_crashes_reported(reports: CrashReports) -> Generator[None]:
    """Report the native crashes of the runs before, and keep a file for one of this run. It goes when the block ends.

    Where the folder cannot be written nothing is kept, and nothing else changes.
    """
    _report_earlier(reports)
    own = reports.folder / _NAMED.format(os.getpid())
    try:
        reports.folder.mkdir(parents=True, exist_ok=True)
        file = own.open("w", encoding="utf-8")
    except OSError:
        yield
        return
    with file:
        faulthandler.enable(file)
        try:
            yield
        finally:
            faulthandler.disable()
    with suppress(OSError):
        own.unlink()


def _report_earlier(reports: CrashReports) -> None:
    for file in reports.folder.glob(_NAMED.format("*")):
        pid = file.stem.rpartition("-")[2]
        # an empty one is of a program that still runs, or of one that was killed, which is no crash
        with suppress(OSError):
            trace = file.read_bytes()[:_MOST_BYTES].decode("utf-8", "replace")
            if trace:
                reports.write(Crash(sentence="Fooo crashed in native code, and was started again.", trace=trace))
            if trace or not (pid.isdecimal() and psutil.pid_exists(int(pid))):
                file.unlink()
