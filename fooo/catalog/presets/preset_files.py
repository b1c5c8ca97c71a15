"""Reads `presets/*.json`: our own, and Fooocus's as they are. The file's name is the preset's."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass

from fooo.catalog.about import About
from fooo.catalog.presets.fooocus import is_of_fooocus, read_fooocus
from fooo.catalog.presets.preset import Preset, PresetFile
from fooo.catalog.styles import fold, is_random
from fooo.catalog.user_files import line_of, read_json
from fooo.errors import FoooError, RequestError
from fooo.request import read_request


@checked_dataclass(frozen=True, slots=True, config=ConfigDict(extra="ignore"))
class _Extras:
    """What a preset file says beside the fields of a request."""

    about: About = About()
    licence: str = ""
    files: tuple[PresetFile, ...] = ()


_LARGEST = 50_000
"""Bytes; presets have a few thousand."""

_MOST_PROBLEMS = 10
"""Told of one file."""

_EXTRAS = TypeAdapter(_Extras)
_EXTRA_KEYS = frozenset({"about", "licence", "files"})


def read_presets(folder: Path, known_styles: Mapping[str, str]) -> tuple[dict[str, Preset], tuple[str, ...]]:
    """Every preset of the folder by name, and what was wrong in the files, a sentence each.

    A preset does without the styles that are not there; a file that is no preset is left out.

    Args:
        folder: Of JSON files.
        known_styles: Names of our styles, as from `known_names`.
    """
    presets: dict[str, Preset] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.json")):
        try:
            preset = _read_file(path, known_styles)
        except FoooError as error:
            problems.append(str(error))
            continue
        presets[preset.name], missing = _with_known_styles(preset, known_styles)
        problems += missing
    return presets, tuple(problems)


def _read_file(path: Path, known_styles: Mapping[str, str]) -> Preset:
    read, text = read_json(path, "preset", at_most=_LARGEST)
    if not isinstance(read, dict):
        raise FoooError(f"The preset file {path} is not a JSON object; mend or remove it.")
    content = cast(dict[str, object], read)
    if is_of_fooocus(content):
        return read_fooocus(path.stem, content, known_styles)
    partial = {key: value for key, value in content.items() if key not in _EXTRA_KEYS}
    try:
        read_request(partial)
        extras = _EXTRAS.validate_python({key: content[key] for key in _EXTRA_KEYS & content.keys()})
    except RequestError as error:
        line = line_of(text, error.field.split("."))
        raise FoooError(f"The preset file {path} is wrong at line {line}, {error}") from None
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        keys = [str(part) for part in detail["loc"]]
        where = f"line {line_of(text, keys)}, {'.'.join(keys)}"
        told = detail["msg"].removeprefix("Value error, ")
        raise FoooError(f"The preset file {path} is wrong at {where}: {told}; mend it.") from None
    return Preset(path.stem, partial, about=extras.about, licence=extras.licence, files=extras.files)


def _with_known_styles(preset: Preset, known_styles: Mapping[str, str]) -> tuple[Preset, list[str]]:
    """The preset without the styles that are not there, and a sentence for each of those."""
    wanted = cast(list[str], preset.partial.get("styles", []))
    found = [name for name in wanted if is_random(name) or fold(name) in known_styles]
    if len(found) == len(wanted):
        return preset, []
    there = set(found)
    missing = [name for name in dict.fromkeys(wanted) if name not in there]
    problems = [
        f"The preset {preset.name!r} names the style {name!r}, which is not there; mend it or add the style."
        for name in missing[:_MOST_PROBLEMS]
    ]
    return replace(preset, partial={**preset.partial, "styles": found}), problems
