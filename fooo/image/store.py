"""Pictures that jobs begin with, kept by their content: what a job or a record names stays as it was."""

import hashlib
from functools import lru_cache
from pathlib import Path

from fooo.atomic import atomic_write
from fooo.errors import BadPicture, StorageFull
from fooo.image.picture import Picture
from fooo.image.picture_files import MOST_PIXELS, read_picture

MOST_BYTES = 100 * 2**20
"""Of a picture's file."""
LONGEST_SIDE = 32_768
"""Pixels."""
_ID_LENGTH = 64


class PictureStore:
    """A folder of files, each named by the SHA-256 of what is in it; none is ever changed.

    Args:
        folder: Made when the first picture comes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._size = lru_cache(maxsize=1024)(self._read_size)

    def add(self, source: Path | bytes) -> str:
        """Keep a picture's file; its id. The same file again gives the same id.

        Raises:
            BadPicture: It is no picture, or too large.
            StorageFull: The disk took no more.
        """
        content = _content(source)
        found = hashlib.sha256(content).hexdigest()
        path = self._folder / found
        if not path.exists():
            try:
                with atomic_write(path) as part:
                    part.write_bytes(content)
                    _check(read_picture(part).picture)
            except BadPicture as error:
                name = "picture" if isinstance(source, bytes) else source.name
                raise BadPicture(name, error.problem, error.hint) from None
            except OSError as error:
                reason = error.strerror or type(error).__name__
                raise StorageFull(
                    f"The picture could not be kept in {self._folder}: {reason}; free some space and try again."
                ) from None
        return found

    def open(self, picture: str) -> Picture:
        """The picture of that id, upright and in sRGB, with its alpha where it has one.

        Raises:
            BadPicture: It is not in the store any more, or was damaged there.
        """
        opened = read_picture(self._path(picture))
        return Picture(opened.picture.pixels, opened.alpha)

    def size(self, picture: str) -> tuple[int, int] | None:
        """(width, height) of the picture of that id; None where the store has none."""
        try:
            return self._size(picture)
        except BadPicture:
            return None

    def file_size(self, picture: str) -> int | None:
        """Bytes of the file of that id; None where the store has none."""
        try:
            return self._path(picture).stat().st_size
        except (BadPicture, OSError):
            return None

    def _read_size(self, picture: str) -> tuple[int, int]:
        return self.open(picture).size

    def _path(self, picture: str) -> Path:
        """Raises: BadPicture: That is no id, or none of this store."""
        is_id = len(picture) == _ID_LENGTH and all(each in "0123456789abcdef" for each in picture)
        path = self._folder / picture
        if not is_id or not path.is_file():
            raise BadPicture(picture[:_ID_LENGTH], "is not among the pictures that Fooo keeps", "hand it in again")
        return path


def _check(picture: Picture) -> None:
    """Raises: BadPicture: A side is too long for anything that is done with it."""
    if max(picture.size) > LONGEST_SIDE:
        raise BadPicture("picture", "is too long", f"choose one with sides of up to {LONGEST_SIDE:,} pixels")


def _content(source: Path | bytes) -> bytes:
    """Raises: BadPicture: It is too large, or cannot be read."""
    name = "picture" if isinstance(source, bytes) else source.name
    try:
        if isinstance(source, Path):
            with source.open("rb") as stream:
                source = stream.read(MOST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadPicture(name, f"cannot be read ({reason})", "choose another file") from None
    if len(source) > MOST_BYTES:
        problem = f"is larger than {MOST_BYTES // 2**20} MB"
        raise BadPicture(name, problem, f"choose one of at most {MOST_PIXELS:,} pixels")
    return source
