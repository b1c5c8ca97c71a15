"""The names under which files are called, and which file is meant by one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from fooo.catalog.model_files.contents import Contents
from fooo.catalog.shelf.entries import ShelfFile
from fooo.catalog.shelf.walk import SAFE


def find_name(paths: Mapping[str, Path], typed: str) -> str | None:
    """The name that is meant: in whatever capitals, with its ending or without, or by an end that one path alone has.

    Args:
        paths: Where the file of each name lies.
        typed: Slashes may lean either way, as on Windows.
    """
    wanted = _plain(typed.replace("\\", "/"))
    if typed in paths:
        return typed
    if not wanted:
        return None
    alike = [name for name in paths if _plain(name) == wanted]
    ending = [name for name, path in paths.items() if _plain(f"/{path.as_posix()}").endswith(f"/{wanted}")]
    return alike[0] if alike else ending[0] if len(ending) == 1 else None


def _plain(name: str) -> str:
    """In small letters, without the file's ending."""
    small = name.casefold()
    return next((small.removesuffix(end) for end in SAFE if small.endswith(end)), small)


def with_own_names(files: Iterable[ShelfFile]) -> tuple[tuple[ShelfFile, ...], list[str]]:
    """Each with a name that no other of its use has, and a sentence for each that would have had an earlier one's."""
    owners: dict[tuple[type[Contents], str], ShelfFile] = {}
    named: list[ShelfFile] = []
    twice: list[str] = []
    for file in files:
        use = type(file.identity.contents)
        name = next(name for name in _tails(file) if (use, name) not in owners)
        if name != file.found.name:
            first = owners[use, file.found.name]
            twice.append(
                f"Two model files are called {file.found.name}: the one at {first.path} has the name, and the one at "
                f"{file.path} is found as {name}; rename one of them."
            )
        owners[use, name] = file if file.name == name else replace(file, name=name)
        named.append(owners[use, name])
    return tuple(named), twice


def _tails(file: ShelfFile) -> Iterator[str]:
    """Its path below the model folder, then each longer end of its whole path."""
    yield file.found.name
    parts = file.path.parts
    yield from ("/".join(parts[-length:]) for length in range(file.found.name.count("/") + 2, len(parts) + 1))
