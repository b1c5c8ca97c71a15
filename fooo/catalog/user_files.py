"""Files that people write by hand: read whole, or refused in one sentence that names file and line."""

import json
from codecs import BOM_UTF8
from collections.abc import Iterable, Sequence
from pathlib import Path

from fooo.errors import FoooError

FileStates = tuple[tuple[str, int, int, int, int], ...]
"""Another one whenever a file was changed, replaced, added, taken away, or may be read now."""


def states_of(files: Iterable[Path]) -> FileStates:
    """The states of the files that are there, in their order: what was read of them is true while these are equal."""
    return tuple(state for path in files for state in _state(path))


def _state(path: Path) -> FileStates:
    try:
        found = path.stat()
    except OSError:
        return ()
    return ((str(path), found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns),)


def read_text(path: Path, kind: str, *, at_most: int) -> str:
    """The file's text, without a byte order mark.

    Args:
        path: Where it should be.
        kind: What the sentence calls it, such as "style".
        at_most: Bytes. A larger file is another one in the wrong folder, and the start must not wait for it.

    Raises:
        FoooError: It cannot be read, is too large, or is not UTF-8.
    """
    try:
        content = _read(path, kind, at_most)
        return content.removeprefix(BOM_UTF8).decode("utf-8")
    except OSError as error:
        raise FoooError(f"The {kind} file {path} cannot be read ({error.strerror}); mend or remove it.") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise FoooError(f"The {kind} file {path} is not UTF-8 at line {line}; save it as UTF-8.") from None


def read_json(path: Path, kind: str, *, at_most: int) -> tuple[object, str]:
    """What the file says, and its text; arguments as for `read_text`.

    Raises:
        FoooError: As for `read_text`, or it is not JSON; the sentence names the line.
    """
    text = read_text(path, kind, at_most=at_most)
    try:
        return json.loads(text), text
    except json.JSONDecodeError as error:
        told = f"at line {error.lineno} ({error.msg})"
    except (ValueError, RecursionError) as error:
        told = f"({error})"
    raise FoooError(f"The {kind} file {path} cannot be understood {told}; mend or remove it.")


def line_of(text: str, keys: Sequence[str]) -> int:
    """The line of a JSON text where the last of the keys stands, each within the one before it; 1 where none is."""
    position = 0
    for key in keys:
        found = text.find(json.dumps(key, ensure_ascii=False), position)
        position = position if found < 0 else found
    return text.count("\n", 0, position) + 1


def shortened(value: object) -> str:
    """The value as a sentence quotes it, in 60 characters at most."""
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def _read(path: Path, kind: str, at_most: int) -> bytes:
    """The bytes of an ordinary file: a pipe of that name would never end."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise FoooError(f"The {kind} file {path} cannot be read (it is no ordinary file); mend or remove it.")
    if path.stat().st_size > at_most:
        raise FoooError(f"The {kind} file {path} is larger than {at_most:,} bytes; split it, or take it away.")
    return path.read_bytes()
