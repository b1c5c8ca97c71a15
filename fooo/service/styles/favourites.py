"""Which styles each person likes, kept beside their pictures."""

from collections.abc import Iterable
from pathlib import Path

from fooo.record.archive import person_folder
from fooo.record.history.favourites import Favourites
from fooo.record.history.places import id_of

_NOBODYS = "_"
"""The folder where nobody logs in; no person's is called so."""


class FavouriteStyles:
    """Args: folder: Made with the first mark; may be shared by several programs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def beside(cls, outputs: Path) -> "FavouriteStyles":
        """Those that are kept with the pictures in a folder."""
        return cls(outputs / ".favourite_styles")

    def among(self, styles: Iterable[str], person: str) -> tuple[str, ...]:
        """Those of these names that the person likes. Args: person: Empty where nobody logs in."""
        liked = self._of(person).all()
        return tuple(name for name in styles if id_of(name) in liked)

    def mark(self, style: str, person: str, *, favourite: bool) -> None:
        """Raises: StorageFull: It cannot be written."""
        self._of(person).mark([id_of(style)], favourite=favourite)

    def _of(self, person: str) -> Favourites:
        return Favourites(self._folder / (person_folder(person) or _NOBODYS))
