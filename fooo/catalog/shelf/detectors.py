"""Which detectors lie in the folders: CenterFace, InsightFace's packs, and YOLO models for other things."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from fooo.catalog.about import About
from fooo.catalog.shelf.folders import model_roots

_FACES, _PACKS, _OTHERS = "faces", "insightface", "detectors"
"""Folders below `models/`."""

_TERMS = About(
    en="InsightFace's packs are for non-commercial research only, unless you have a licence from their makers.",
    zh="InsightFace 的模型包仅供非商业研究使用，除非你持有其作者的授权。",
)


class DetectorKind(StrEnum):
    """How a detector is computed."""

    CENTERFACE = "CenterFace"
    INSIGHTFACE = "InsightFace"
    YOLO = "YOLO"


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorFile:
    """A detector that is here.

    Attributes:
        name: Of its file without ending, or of its pack.
        path: The file, or the folder of a pack.
        terms: What a person must know before it is used; empty where it may be used for anything.
    """

    name: str
    kind: DetectorKind
    path: Path
    terms: About = field(default_factory=About)

    @property
    def finds_faces(self) -> bool:
        return self.kind is not DetectorKind.YOLO


def find_detectors(places: Iterable[Path]) -> tuple[DetectorFile, ...]:
    """The detectors below the folders of models; those of faces that a person has put there before the others.

    Args:
        places: As for `model_folders`.
    """
    roots = model_roots(places)
    return tuple(each for find in (_packs, _centerface, _others) for root in roots for each in find(root))


def _packs(root: Path) -> Iterator[DetectorFile]:
    """Folders of ONNX files, below `insightface` or, as its own program keeps them, below `insightface/models`."""
    for folder in _inside(root / _PACKS) + _inside(root / _PACKS / "models"):
        if folder.is_dir() and any(folder.glob("*.onnx")):
            yield DetectorFile(name=folder.name, kind=DetectorKind.INSIGHTFACE, path=folder, terms=_TERMS)


def _centerface(root: Path) -> Iterator[DetectorFile]:
    for path in _inside(root / _FACES):
        if path.suffix == ".onnx" and path.stem.casefold() == "centerface":
            yield DetectorFile(name=path.stem, kind=DetectorKind.CENTERFACE, path=path)


def _others(root: Path) -> Iterator[DetectorFile]:
    for path in _inside(root / _OTHERS):
        if path.suffix == ".onnx":
            yield DetectorFile(name=path.stem, kind=DetectorKind.YOLO, path=path)


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
