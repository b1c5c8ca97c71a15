"""Fooocus's preset files: flat objects of `default_*` and `*_downloads` keys, made into presets of ours."""

from collections.abc import Mapping
from typing import Any

from fooo.catalog.presets.fooocus_keys import WITHOUT_LIKE, Found, readers
from fooo.catalog.presets.preset import Preset, PresetFile
from fooo.catalog.user_files import shortened
from fooo.errors import RequestError
from fooo.request import Partial, merge, read_request

_MOST_TOLD = 20


def is_of_fooocus(content: Mapping[str, object]) -> bool:
    """Whether a preset file speaks Fooocus's keys; ours have none of them."""
    return any(key.startswith(("default_", "previous_default_")) or key.endswith("_downloads") for key in content)


def read_fooocus(name: str, content: Mapping[str, object], known_styles: Mapping[str, str]) -> Preset:
    """The preset, with a sentence for each thing in it that means nothing here; none of them is an error.

    Args:
        name: The file's.
        content: Of the file.
        known_styles: Names of our styles, as from `known_names`.
    """
    known = readers(known_styles)
    partial: dict[str, Any] = {}
    files: list[PresetFile] = []
    ignored: list[str] = []
    for key in (key for key in known if key in content):
        for found in map(_checked, known[key](content[key])):
            if isinstance(found, str):
                ignored.append(f"In {key}, {found}.")
            elif isinstance(found, PresetFile):
                files.append(found)
            else:
                partial = _put(partial, found)
    others = [key for key in content if key not in known and content[key] not in WITHOUT_LIKE.get(key, ())]
    ignored += map(_why_not, others[: _MOST_TOLD + 1])
    told = ignored if len(ignored) <= _MOST_TOLD else [*ignored[:_MOST_TOLD], "More was left out."]
    return Preset(name, _without_open(partial), files=tuple(files), ignored=tuple(told))


def _without_open(partial: dict[str, Any]) -> dict[str, Any]:
    """Without what was left open behind the key that had set it."""
    sampling: dict[str, object] = partial.get("sampling", {})
    known = {name: value for name, value in sampling.items() if value is not None}
    return {**partial, "sampling": known} if known else partial


def _checked(found: Found) -> Found:
    """The same, or why these fields cannot be asked for."""
    if isinstance(found, Mapping):
        try:
            read_request(found)
        except RequestError as error:
            return f"{error.problem} ({error.hint})"
    return found


def _put(below: dict[str, Any], above: Partial) -> dict[str, Any]:
    """Both together; LoRAs come one by one, and each is put behind those before it."""
    merged = merge(below, above)
    if "loras" in above.get("models", {}):
        merged["models"]["loras"] = [*below.get("models", {}).get("loras", ()), *above["models"]["loras"]]
    return merged


def _why_not(key: str) -> str:
    reason = "Fooo has nothing like it" if key in WITHOUT_LIKE else "it is not known here"
    return f"{shortened(key)} was left out: {reason}."
