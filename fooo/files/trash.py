"""Takes a model away so that it can be brought back."""

from itertools import count
from pathlib import Path

from fooo.errors import ModelError

_TRASH = ".trash"
"""Below the models' folder; the shelf passes over names that begin with a dot."""


def move_to_trash(path: Path, *, models: Path) -> Path:
    """Where the file or folder lies now: below `models/.trash`. Only what is in our own folder is moved.

    Raises:
        ModelError: It is not there, belongs to another program, or cannot be moved.
    """
    if not path.exists():
        raise ModelError(path, "is not there", "look at its name")
    # a link is taken away itself, not what it points to
    if not path.parent.resolve().is_relative_to(models.resolve()):
        raise ModelError(path, "lies in a folder of another program", "take it away there")
    trash = models / _TRASH
    names = (path.name if number == 1 else f"{path.stem} {number}{path.suffix}" for number in count(1))
    place = next(trash / name for name in names if not (trash / name).exists())
    try:
        trash.mkdir(exist_ok=True)
        return path.rename(place)
    except OSError as error:
        raise ModelError(path, f"cannot be moved ({error.strerror})", "close what uses it") from None
