"""Presets: partial requests, read from `presets/*.json`; the file's name is the preset's."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from fooo.errors import FoooError, RequestError
from fooo.request import Partial, read_request


@dataclass(frozen=True, slots=True)
class Preset:
    name: str
    partial: Partial


def read_presets(folder: Path) -> tuple[dict[str, Preset], tuple[str, ...]]:
    """Every preset of the folder by name, and a sentence for each file that no request could hold."""
    presets: dict[str, Preset] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.json")):
        try:
            presets[path.stem] = Preset(path.stem, _read_file(path))
        except FoooError as error:
            problems.append(str(error))
    return presets, tuple(problems)


def _read_file(path: Path) -> Partial:
    try:
        partial = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise FoooError(f"The preset file {path} cannot be read ({error.strerror}); mend or remove it.") from None
    except (ValueError, RecursionError) as error:
        raise FoooError(f"The preset file {path} is not JSON ({error}); mend or remove it.") from None
    if not isinstance(partial, dict):
        raise FoooError(f"The preset file {path} is not a JSON object; mend or remove it.")
    try:
        read_request(cast(Partial, partial))
    except RequestError as error:
        raise FoooError(f"The preset file {path} is wrong at {error}") from None
    return cast(Partial, partial)
