"""Finds the model files in folders, without opening one."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fooo.catalog.model_files.notes import SIDE_CARS
from fooo.catalog.shelf.folders import FolderKind, ModelFolder, is_folder

SAFE = (".safetensors", ".sft", ".vae")
PICKLES = (".ckpt", ".pt", ".bin", ".pth", ".patch")
PARTS = ("text_encoder", "text_encoder_2", "unet", "vae")
"""The networks of a model in diffusers' layout, by their folders."""

_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file with a model's ending.

    Attributes:
        path: Where it lies.
        name: Its path below the model folder, with `/`.
        kind: Of the model folder.
        bytes: How large it is.
        changed: When it was last written, in nanoseconds.
        beside: Endings of its side-cars, with the time when each was last written.
    """

    path: str
    name: str
    kind: FolderKind | None
    bytes: int
    changed: int
    beside: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Args: path: A folder that could not be read. reason: In the system's words."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"The model folder {self.path} cannot be read ({self.reason}); look at its rights."


def find_files(folders: Iterable[ModelFolder]) -> Iterator[FoundFile | Unreadable]:
    """The model files of each folder, in the order of their names; links are followed.

    A folder that was seen before, by whatever way, is passed over: links cannot lead round in circles, nor show a file
    twice. So are names that begin with a dot, and folders of a model in diffusers' layout, but for the pickles in them
    that stand in the way of its use.
    """
    seen: set[tuple[int, int]] = set()
    for folder in folders:
        yield from _walk(folder, str(folder.path), "", seen)


def _walk(folder: ModelFolder, path: str, below: str, seen: set[tuple[int, int]]) -> Iterator[FoundFile | Unreadable]:
    """Args: below: From the model folder to `path`, with a slash behind; empty at its top."""
    try:
        here = Path(path).stat()
        if (here.st_dev, here.st_ino) in seen:
            return
        with os.scandir(path) as listing:
            entries = sorted(
                (entry for entry in listing if not entry.name.startswith(".")), key=lambda entry: entry.name
            )
        inside = [entry for entry in entries if is_folder(entry)] if folder.is_deep else []
    except OSError as error:
        yield Unreadable(path, error.strerror or "unknown")
        return
    seen.add((here.st_dev, here.st_ino))
    if _is_diffusers_model(path, entries):
        yield from _pickled_parts(folder, path, below)
        return
    yield from _files(folder, entries, below)
    if below.count("/") < _DEEPEST:
        for entry in inside:
            yield from _walk(folder, entry.path, f"{below}{entry.name}/", seen)


def _is_diffusers_model(path: str, entries: list[os.DirEntry[str]]) -> bool:
    names = {entry.name for entry in entries}
    return "model_index.json" in names or ("unet" in names and Path(path, "unet", "config.json").exists())


def _pickled_parts(folder: ModelFolder, path: str, below: str) -> Iterator[FoundFile]:
    """The pickles of those of its networks that are there in no other form: converted, they are found."""
    for part in PARTS:
        try:
            with os.scandir(Path(path, part)) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            continue
        if not any(entry.name.endswith(".safetensors") for entry in entries):
            yield from _files(folder, entries, f"{below}{part}/")


def _files(folder: ModelFolder, entries: list[os.DirEntry[str]], below: str) -> Iterator[FoundFile]:
    by_name = {entry.name: entry for entry in entries}
    for entry in entries:
        if not entry.name.lower().endswith((*SAFE, *PICKLES)):
            continue
        try:
            if not entry.is_file():
                continue
            stat = entry.stat()
            stem = entry.name.rpartition(".")[0]
            beside = tuple((end, by_name[stem + end].stat().st_mtime_ns) for end in SIDE_CARS if stem + end in by_name)
        except OSError:
            continue  # it was taken away meanwhile, or is a link to nowhere
        yield FoundFile(entry.path, below + entry.name, folder.kind, stat.st_size, stat.st_mtime_ns, beside)
