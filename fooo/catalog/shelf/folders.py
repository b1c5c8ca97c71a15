"""Which folders hold which kinds of model files: Fooo's own, and those of other programs, read in place.

Names of the folders: Fooocus and ComfyUI, the webui and Forge, SD.Next.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import cast

import yaml

from fooo.catalog.user_files import read_json, read_text
from fooo.errors import FoooError


class FolderKind(StrEnum):
    """What a folder is for; the values are Fooo's own folders' names."""

    CHECKPOINTS = "checkpoints"
    LORAS = "loras"
    EMBEDDINGS = "embeddings"
    VAES = "vae"
    UPSCALERS = "upscalers"
    GUIDES = "controlnet"
    CLIP_VISION = "clip_vision"
    TEXT_ENCODERS = "text_encoders"


_NAMES = {
    FolderKind.CHECKPOINTS: ("checkpoints", "stable-diffusion", "unet", "diffusion_models"),
    FolderKind.LORAS: ("loras", "lora", "lycoris"),
    FolderKind.EMBEDDINGS: ("embeddings",),
    FolderKind.VAES: ("vae",),
    FolderKind.UPSCALERS: ("upscalers", "upscale_models", "esrgan", "realesrgan", "swinir", "dat"),
    FolderKind.GUIDES: ("controlnet", "ipadapter"),
    FolderKind.CLIP_VISION: ("clip_vision",),
    FolderKind.TEXT_ENCODERS: ("text_encoders", "text_encoder", "text-encoder", "clip"),
}
_CONFIGURATIONS = ("config.txt", "extra_model_paths.yaml")
_EXTENSION = Path("extensions", "sd-webui-controlnet", "models")
_MOST_BYTES = 1_000_000
"""Of a configuration."""

_KINDS = {name: kind for kind, names in _NAMES.items() for name in names}


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """Where model files lie.

    Attributes:
        path: The folder.
        kind: What the files in it should be; None where they may be anything.
        is_deep: Whether the folders in it belong to it.
    """

    path: Path
    kind: FolderKind | None = None
    is_deep: bool = True


def model_folders(places: Iterable[Path]) -> tuple[list[ModelFolder], list[str]]:
    """The folders in which model files lie, in the order of the places, and a sentence for each place that is wrong.

    Args:
        places: Each a folder of models, with a folder for each kind in it or the files themselves; the folder of
            another program (ComfyUI, webui, Forge, Fooocus), with its `models` in it; or a file in which such a program
            names its folders: ComfyUI's `extra_model_paths.yaml`, Fooocus' `config.txt`.
    """
    folders: list[ModelFolder] = []
    problems: list[str] = []
    for place in _with_configurations(places):
        try:
            folders += _folders_at(place)
        except FoooError as error:
            problems.append(str(error))
        except OSError as error:
            problems.append(f"The model folder {place} cannot be read ({error.strerror}); look at its rights.")
    return folders, problems


def _with_configurations(places: Iterable[Path]) -> Iterator[Path]:
    """Behind the folder of another program the files in it that name further folders."""
    for place in places:
        yield place
        if (place / "models").is_dir():
            yield from (place / name for name in _CONFIGURATIONS if (place / name).is_file())


def _folders_at(place: Path) -> list[ModelFolder]:
    """Raises: FoooError, OSError: The place cannot be read."""
    if place.is_file():
        return _named_in(place)
    if not place.is_dir():
        raise FoooError(f"The model folder {place} is not there; make it, or name another one.")
    inside = _folders_in(place)
    if "models" not in inside:
        return _in_models(place)
    extension = place / _EXTENSION
    guides = [ModelFolder(extension, FolderKind.GUIDES)] if extension.is_dir() else []
    # the webui keeps embeddings beside its models
    return [*_in_models(inside["models"]), *_by_kind(inside), *guides]


def model_roots(places: Iterable[Path]) -> list[Path]:
    """The folders below which models in diffusers' layout may lie: of another program's folder, its `models`."""
    return [models if (models := place / "models").is_dir() else place for place in places]


def _in_models(folder: Path) -> list[ModelFolder]:
    """The folder of each kind, and what lies beside them; of a folder without such, itself."""
    kinds = _by_kind(_folders_in(folder))
    if kinds:
        return [*kinds, ModelFolder(folder, is_deep=False)]
    return [ModelFolder(folder, _KINDS.get(folder.name.casefold()))]


def _by_kind(folders: Mapping[str, Path]) -> list[ModelFolder]:
    return [ModelFolder(folder, _KINDS[name]) for name, folder in folders.items() if name in _KINDS]


def _folders_in(folder: Path) -> dict[str, Path]:
    """By their names in small letters. Raises: OSError."""
    with os.scandir(folder) as listing:
        return {name.casefold(): folder / name for name in sorted(entry.name for entry in listing if is_folder(entry))}


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it is one, or leads to one."""
    try:
        return entry.is_dir()
    except OSError:
        return False  # a link to itself


def _named_in(config: Path) -> list[ModelFolder]:
    """The folders that a program's configuration names and that are there.

    Raises:
        FoooError: It cannot be read, or names only folders that are not there.
    """
    if config.suffix in {".yaml", ".yml"}:
        named = _named_by_comfyui(config)
    else:
        content, _ = read_json(config, "configuration", at_most=_MOST_BYTES)
        named = _paths(config.parent, {key.removeprefix("path_"): value for key, value in _entries(content).items()})
    there = [folder for folder in named if folder.path.is_dir()]
    if named and not there:
        raise FoooError(
            f"The configuration file {config} names no folder that is there: {named[0].path} is not; mend it."
        )
    return there


def _named_by_comfyui(config: Path) -> list[ModelFolder]:
    """Each section has a `base_path` and, by kind, a path or several, a line each, counted from there.

    Raises:
        FoooError: It cannot be read.
    """
    try:
        content: object = yaml.safe_load(read_text(config, "configuration", at_most=_MOST_BYTES))
    except (yaml.YAMLError, ValueError, RecursionError):
        raise FoooError(f"The configuration file {config} is not YAML; mend or remove it.") from None
    folders: list[ModelFolder] = []
    for section in _entries(content).values():
        entries = _entries(section)
        base = entries.get("base_path")
        folders += _paths(config.parent / Path(base).expanduser() if isinstance(base, str) else config.parent, entries)
    return folders


def _entries(content: object) -> dict[str, object]:
    return (
        {str(key): value for key, value in cast(dict[object, object], content).items()}
        if isinstance(content, dict)
        else {}
    )


def _paths(base: Path, of_kind: Mapping[str, object]) -> list[ModelFolder]:
    """A folder for each path; a value is a path, a text with one a line, or a list."""
    folders: list[ModelFolder] = []
    for name, value in of_kind.items():
        kind = _KINDS.get(name.casefold())
        lines = (
            value.splitlines()
            if isinstance(value, str)
            else cast(list[object], value)
            if isinstance(value, list)
            else ()
        )
        paths = [line.strip() for line in lines if isinstance(line, str) and line.strip()]
        folders += [ModelFolder(base / Path(path).expanduser(), kind) for path in paths if kind]
    return folders
