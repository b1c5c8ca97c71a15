"""The history: every picture that is kept in a folder, of this run, of earlier ones, and put there by hand."""

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from fooo.record.history.cache import Cache
from fooo.record.history.family import Family, content_of
from fooo.record.history.favourites import Favourites
from fooo.record.history.index import Index, Row
from fooo.record.history.kept import Choices, Found, Kept, Wanted
from fooo.record.history.places import ID, Place, Stamp, id_of, scan
from fooo.record.history.summary import read_summary
from fooo.record.history.thumbnails import Thumbnails
from fooo.record.history.trash import Trash

_AT_ONCE = 50
"""Files that are read before they are written into the index."""


class History:
    """Of a folder of pictures. To make one touches nothing; several programs may each have one of the same folder.

    What is kept beside the pictures: `.history`, which may be deleted and is made anew; `.favourites`; `.trash`.

    Args:
        folder: As of `Archive`.
        now: The time.
    """

    def __init__(self, folder: Path, *, now: Callable[[], datetime] = datetime.now) -> None:
        self._folder, self._now = folder, now
        self._index = Index(Cache(folder / ".history" / "index.sqlite"), folder)
        self._thumbnails = Thumbnails(folder / ".history" / "thumbnails")
        self._favourites = Favourites(folder / ".favourites")
        self._trash = Trash(folder)
        self._refreshing = threading.Lock()
        self._thrown: frozenset[Path] = frozenset()

    @property
    def thrown(self) -> frozenset[Path]:
        """Where those were that this program has thrown away and that nobody has put back."""
        return self._thrown

    def refresh(self, seconds: float = math.inf) -> int:
        """Look what came, went or was changed, and read that, newest first; how many files are left to be read.

        Args:
            seconds: After which it ends, however many are left.

        Raises:
            StorageFull: The index cannot be written.
        """
        end = time.monotonic() + seconds
        with self._refreshing:
            self._trash.remove_old(self._now())
            there, known = scan(self._folder), self._index.known()
            self._forget(known.keys() - there.keys())
            favourites = self._favourites.all()
            self._index.mark(favourites)
            new = [path for path, stamp in there.items() if known.get(path) != stamp]
            return self._read(sorted(new, key=lambda path: -there[path].changed), there, favourites, end)

    def page(self, wanted: Wanted, *, limit: int, after: str | None = None) -> Found:
        """What is known of such pictures, newest first. Args: after: Of the page before; None: the first page."""
        return self._index.page(wanted, limit=limit, after=after)

    def choices(self, wanted: Wanted) -> Choices:
        """The names of styles and models that such pictures have."""
        return self._index.choices(wanted)

    def find(self, ids: Sequence[str], folders: frozenset[str] | None = None) -> tuple[Kept, ...]:
        """Those of these pictures that are there.

        Args:
            ids: Of any form: none of them is ever taken for a path.
            folders: Of the people whose they may be; None: anybody's.
        """
        proper = [each for each in ids if ID.fullmatch(each)]
        return tuple(each for each in self._index.find(proper, folders) if self._is_there(each.path))

    def id_at(self, path: Path) -> str:
        """What stands for a file in the history, known to it or not; empty of one outside the folder."""
        return id_of(path.relative_to(self._folder).as_posix()) if path.is_relative_to(self._folder) else ""

    def at(self, path: Path) -> Kept | None:
        """The picture of that file, read now where it is new; None where it is none of this folder.

        Raises:
            StorageFull: The index cannot be written.
        """
        if not path.is_relative_to(self._folder) or not self._is_there(path):
            return None
        name = path.relative_to(self._folder).as_posix()
        found = self._index.find([id_of(name)], None)
        if not found:
            state = path.stat()
            self._read([name], {name: Stamp(state.st_mtime_ns, state.st_size)}, self._favourites.all(), math.inf)
            found = self._index.find([id_of(name)], None)
        return found[0] if found else None

    def family(self, kept: Kept, begun_bytes: int | None, folders: frozenset[str] | None = None) -> Family:
        """What a picture was made from, and what was made from it, of those that are not thrown away.

        Args:
            kept: The picture.
            begun_bytes: Of the file that it was begun with; None where that is not known any more.
            folders: Of the people whose the others may be; None: anybody's.
        """
        sized = self._index.of_size(begun_bytes, folders) if kept.parent and begun_bytes is not None else ()
        parent = next((each for each in sized if content_of(each.path) == kept.parent), None)
        content = content_of(kept.path)
        children = self._index.begun_with(content, folders) if content else ()
        return Family(parent, tuple(each for each in children if self._is_there(each.path)))

    def thumbnail(self, kept: Kept) -> bytes:
        """A small picture, as a WebP file.

        Raises:
            BadPicture: It is gone, damaged or too large.
        """
        return self._thumbnails.get(kept)

    def mark(self, pictures: Sequence[Kept], *, favourite: bool) -> None:
        """Make them favourites, or not any more. It is kept beside the pictures.

        Raises:
            StorageFull: It cannot be written.
        """
        homes = [id_of(Place.of(self._path(each)).home) for each in pictures]
        self._favourites.mark(homes, favourite=favourite)
        self._index.mark(self._favourites.all())

    def throw(self, pictures: Sequence[Kept]) -> tuple[str, ...]:
        """Move them into the trash, all that are not there already; their ids there, by which they are put back.

        Raises:
            StorageFull: One cannot be moved; those before it have been.
        """
        turn = self._trash.turn(self._now())
        return tuple(
            self._moved(each, lambda path: self._trash.throw(path, turn)) for each in pictures if not each.thrown
        )

    def put_back(self, pictures: Sequence[Kept]) -> tuple[str, ...]:
        """Move those that are in the trash to where they were; their ids there.

        Raises:
            StorageFull: As of `throw`.
        """
        return tuple(self._moved(each, self._trash.put_back) for each in pictures if each.thrown)

    def empty_trash(self, folders: frozenset[str] | None = None) -> int:
        """Remove for good all that lies in the trash; how many pictures that were. Nothing brings them back.

        Args:
            folders: Of the people whose they are; None: anybody's.

        Raises:
            StorageFull: One cannot be removed; those before it have been.
        """
        with self._refreshing:
            places = [Place.of(path) for path in scan(self._folder)]
            thrown = [each for each in places if each.thrown and (folders is None or each.folder in folders)]
            for each in thrown:
                self._trash.remove(each.path)
            self._forget({each.path for each in thrown})
        return len(thrown)

    def _moved(self, kept: Kept, move: Callable[[str], str]) -> str:
        old = self._path(kept)
        new = move(old)
        self._index.move(old, new, kept.changed)
        self._thumbnails.move(kept.id, id_of(new))
        self._thrown = self._thrown - {self._folder / new} if kept.thrown else self._thrown | {kept.path}
        return id_of(new)

    def _read(self, new: Sequence[str], there: Mapping[str, Stamp], favourites: frozenset[str], end: float) -> int:
        done = 0
        while done < len(new):
            some = new[done : done + _AT_ONCE]
            self._index.add(
                Row(path, there[path], read_summary(self._folder / path), id_of(Place.of(path).home) in favourites)
                for path in some
            )
            done += len(some)
            if time.monotonic() > end:
                break
        return len(new) - done

    def _forget(self, paths: set[str]) -> None:
        if paths:
            self._index.forget(paths)
        for path in paths:
            self._thumbnails.forget(id_of(path))

    def _path(self, kept: Kept) -> str:
        return kept.path.relative_to(self._folder).as_posix()

    def _is_there(self, path: Path) -> bool:
        """As a plain file below the folder: nothing that a link leads to."""
        try:
            return path.is_file() and path.resolve().is_relative_to(self._folder.resolve())
        except (OSError, RuntimeError):
            return False
