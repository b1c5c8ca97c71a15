"""Styles: prompt templates, read from `styles/`: the community's JSON lists and the webui's `styles.csv`."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, cast

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass


@checked_dataclass(frozen=True, slots=True, config=ConfigDict(extra="ignore"))
class Style:
    """A template: `{prompt}` stands for what the person typed; without it the template is put behind their words."""

    name: Annotated[str, Field(min_length=1)]
    prompt: str = ""
    negative_prompt: str = ""

    def apply(self, prompt: str) -> str:
        """The person's words in the template; they are never dropped. Of no words, the template without their comma."""
        if "{prompt}" in self.prompt:
            filled = self.prompt.replace("{prompt}", prompt)
            return filled if prompt else filled.strip(", ")
        return ", ".join(part for part in (prompt, self.prompt) if part)


_STYLE = TypeAdapter(Style)


def read_styles(folder: Path) -> tuple[dict[str, Style], tuple[str, ...]]:
    """Every style of the folder's files by name, in the order of the files' names, and what was wrong in them.

    What is wrong costs no more than the entry or the file that it stands in: each is one sentence that names it.
    """
    styles: dict[str, Style] = {}
    problems: list[str] = []
    for path in sorted([*folder.glob("*.json"), *folder.glob("*.csv")]):
        for found in _read_file(path):
            if isinstance(found, str):
                problems.append(found)
            elif found.name in styles:
                problems.append(f"The style {found.name!r} stands twice, again in {path}; rename one of the two.")
            else:
                styles[found.name] = found
    return styles, tuple(problems)


def _read_file(path: Path) -> Iterator[Style | str]:
    """The file's styles, and a sentence in place of each that cannot be read."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        entries: object = _table(text) if path.suffix == ".csv" else json.loads(text)
    except UnicodeDecodeError as error:
        yield f"The style file {path} is not UTF-8 (byte {error.start + 1}); save it as UTF-8."
        return
    except OSError as error:
        yield f"The style file {path} cannot be read ({error.strerror}); mend or remove it."
        return
    except (ValueError, RecursionError, csv.Error) as error:
        yield f"The style file {path} cannot be understood ({error}); mend or remove it."
        return
    if not isinstance(entries, list):
        yield f"The style file {path} is not a JSON list of styles; mend or remove it."
        return
    for number, entry in enumerate(cast(list[object], entries), 1):
        yield _read_entry(path, number, entry)


def _read_entry(path: Path, number: int, entry: object) -> Style | str:
    try:
        return _STYLE.validate_python(entry)
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        if not isinstance(entry, dict) or not detail["loc"]:
            return f"The style file {path} is wrong at entry {number}: it is not an object with a name; mend it."
        said = cast(dict[str, object], entry).get("name")
        name = f" ({said!r})" if said else ""
        field = ".".join(map(str, detail["loc"]))
        return f"The style file {path} is wrong at entry {number}{name}, {field}: {detail['msg']}; mend it."


def _table(text: str) -> list[dict[str, str]]:
    """The rows of the webui's file; its headings, which have a name only, are left out."""
    rows = csv.DictReader(io.StringIO(text, newline=""))
    if "name" not in (rows.fieldnames or ()):
        raise ValueError("its first line does not name the columns name, prompt, negative_prompt")
    named = ({key: value or "" for key, value in row.items() if key} for row in rows)
    return [row for row in named if row.get("prompt") or row.get("negative_prompt")]
