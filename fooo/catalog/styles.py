"""Styles: prompt templates, read from `styles/*.json`."""

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass

from fooo.errors import FoooError


@checked_dataclass(frozen=True, slots=True, config=ConfigDict(extra="ignore"))
class Style:
    """A template: `{prompt}` stands for what the person typed; without it the template is put behind their words."""

    name: Annotated[str, Field(min_length=1)]
    prompt: str = ""
    negative_prompt: str = ""

    def apply(self, prompt: str) -> str:
        """The person's words in the template; they are never dropped."""
        if "{prompt}" in self.prompt:
            return self.prompt.replace("{prompt}", prompt)
        return ", ".join(part for part in (prompt, self.prompt) if part)


_STYLES = TypeAdapter(tuple[Style, ...])


def read_styles(folder: Path) -> dict[str, Style]:
    """Every style of the folder's JSON files by name, in the order of the files' names.

    Raises:
        FoooError: A file cannot be read or is not a JSON list of styles, or a name stands twice.
    """
    styles: dict[str, Style] = {}
    for path in sorted(folder.glob("*.json")):
        for style in _read_file(path):
            if style.name in styles:
                raise FoooError(f"The style {style.name!r} stands twice, again in {path}; rename one of the two.")
            styles[style.name] = style
    return styles


def _read_file(path: Path) -> tuple[Style, ...]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise FoooError(f"The style file {path} cannot be read ({error.strerror}); mend or remove it.") from None
    except ValueError as error:
        raise FoooError(f"The style file {path} is not JSON ({error}); mend or remove it.") from None
    try:
        return _STYLES.validate_python(content)
    except ValidationError as error:
        reason = _reason(content, error)
        raise FoooError(f"The style file {path} {reason}; mend or remove it.") from None


def _reason(content: Any, error: ValidationError) -> str:
    """What is first wrong in `content`, with its entry and field."""
    detail = error.errors(include_url=False)[0]
    match detail["loc"]:
        case (int(index), str(field), *_):
            name = content[index].get("name")
            entry = f"entry {index + 1} ({name!r})" if name else f"entry {index + 1}"
            return f"is wrong at {entry}, {field}: {detail['msg']}"
        case (int(index), *_):
            return f"is wrong at entry {index + 1}: it is not an object with a name"
        case _:
            return "is not a JSON list of styles"
