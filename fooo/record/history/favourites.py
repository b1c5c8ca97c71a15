"""Which pictures are favourites: a file for each, so that the marks outlive every index and two programs agree."""

from collections.abc import Iterable
from pathlib import Path

from fooo.errors import StorageFull
from fooo.record.history.places import ID


class Favourites:
    """A folder of empty files, each named by the id of a picture's home. Args: folder: Made with the first one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> frozenset[str]:
        try:
            return frozenset(each.name for each in self._folder.iterdir() if ID.fullmatch(each.name))
        except OSError:
            return frozenset()

    def mark(self, homes: Iterable[str], *, favourite: bool) -> None:
        """Args: homes: Ids.

        Raises:
            StorageFull: The disk takes no more, or the folder cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for home in homes:
                if favourite:
                    (self._folder / home).touch()
                else:
                    (self._folder / home).unlink(missing_ok=True)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise StorageFull(f"The mark could not be written to {self._folder}: {reason}; free the folder.") from None
