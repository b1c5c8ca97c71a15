"""What pip says when it fails, and what to do about it; standard library only."""

import platform
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

# The first that fits counts: a lost network also ends in "no match".
MENDS: Final = (
    (
        "No space left|not enough space|Disk quota exceeded",
        "the disk is full: free 3 GB (10 GB for CUDA) where {prefix} lies and in the temporary folder, and start again",
    ),
    (
        "name resolution|NewConnectionError|Connection(Error| refused| reset| aborted|.*timed out)|ReadTimeout"
        "|ConnectTimeout|Network is unreachable|ProxyError|SSLError|CERTIFICATE_VERIFY_FAILED|HTTP error 5",
        "the package server cannot be reached: check the connection (or proxy, or pip's mirror) and start again",
    ),
    (
        "DO NOT MATCH THE HASHES|BadZipFile|has an invalid wheel|is invalid|IncompleteRead|not a zip file",
        "a downloaded file is damaged: run `python -m pip cache purge` and start again",
    ),
    ("Permission denied|Access is denied|Read-only file system", "{prefix} cannot be written: start as its owner"),
    ("Long Path", "Windows' limit of 260 letters is in the way: turn on Long Paths, or move the folder nearer to C:"),
    (
        "No matching distribution|Could not find a version|ResolutionImpossible|conflicting dependencies",
        "pip finds no fitting build for Python {python} on this machine: try another Python from 3.11 to 3.13,"
        " or another build with --torch",
    ),
    ("MemoryError|Killed", "the memory ran out: close other programs and start again"),
)


def mend(lines: Sequence[str], *, prefix: Path, log: Path | None) -> str:
    """One sentence from the many that a failed command left.

    Args:
        lines: All that it said.
        prefix: The environment it worked on.
        log: Where its words are kept.
    """
    text = "\n".join(lines)
    said = [line for line in lines if line and not line.startswith("[notice]")]
    kept = f" (pip's own words: {log})" if log else ""
    for pattern, sentence in MENDS:
        if re.search(pattern, text):
            return f"Setting up failed: {sentence.format(prefix=prefix, python=platform.python_version())}{kept}."
    return f"Setting up failed with {(said or ['no word'])[-1]!r}: start again with FOOO_VERBOSE=1 to see more{kept}."
