"""What is known of the pictures: looked up, searched, and given out in pages."""

from collections.abc import Iterable, Sequence, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fooo.record.history.cache import Cache
from fooo.record.history.kept import Choices, Found, Kept, Wanted
from fooo.record.history.places import Place, Stamp, id_of
from fooo.record.history.summary import Summary

_COLUMNS = "id, path, made, thrown, changed, words, styles, model, seed, width, height, favourite, parent"
_MOST_NAMES = 500
"""In one statement."""


@dataclass(frozen=True, slots=True)
class Row:
    """A file that was read. Args: path: Relative, with slashes."""

    path: str
    stamp: Stamp
    summary: Summary
    favourite: bool


class Index:
    """As safe as its cache.

    Args:
        cache: Where it is kept.
        folder: That the pictures' paths are relative to.
    """

    def __init__(self, cache: Cache, folder: Path) -> None:
        self._cache, self._folder = cache, folder

    def known(self) -> dict[str, Stamp]:
        """Every file that was read, as it was then."""
        rows = self._cache.read("SELECT path, changed, size FROM pictures")
        return {path: Stamp(changed, size) for path, changed, size in rows}

    def add(self, rows: Iterable[Row]) -> None:
        """Files that are new or were changed."""
        values = [_values(row) for row in rows]
        if values:
            self._cache.write(f"INSERT OR REPLACE INTO pictures VALUES ({_marks(values[0])})", values)

    def forget(self, paths: Iterable[str]) -> None:
        """Files that are gone."""
        self._cache.write("DELETE FROM pictures WHERE path = ?", [(path,) for path in paths])

    def move(self, old: str, new: str, changed: int) -> None:
        """A file that has another path now; what is known of it stays."""
        place = Place.of(new)
        columns = ("path", "id", "home", "folder", "thrown", "place")
        values = (new, place.id, id_of(place.home), place.folder, _thrown(place), _order(place, changed), old)
        named = ", ".join(f"{column} = ?" for column in columns)
        self._cache.write(f"UPDATE OR REPLACE pictures SET {named} WHERE path = ?", [values])

    def mark(self, homes: Iterable[str]) -> None:
        """Those homes are the favourites, and no others."""
        wanted = set(homes)
        now = {str(home) for (home,) in self._cache.read("SELECT DISTINCT home FROM pictures WHERE favourite")}
        changes = [(1, home) for home in wanted - now] + [(0, home) for home in now - wanted]
        if changes:
            self._cache.write("UPDATE pictures SET favourite = ? WHERE home = ?", changes)

    def find(self, ids: Sequence[str], folders: frozenset[str] | None) -> tuple[Kept, ...]:
        """Those pictures that are there and lie in one of these people's folders, in the order of the ids."""
        found: dict[str, Kept] = {}
        for first in range(0, len(ids), _MOST_NAMES):
            some = ids[first : first + _MOST_NAMES]
            condition, values = _condition(Wanted(folders=folders), thrown=None)
            sql = f"SELECT {_COLUMNS} FROM pictures WHERE {condition} AND id IN ({_marks(some)})"
            found |= {each.id: each for each in map(self._kept, self._cache.read(sql, (*values, *some)))}
        return tuple(found[each] for each in dict.fromkeys(ids) if each in found)

    def begun_with(self, content: str, folders: frozenset[str] | None) -> tuple[Kept, ...]:
        """The pictures that begin with that file, newest first. Args: content: Its SHA-256."""
        return self._matching("parent = ?", content, folders)

    def of_size(self, size: int, folders: frozenset[str] | None) -> tuple[Kept, ...]:
        """The pictures whose files have that many bytes, newest first."""
        return self._matching("size = ?", size, folders)

    def page(self, wanted: Wanted, *, limit: int, after: str | None) -> Found:
        """Those pictures, newest first. Args: after: Of the page before; None: the first page."""
        condition, values = _condition(wanted)
        ((total,),) = self._cache.read(f"SELECT count(*) FROM pictures WHERE {condition}", values)
        if after is not None:
            condition, values = f"{condition} AND place < ?", (*values, after)
        sql = f"SELECT {_COLUMNS}, place FROM pictures WHERE {condition} ORDER BY place DESC LIMIT ?"
        rows = self._cache.read(sql, (*values, limit + 1))
        more = str(rows[limit - 1][-1]) if len(rows) > limit else None
        return Found(tuple(self._kept(row[:-1]) for row in rows[:limit]), int(total), more)

    def choices(self, wanted: Wanted) -> Choices:
        """The names that these pictures have."""
        condition, values = _condition(wanted)
        rows = self._cache.read(f"SELECT DISTINCT styles, model FROM pictures WHERE {condition}", values)
        styles = {style for lines, _ in rows for style in _lines(lines)}
        models = {str(model) for _, model in rows if model}
        return Choices(tuple(sorted(styles, key=str.casefold)), tuple(sorted(models, key=str.casefold)))

    def _matching(self, sql: str, value: str | int, folders: frozenset[str] | None) -> tuple[Kept, ...]:
        """At most `_MOST_NAMES` that are not thrown away."""
        condition, values = _condition(Wanted(folders=folders))
        sql = f"SELECT {_COLUMNS} FROM pictures WHERE {condition} AND {sql} ORDER BY place DESC LIMIT {_MOST_NAMES}"
        return tuple(map(self._kept, self._cache.read(sql, (*values, value))))

    def _kept(self, row: Sequence[Any]) -> Kept:
        picture, path, made, thrown, changed, words, styles, model, seed, width, height, favourite, parent = row
        return Kept(
            id=str(picture),
            path=self._folder / str(path),
            made=str(made),
            thrown=str(thrown),
            changed=int(changed),
            words=str(words),
            styles=_lines(styles),
            model=str(model),
            seed=str(seed),
            width=int(width),
            height=int(height),
            favourite=bool(favourite),
            parent=str(parent),
        )


