"""The shelf: the model files of this and other programs, read in place."""

from fooo.catalog.shelf.entries import Refusal, RefusedFile, ShelfFile
from fooo.catalog.shelf.folders import FolderKind, ModelFolder, model_folders, model_roots
from fooo.catalog.shelf.hashes import FileHashes
from fooo.catalog.shelf.names import find_name
from fooo.catalog.shelf.sentences import described, kind_of
from fooo.catalog.shelf.shelf import Shelf, read_shelf

__all__ = [
    "FileHashes",
    "FolderKind",
    "ModelFolder",
    "Refusal",
    "RefusedFile",
    "Shelf",
    "ShelfFile",
    "described",
    "find_name",
    "kind_of",
    "model_folders",
    "model_roots",
    "read_shelf",
]
