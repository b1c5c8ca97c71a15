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


def read_presets(folder: Path) -> dict[str, Preset]:
    """Every preset of the folder by name.

    Raises:
        FoooError: A file cannot be read or is not a JSON object that a request could hold.
    """
    return {path.stem: Preset(path.stem, _read_file(path)) for path in sorted(folder.glob("*.json"))}


def _read_file(path: Path) -> Partial:
    try:
        partial = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise FoooError(f"The preset file {path} cannot be read ({error.strerror}); mend or remove it.") from None
    except ValueError as error:
        raise FoooError(f"The preset file {path} is not JSON ({error}); mend or remove it.") from None
    if not isinstance(partial, dict):
        raise FoooError(f"The preset file {path} is not a JSON object; mend or remove it.")
    try:
        read_request(cast(Partial, partial))
    except RequestError as error:
        raise FoooError(f"The preset file {path} is wrong at {error}") from None
    return cast(Partial, partial)
