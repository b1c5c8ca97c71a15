"""What stands on the shelf: files that can be used, and files that cannot."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from fooo.catalog.model_files.contents import FileIdentity
from fooo.catalog.model_files.notes import Notes
from fooo.catalog.shelf.walk import FoundFile


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfFile:
    """A file that can be used.

    Attributes:
        name: Its path below its model folder, such as `mine/x.safetensors`; where an earlier file of the same use has
            that name, as much more of the path as tells the two apart.
        found: Where it lies, how large it is, when it was changed.
        identity: What it holds, and what its header says.
        notes: What the files beside it say.
    """

    name: str
    found: FoundFile
    identity: FileIdentity
    notes: Notes

    @property
    def path(self) -> Path:
        return Path(self.found.path)

    @property
    def title(self) -> str | None:
        return self.notes.title or self.identity.title

    @property
    def trigger_words(self) -> tuple[str, ...]:
        """What a person wrote down beside it, else what its header says."""
        return self.notes.trigger_words or self.identity.trigger_words


class Refusal(StrEnum):
    PICKLE = "pickle"
    DAMAGED = "damaged"
    UNKNOWN = "unknown"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that is there and cannot be used. Args: sentence: Why, and what to do."""

    found: FoundFile
    refusal: Refusal
    sentence: str