def _values(row: Row) -> tuple[str | int, ...]:
    place, stamp, summary = Place.of(row.path), row.stamp, row.summary
    name = place.home.rpartition("/")[2]
    said = (summary.words, *summary.styles, summary.model, summary.seed, name)
    return (
        row.path,
        place.id,
        id_of(place.home),
        place.folder,
        _thrown(place),
        place.made(stamp.changed).isoformat(timespec="seconds"),
        _order(place, stamp.changed),
        stamp.changed,
        stamp.size,
        _text(summary.words),
        _text("\n".join(summary.styles)),
        _text(summary.model),
        summary.seed,
        summary.width,
        summary.height,
        _text(summary.parent),
        _text("\n".join(said).casefold()),
        int(row.favourite),
    )


def _text(text: str) -> str:
    """Without halves of letters, which JSON may hold and no file takes."""
    return text.encode("utf-8", "replace").decode()


def _thrown(place: Place) -> str:
    return place.thrown.isoformat(timespec="seconds") if place.thrown else ""


def _order(place: Place, changed: int) -> str:
    """By the time that it was drawn or thrown away, then by the file's, which is finer."""
    time = place.thrown or place.made(changed)
    return f"{time:%Y-%m-%dT%H:%M:%S} {changed:020d} {place.id}"


def _condition(wanted: Wanted, *, thrown: bool | None = False) -> tuple[str, tuple[str, ...]]:
    """Of SQL, with its values. Args: thrown: Other than `wanted.thrown` only None: whether it was does not matter."""
    parts: list[tuple[str, tuple[str, ...]]] = [("width > 0", ())]
    if thrown is not None:
        parts.append((f"thrown {'!=' if wanted.thrown else '='} ''", ()))
    if wanted.folders is not None:
        parts.append((f"folder IN ({_marks(wanted.folders)})", tuple(sorted(wanted.folders))))
    if wanted.favourite:
        parts.append(("favourite", ()))
    if wanted.model:
        parts.append(("model = ?", (wanted.model,)))
    if wanted.style:
        parts.append((r"instr(char(10) || styles || char(10), char(10) || ? || char(10))", (wanted.style,)))
    parts += [("instr(said, ?)", (word,)) for word in wanted.words.casefold().split()]
    return " AND ".join(sql for sql, _ in parts), tuple(value for _, values in parts for value in values)


def _marks(values: Sized) -> str:
    return ", ".join("?" * len(values))


def _lines(styles: str | int) -> tuple[str, ...]:
    return tuple(str(styles).split("\n")) if styles else ()
