"""Which files a preset or a feature still needs, and what is known of them."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath

from fooo.catalog.known_models.known_model import KnownModel
from fooo.catalog.known_models.links import source_url
from fooo.catalog.known_models.table import KNOWN_MODELS
from fooo.catalog.performance import modes_by_name
from fooo.catalog.presets import Preset, PresetFile

_ENDINGS = frozenset({".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".bin", ".onnx", ".csv"})


def preset_files(preset: Preset) -> tuple[PresetFile, ...]:
    """What a preset stands on: the files that it names, and the one of its performance mode."""
    mode = modes_by_name().get(preset.partial.get("sampling", {}).get("performance", ""))
    brought = known_file(mode.lora) if mode and mode.lora else None
    return (*preset.files, brought) if brought else preset.files


def missing_files(wanted: Iterable[PresetFile], here: Iterable[str]) -> tuple[PresetFile, ...]:
    """Those of the wanted files that are not here, each once, with what is known of their size, hash and licence.

    Args:
        wanted: Such as those of `preset_files`.
        here: Names of the model files that were found, in whatever folder; with or without their endings.
    """
    names = {_plain(name) for name in here}
    missing = {_plain(file.name): with_known_facts(file) for file in wanted if _plain(file.name) not in names}
    return tuple(missing.values())


def with_known_facts(file: PresetFile, known: Iterable[KnownModel] = KNOWN_MODELS) -> PresetFile:
    """The file with the size, hash and licence that the table has of the same address, over what it says of itself.

    Presets are handed around: one that names a published file with another hash is wrong, or worse.
    """
    facts = next((model.file for model in known if source_url(model.file) == source_url(file)), None)
    if facts is None:
        return file
    return replace(
        file,
        bytes=facts.bytes or file.bytes,
        sha256=facts.sha256 or file.sha256,
        licence=facts.licence or file.licence,
    )


def known_file(name: str, known: Iterable[KnownModel] = KNOWN_MODELS) -> PresetFile | None:
    """The published file of that name, with or without its ending; None where none is known."""
    return find_file(name, (model.file for model in known))


def find_file(name: str, files: Iterable[PresetFile]) -> PresetFile | None:
    """The first of the files that has this name, with or without its ending."""
    return next((file for file in files if _plain(file.name) == _plain(name)), None)


def described(file: PresetFile) -> str:
    """Name, size and licence in one line, for the person who decides whether to fetch it."""
    size = size_in_words(file.bytes) if file.bytes else "size not known"
    facts = (size, f"licence: {file.licence or 'not stated'}")
    return f"{file.name} ({', '.join(facts)})"


def size_in_words(count: int) -> str:
    """As people say it of files. Args: count: Of bytes."""
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"


def _plain(name: str) -> str:
    """Without folders, ending and capitals: other programs keep the same file elsewhere, or converted."""
    path = PurePosixPath(name.replace("\\", "/").casefold())
    return path.stem if path.suffix in _ENDINGS else path.name
