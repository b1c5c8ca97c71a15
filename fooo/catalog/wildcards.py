"""Wildcards: lists of words to draw from, a `*.txt` file each; a name is the file's path below its folder."""

import os
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from fooo.errors import FoooError

_ENDING = ".txt"
_DEEPEST = 8
"""Folders in folders."""
_MOST_CHECKED = 500


class Wildcards(Mapping[str, tuple[str, ...]]):
    """The lines of each wildcard by its name, such as `animals/birds`. A file's lines are read when they are asked for.

    A name is found in any capitals, and without its folders where no whole name is the same: `birds` is then the first
    in order of those so called. Empty lines, and those that begin with `#`, are left out.

    Args:
        files: By name, as `read_wildcards` finds them.
    """

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = dict(sorted(files.items()))
        self._names: dict[str, str] = {}
        for name in self._files:
            self._names.setdefault(name.casefold(), name)
        for name in self._files:
            self._names.setdefault(name.rsplit("/", 1)[-1].casefold(), name)
        self._lines: dict[str, tuple[str, ...]] = {}

    def __getitem__(self, name: str) -> tuple[str, ...]:
        """The lines of that wildcard.

        Raises:
            KeyError: There is none of that name.
            FoooError: Its file is gone or is not UTF-8; the sentence names file and line.
        """
        whole = self._names[name.casefold()]
        if whole not in self._lines:
            lines = (line.strip() for line in _read(self._files[whole]).splitlines())
            self._lines[whole] = tuple(line for line in lines if line and not line.startswith("#"))
        return self._lines[whole]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.casefold() in self._names


def read_wildcards(folders: Iterable[Path]) -> tuple[Wildcards, tuple[str, ...]]:
    """What lies in the folders and below, and a sentence for each file that cannot be used; the others can.

    Of two with the same name it is the first folder's. Only the first 500 files are looked through, none is kept in
    memory: of thousands the start must not wait for each, and one that cannot be used says so when it is drawn from.
    """
    files: dict[str, Path] = {}
    folded: set[str] = set()
    for folder in folders:
        for name, path in _files_below(folder):
            if name.casefold() not in folded:
                folded.add(name.casefold())
                files[name] = path
    return Wildcards(files), tuple(filter(None, map(_problem, islice(files.values(), _MOST_CHECKED))))


def _files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Names and paths of the wildcards in a folder, in order; links are followed, but not in circles."""
    waiting: list[tuple[str, Path, frozenset[str]]] = [("", folder, frozenset())]
    while waiting:
        prefix, here, way = waiting.pop()
        real = os.path.realpath(here)
        if real in way or len(way) > _DEEPEST:
            continue
        for entry in _entries(here):
            if _is_folder(entry):
                waiting.append((f"{prefix}{entry.name}/", Path(entry.path), way | {real}))
            elif entry.name.casefold().endswith(_ENDING):
                yield f"{prefix}{entry.name[: -len(_ENDING)]}", Path(entry.path)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _problem(path: Path) -> str:
    try:
        _read(path)
    except FoooError as error:
        return str(error)
    return ""


def _read(path: Path) -> str:
    try:
        content = path.read_bytes().removeprefix(BOM_UTF8)
        return content.decode("utf-8")
    except OSError as error:
        raise FoooError(f"The wildcard file {path} cannot be read ({error.strerror}); mend or remove it.") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise FoooError(f"The wildcard file {path} is not UTF-8 at line {line}; save it as UTF-8.") from None
