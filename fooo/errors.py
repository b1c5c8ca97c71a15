"""Everything that may go wrong, in one tree.

    FoooError                      str(error) is one sentence for the user, with the next step
    ├─ RequestError                the user can fix it; names the field
    │  ├─ UnknownName              no style, preset, sampler or model of that name
    │  ├─ BadPicture               a picture file that cannot be used
    │  └─ UnreadableMetadata       the picture holds no record that we can read
    ├─ NotAllowed                  this person may not do it, or has had their share
    ├─ ModelError                  a weight file: missing, damaged, of another kind
    └─ EngineError                 the machine: no memory, no disk, broken numbers
       ├─ OutOfMemory
       ├─ BadNumbers               the networks gave NaN or infinity
       ├─ StorageFull
       ├─ QueueUnusable            the file that keeps the queue
       └─ WorkerDied               the process that draws crashed, or hung and was ended

Not in the tree, because nothing failed: a job that was stopped or a shot that was skipped is a result.
"""

import difflib
from collections.abc import Iterable
from pathlib import Path


class FoooError(Exception):
    """Base of all errors that reach a user. `str(error)` is a sentence for them."""


class RequestError(FoooError):
    """The request cannot be carried out as written.

    Args:
        field: Dotted path in the request, e.g. ``"sampling.steps"``.
        problem: What is wrong, with the value.
        hint: What to do about it.
    """

    def __init__(self, field: str, problem: str, hint: str) -> None:
        super().__init__(f"{field}: {problem}; {hint}.")
        self.field, self.problem, self.hint = field, problem, hint


class UnknownName(RequestError):
    """A name in the request that the catalog does not hold; the hint offers the nearest ones."""

    def __init__(self, field: str, name: str, known: Iterable[str]) -> None:
        names = list(known)
        by_folded = {each.casefold(): each for each in names}
        near = [by_folded[each] for each in difflib.get_close_matches(name.casefold(), by_folded, n=3, cutoff=0.5)]
        offered = " or ".join(near) if near else ", ".join(sorted(names)[:12]) or "none is installed"
        super().__init__(field, f"there is no {name!r}", f"{'did you mean' if near else 'there is'}: {offered}")


class BadPicture(RequestError):
    """A picture file that cannot be used; the field is its path."""


class UnreadableMetadata(RequestError):
    """The picture holds no record that can be read."""


class NotAllowed(FoooError):
    """The person who asks may not do that, or has had their share."""


class ModelError(FoooError):
    """A weight file is missing, damaged or of another kind.

    Args:
        path: The file or folder at fault.
        problem: What is wrong with it.
        hint: What to do about it.
    """

    def __init__(self, path: Path, problem: str, hint: str) -> None:
        super().__init__(f"The model file {path} {problem}; {hint}.")
        self.path, self.problem, self.hint = path, problem, hint


class EngineError(FoooError):
    """The machine could not finish a plan that was valid."""


class OutOfMemory(EngineError):
    """The device, or the processor, had not the memory."""


class BadNumbers(EngineError):
    """A network gave NaN or infinity."""


class StorageFull(EngineError):
    """A finished picture could not be written."""


class QueueUnusable(EngineError):
    """The file that keeps the queue cannot be read or written."""


class WorkerDied(EngineError):
    """The process that draws crashed, was ended by the system, or hung and was ended; the next job gets a new one."""
