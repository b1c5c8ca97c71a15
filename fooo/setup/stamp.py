"""The stamp that setting up leaves in an environment: while it fits, a start runs no pip and no network."""

import hashlib
import json
import sys
from dataclasses import asdict, dataclass

from fooo.setup.packages import has_names, installed_torch
from fooo.setup.places import CONSTRAINTS, ORACLE, PROJECT, STAMP


@dataclass(frozen=True)
class Stamp:
    """What was installed, by which files and with which Python."""

    inputs: str
    """The fingerprint of the files that say what to install."""
    python: str
    """As "3.12"."""
    extras: list[str]
    wish: str | None
    """The build of PyTorch that somebody asked for."""
    torch: str | None
    """The build of PyTorch that is there."""

    def fits(self, extras: set[str], wish: str | None) -> bool:
        """Whether all that is wanted now was installed and has not been removed or replaced since."""
        return (
            self.inputs == fingerprint()
            and self.python == python_version()
            and extras <= set(self.extras)
            and wish in {None, self.wish, self.torch}
            and self.torch == installed_torch()
            and has_names(extras)
        )


def read_stamp() -> Stamp | None:
    """The stamp of this Python; None: there is none, or none that can be read."""
    try:
        return Stamp(**json.loads(STAMP.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_stamp(extras: set[str], wish: str | None) -> None:
    """Mark this Python as set up with `extras` and `wish`; a cut leaves the old stamp or the new one, whole."""
    stamp = Stamp(fingerprint(), python_version(), sorted(extras), wish, installed_torch())
    draft = STAMP.with_suffix(".new")
    draft.write_text(json.dumps(asdict(stamp)), "utf-8")
    draft.replace(STAMP)


def fingerprint() -> str:
    """Changes with anything that says what to install."""
    files = (PROJECT, CONSTRAINTS, ORACLE)
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files if file.exists())).hexdigest()


def python_version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"
