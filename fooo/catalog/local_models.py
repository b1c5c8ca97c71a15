"""The models that lie in the model folders, ready to draw."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fooo.catalog.identify import ModelKind, identify_folder
from fooo.catalog.knowledge import Knowledge, read_knowledge
from fooo.catalog.model_files.contents import Checkpoint
from fooo.catalog.shelf import FileHashes, Shelf
from fooo.catalog.shelf.walk import PARTS
from fooo.errors import ModelError
from fooo.request import Size

POCKET = "pocket/"
"""Names under it are the embedded model's: chosen by itself only while no other is there."""

_DEEPEST = 4
# The names that the loaders know, whole or in shards, and those of converted pickles; the fp16 variant is marked before
# or behind the shard's number.
_WEIGHTS = re.compile(r"(diffusion_)?(pytorch_)?model(\.fp16)?(-\d+-of-\d+)?(\.fp16)?\.safetensors")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalModel:
    """A folder in diffusers' layout, or a checkpoint. Its name is its path below the model folder, with `/`.

    Attributes:
        folder: The model's own, or the one in which its file lies.
        file: The checkpoint; None of a folder.
        checkpoint: What its header says; None of a folder, whose own small files say it.
        knows: What it says it has learnt; None of one that knows everything as far as we know.
    """

    name: str
    kind: ModelKind
    folder: Path
    native_size: Size
    file: Path | None = None
    checkpoint: Checkpoint | None = field(default=None, compare=False, repr=False)
    # left out of the comparison: a model is the key of many tables, and this is long
    knows: Knowledge | None = field(default=None, compare=False, repr=False)

    @property
    def path(self) -> Path:
        return self.file or self.folder

    @property
    def weight_files(self) -> tuple[Path, ...]:
        """Those that are loaded, by the parts' names; of a refiner only its UNet is."""
        if self.file:
            return (self.file,)
        parts = ("unet",) if self.kind is ModelKind.SDXL_REFINER else PARTS
        return tuple(file for part in parts for file in part_files(self.folder / part))

    @property
    def bytes(self) -> int:
        return sum(file.stat().st_size for file in self.weight_files)


def part_files(folder: Path) -> tuple[Path, ...]:
    """The weight files that are loaded of one part, as `unet/`: in full precision where there are such, else in fp16.

    Every shard is named; empty where there is none. Other files beside them, such as `.non_ema.`, are nobody's.
    """
    files = sorted(file for file in folder.glob("*.safetensors") if _WEIGHTS.fullmatch(file.name) and file.is_file())
    full = tuple(file for file in files if ".fp16" not in file.name)
    return full or tuple(files)


def find_models(folders: Iterable[Path]) -> dict[str, LocalModel]:
    """Every model that is one of the folders or lies up to four levels below, by name; links are followed.

    One whose UNet is a pickle is none yet. Where two have the same name it is the first folder's. A folder that is
    missing or cannot be read is empty.

    Raises:
        ModelError: What a model says it has learnt cannot be read.
    """
    found: dict[str, LocalModel] = {}
    for root in filter(_is_folder, folders):
        for model in _models_at(root, (), frozenset({root.resolve()})):
            found.setdefault(model.name, model)
    return found


def models_on(shelf: Shelf) -> dict[str, LocalModel]:
    """The checkpoints on the shelf, by name; of one with a folder `NAME.config` beside it, that says its size."""
    return {
        name: LocalModel(
            name=name,
            kind=checkpoint.kind,
            folder=file.path.parent,
            native_size=_told_size(file.path) or checkpoint.native_size,
            file=file.path,
            checkpoint=checkpoint,
        )
        for name, file in shelf.checkpoints.items()
        if isinstance(checkpoint := file.identity.contents, Checkpoint)
    }


def _told_size(checkpoint: Path) -> Size | None:
    identity = identify_folder(checkpoint.with_suffix(".config"))
    return identity.native_size if identity else None


def _models_at(folder: Path, names: tuple[str, ...], way: frozenset[Path]) -> Iterator[LocalModel]:
    """The model that `folder` is, or else those below it.

    Args:
        folder: Where to look.
        names: Of the folders from the root's first child to this one.
        way: The real folders from the root to this one: a link back to one of them is not followed.
    """
    identity = identify_folder(folder)
    if identity and _is_pickled(folder / "unet"):
        return
    if identity:
        own_name = folder.resolve().name if folder.name in {"", ".."} else folder.name
        name = "/".join(names) or own_name
        yield LocalModel(
            name=name,
            kind=identity.kind,
            folder=folder,
            native_size=identity.native_size,
            knows=read_knowledge(folder),
        )
    elif len(names) < _DEEPEST:
        for child in _folders_in(folder):
            real = child.resolve()
            if real not in way:
                yield from _models_at(child, (*names, child.name), way | {real})


def _is_pickled(part: Path) -> bool:
    """Whether the weights are there as pickles only, which the shelf tells."""
    return not part_files(part) and any(part.glob("*.bin"))


def _folders_in(folder: Path) -> list[Path]:
    try:
        return sorted(child for child in folder.iterdir() if not _is_not_ours(child.name) and _is_folder(child))
    except OSError:
        return []


def _is_not_ours(name: str) -> bool:
    """Whether a folder is the trash, or tells how a checkpoint beside it is built."""
    return name.startswith(".") or name.endswith(".config")


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


class ModelHashes:
    """SHA-256 of models, read once for each state of their files. Args: files: Keeps those of single files."""

    def __init__(self, files: FileHashes | None = None) -> None:
        self._files = files or FileHashes()

    def sha256(self, model: LocalModel) -> str:
        """64 hex digits: of a checkpoint its file's; else over those of the weight files, in the order of their names.

        Raises:
            ModelError: A file is gone or cannot be read.
        """
        if model.file:
            return self._files.sha256(model.file)
        if not model.weight_files:
            raise ModelError(model.folder, "is gone", "put it back, or choose another model")
        digests = (
            f"{file.relative_to(model.folder).as_posix()} {self._files.sha256(file)}\n" for file in model.weight_files
        )
        return hashlib.sha256("".join(digests).encode()).hexdigest()
