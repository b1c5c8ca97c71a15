"""The shelf: every model file in the folders, what it holds, and why some are left out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from fooo.catalog.identify import identify_file
from fooo.catalog.model_files.contents import Checkpoint, Contents, Embedding, Lora, Unknown, Upscaler, Vae
from fooo.catalog.model_files.notes import read_notes
from fooo.catalog.shelf.entries import Refusal, RefusedFile, ShelfFile
from fooo.catalog.shelf.folders import model_folders
from fooo.catalog.shelf.names import with_own_names
from fooo.catalog.shelf.sentences import bad_name, misplaced, pickle, summary, useless
from fooo.catalog.shelf.walk import PICKLES, FoundFile, Unreadable, find_files
from fooo.errors import ModelError


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What lay in the folders when they were read.

    Attributes:
        files: In the order of the folders and their names; the tables below have them by name.
        refused: Those that are left out, each with its reason.
        problems: What the person should know, a sentence each.
        seen: What was found, to see by it whether anything changed.
        wrong_places: Those of the problems that come from no file.
    """

    files: tuple[ShelfFile, ...] = ()
    refused: tuple[RefusedFile, ...] = ()
    problems: tuple[str, ...] = ()
    seen: tuple[FoundFile | Unreadable, ...] = field(default=(), repr=False)
    wrong_places: tuple[str, ...] = field(default=(), repr=False)

    @property
    def checkpoints(self) -> dict[str, ShelfFile]:
        return self.holding(Checkpoint)

    @property
    def loras(self) -> dict[str, ShelfFile]:
        return self.holding(Lora)

    @property
    def embeddings(self) -> dict[str, ShelfFile]:
        return self.holding(Embedding)

    @property
    def vaes(self) -> dict[str, ShelfFile]:
        return self.holding(Vae)

    @property
    def upscalers(self) -> dict[str, ShelfFile]:
        return self.holding(Upscaler)

    def holding(self, *kinds: type[Contents]) -> dict[str, ShelfFile]:
        """Those that hold something of these kinds, by name."""
        return {file.name: file for file in self.files if isinstance(file.identity.contents, kinds)}


def read_shelf(places: Iterable[Path], last: Shelf | None = None) -> Shelf:
    """The model files that lie in the places now.

    Args:
        places: As for `model_folders`; of two files of one name, the earlier place's has it.
        last: The shelf of the last time: a file that has not changed since is not opened again. Where nothing has,
            it is given back as it is.
    """
    folders, wrong = model_folders(places)
    seen = tuple(find_files(folders))
    if last is not None and seen == last.seen and tuple(wrong) == last.wrong_places:
        return last
    known = {entry.found: entry for entry in (*last.files, *last.refused)} if last else {}
    entries = [known.get(found) or _look_at(found) for found in seen if isinstance(found, FoundFile)]
    files, twice = with_own_names(entry for entry in entries if isinstance(entry, ShelfFile))
    refused = tuple(entry for entry in entries if isinstance(entry, RefusedFile))
    closed = (str(each) for each in seen if isinstance(each, Unreadable))
    in_wrong_place = (said for file in files if (said := misplaced(file)))
    return Shelf(
        files=files,
        refused=refused,
        problems=(*wrong, *closed, *summary(refused), *twice, *in_wrong_place),
        seen=seen,
        wrong_places=tuple(wrong),
    )


def _look_at(found: FoundFile) -> ShelfFile | RefusedFile:
    """The file with what it holds. A glance at its header is enough here: it is read whole before it is loaded."""
    path = Path(found.path)
    if not found.name.isprintable() or "\\" in found.name:
        return RefusedFile(found, Refusal.NAME, bad_name(found.path))
    if found.name.lower().endswith(PICKLES):
        return RefusedFile(found, Refusal.PICKLE, pickle(path))
    try:
        identity = identify_file(path, thorough=False)
    except ModelError as error:
        return RefusedFile(found, Refusal.DAMAGED, str(error))
    if isinstance(identity.contents, Unknown):
        return RefusedFile(found, Refusal.UNKNOWN, useless(path, identity.contents.why))
    notes = read_notes(path, [end for end, _ in found.beside])
    return ShelfFile(name=found.name, found=found, identity=identity, notes=notes)
