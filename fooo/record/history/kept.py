"""What the history tells of a picture, and what may be asked of it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A picture of the history.

    Attributes:
        id: Stands for the path, which nobody has to be told.
        path: Of its file, below the folder of all.
        made: When, as `2026-01-02T03:04:05`: as its name says, else when the file was changed.
        thrown: When it was thrown away, written so too; empty where it was not.
        changed: The file, in nanoseconds since 1970: another number means another picture.
        words: That it was drawn by; empty where it does not say.
        seed: In decimal digits; empty where it does not say.
        width, height: Pixels, as it is seen.
        parent: The SHA-256 of the file that it was begun with; empty where it was drawn from noise.
    """

    id: str
    path: Path
    made: str
    thrown: str
    changed: int
    words: str
    styles: tuple[str, ...]
    model: str
    seed: str
    width: int
    height: int
    favourite: bool
    parent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which pictures are looked for.

    Attributes:
        words: Each of them is in the prompt, the styles, the model, the seed or the file's name.
        style, model: Their names; empty: any.
        favourite: Only those.
        thrown: Those in the trash, in place of the others.
        folders: Of the people whose pictures they are; empty text: of nobody in particular. None: of all.
    """

    words: str = ""
    style: str = ""
    model: str = ""
    favourite: bool = False
    thrown: bool = False
    folders: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of pictures, newest first. Args: total: Of all pages. after: Where the next page begins; None: nowhere."""

    pictures: tuple[Kept, ...]
    total: int
    after: str | None


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from: those names that pictures have, in their order."""

    styles: tuple[str, ...]
    models: tuple[str, ...]
