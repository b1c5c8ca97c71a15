"""The trash: what is thrown away lies there for some days under the path that leads back."""

import shutil
import uuid
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from fooo.errors import StorageFull
from fooo.record.archive import free_names, take_name
from fooo.record.history.places import TRASH, Place, new_turn, time_of_turn

DAYS_IN_TRASH = 30
"""After which the history, when it is next looked at, removes what was thrown away, unless a person did so before."""


class Trash:
    """Of a folder of pictures: `.trash/<when>-<mark>/<path from before>`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def turn(self, now: datetime) -> str:
        """A folder for what is thrown away at once, not made yet."""
        return f"{TRASH}/{new_turn(now, uuid.uuid4().hex[:8])}"

    def throw(self, path: str, turn: str) -> str:
        """Move a picture into the trash; its new path. Args: path: Relative to the folder, with slashes.

        Raises:
            StorageFull: It cannot be moved; it stays where it is.
        """
        return self._move(path, f"{turn}/{path}")

    def put_back(self, path: str) -> str:
        """Move a picture out of the trash to where it was, beside what lies there now; its new path.

        Raises:
            StorageFull: As of `throw`.
        """
        back = self._move(path, Place.of(path).home)
        self._clear(self._folder / path)
        return back

    def remove_old(self, now: datetime) -> None:
        """Remove what was thrown away more than `DAYS_IN_TRASH` days ago."""
        try:
            turns = [(each, time_of_turn(each.name)) for each in (self._folder / TRASH).iterdir()]
        except OSError:
            return
        for folder, thrown in turns:
            if thrown and now - thrown > timedelta(days=DAYS_IN_TRASH) and not folder.is_symlink():
                shutil.rmtree(folder, ignore_errors=True)

    def remove(self, path: str) -> None:
        """Remove a picture that lies in the trash for good. Args: path: As of `throw`.

        Raises:
            StorageFull: It cannot be removed; it stays where it is.
        """
        file = self._folder / path
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise StorageFull(f"{file} could not be removed: {reason}; look at the rights of its folder.") from None
        self._clear(file)

    def _move(self, path: str, wish: str) -> str:
        """The new path: the wish, or like it where that is taken. No file is ever written over."""
        source, target = self._folder / path, self._folder / wish
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            for free in free_names(target.parent, target.stem, target.suffix):
                if not free.exists() and take_name(source, free):
                    source.unlink(missing_ok=True)  # where the system has links, the file has both names until here
                    return free.relative_to(self._folder).as_posix()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise StorageFull(f"{source} could not be moved: {reason}; look at the rights of its folder.") from None
        raise AssertionError("unreachable: the numbers never end")

    def _clear(self, path: Path) -> None:
        """Remove the folders above it that are empty now, up to the trash itself."""
        with suppress(OSError):
            for folder in path.parents:
                if folder == self._folder / TRASH:
                    return
                folder.rmdir()
