"""Reads `styles/`: the community's lists of styles in JSON, and the webui's `styles.csv`."""

import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import cast

from pydantic import TypeAdapter, ValidationError

from fooo.catalog.styles.style import Style, fold, is_random
from fooo.catalog.user_files import read_json, read_text, shortened
from fooo.errors import FoooError

_LARGEST = 2_000_000
"""Bytes; several times the largest collection that people hand around."""

_MOST_PROBLEMS = 10
"""Told of one file. One with more is no file of styles, and the others must not wait for it."""

_STYLE = TypeAdapter(Style)

Entry = tuple[str, object]
"""Where in the file it stands, such as "entry 3", and what it says."""


def read_styles(folder: Path) -> tuple[dict[str, Style], tuple[str, ...]]:
    """Every style of the folder's files by name, in the order of the files' names, and what was wrong in them.

    What is wrong costs no more than the entry or the file that it stands in: each is one sentence that names it.
    """
    styles: dict[str, Style] = {}
    folded: set[str] = set()
    problems: list[str] = []
    for path in sorted([*folder.glob("*.json"), *folder.glob("*.csv")]):
        wrong = _add_file(path, styles, folded)
        problems += islice(wrong, _MOST_PROBLEMS)
        if next(wrong, None):
            problems.append(f"The style file {path} is wrong in more places, and the rest of it was left out; mend it.")
    return styles, tuple(problems)


def _add_file(path: Path, styles: dict[str, Style], folded: set[str]) -> Iterator[str]:
    """Put the file's styles to the others as far as it is read; a sentence for each entry that is wrong."""
    try:
        for where, entry in _entries(path):
            try:
                style = _style(entry)
            except ValueError as error:
                yield f"The style file {path} is wrong at {where}{_quoted(entry)}{error}; mend it."
                continue
            if fold(style.name) in folded:
                yield f"The style {style.name!r} stands twice, again in {path} at {where}; rename one of the two."
                continue
            folded.add(fold(style.name))
            styles[style.name] = style
    except FoooError as error:
        yield str(error)


def _entries(path: Path) -> Iterator[Entry]:
    """What the file lists.

    Raises:
        FoooError: It cannot be read as a list of styles.
    """
    if path.suffix == ".csv":
        yield from _table(path)
        return
    content, _ = read_json(path, "style", at_most=_LARGEST)
    if not isinstance(content, list):
        raise FoooError(f"The style file {path} is not a JSON list of styles; mend or remove it.")
    for number, entry in enumerate(cast(list[object], content), 1):
        yield f"entry {number}", entry


def _table(path: Path) -> Iterator[Entry]:
    """The rows of the webui's file; its headings, which have a name only, are left out."""
    rows = csv.DictReader(io.StringIO(read_text(path, "style", at_most=_LARGEST), newline=""))
    try:
        if "name" not in (rows.fieldnames or ()):
            raise FoooError(
                f"The style file {path} cannot be understood "
                "(its first line does not name the columns name, prompt, negative_prompt); mend or remove it."
            )
        for row in rows:
            named = {key: value or "" for key, value in row.items() if key}
            if named.get("prompt") or named.get("negative_prompt"):
                yield f"line {rows.line_num}", named
    except csv.Error as error:
        told = f"cannot be understood at line {rows.line_num + 1} ({error})"
        raise FoooError(f"The style file {path} {told}; mend or remove it.") from None


def _style(entry: object) -> Style:
    """The style that the entry is.

    Raises:
        ValueError: It is none; says why, as the end of a sentence.
    """
    try:
        style = _STYLE.validate_python(entry)
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        if not isinstance(entry, dict) or not detail["loc"]:
            raise ValueError(": it is not an object with a name") from None
        told = detail["msg"].removeprefix("Value error, ")
        raise ValueError(f", {'.'.join(map(str, detail['loc']))}: {told}") from None
    if is_random(style.name):
        raise ValueError(": that name stands for a style drawn at random")
    return style


def _quoted(entry: object) -> str:
    name = cast(dict[str, object], entry).get("name") if isinstance(entry, dict) else None
    return f" ({shortened(name)})" if name else ""
