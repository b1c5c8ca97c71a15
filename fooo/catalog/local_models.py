"""The models that lie in the model folders, ready to draw."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fooo.catalog.identify import ModelKind, identify_folder
from fooo.request import Size

POCKET = "pocket/"
"""Names under it are the embedded model's: chosen by itself only while no other is there."""

_DEEPEST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalModel:
    """A folder in diffusers' layout. Its name is its path below the model folder, with `/`."""

    name: str
    kind: ModelKind
    folder: Path
    native_size: Size

    @property
    def weight_files(self) -> tuple[Path, ...]:
        return tuple(sorted(self.folder.rglob("*.safetensors")))

    @property
    def bytes(self) -> int:
        return sum(file.stat().st_size for file in self.weight_files)


def find_models(folders: Iterable[Path]) -> dict[str, LocalModel]:
    """Every model below the folders by name; where two have the same name, the first folder's."""
    found: dict[str, LocalModel] = {}
    for root in folders:
        for config in sorted(root.glob("**/unet/config.json")):
            folder = config.parent.parent
            name = folder.relative_to(root).as_posix()
            identity = identify_folder(folder) if name.count("/") < _DEEPEST else None
            if identity and name not in found:
                found[name] = LocalModel(name=name, kind=identity.kind, folder=folder, native_size=identity.native_size)
    return found


class ModelHashes:
    """SHA-256 of models, read once for each state of their files."""

    def __init__(self) -> None:
        self._known: dict[tuple[Path, int, int], str] = {}

    def sha256(self, model: LocalModel) -> str:
        """64 hex digits over the digests of the model's weight files, in the order of their names."""
        digests = (f"{file.relative_to(model.folder).as_posix()} {self._of(file)}\n" for file in model.weight_files)
        return hashlib.sha256("".join(digests).encode()).hexdigest()

    def _of(self, file: Path) -> str:
        state = file.stat()
        key = (file, state.st_size, state.st_mtime_ns)
        if key not in self._known:
            with file.open("rb") as stream:
                self._known[key] = hashlib.file_digest(stream, "sha256").hexdigest()
        return self._known[key]
