"""The model files: whether each is whole, of its published size, and one is there to draw with."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from fooo.catalog import Catalog
from fooo.catalog.known_models import known_file
from fooo.catalog.model_files.header import read_header
from fooo.catalog.shelf import FileHashes, Refusal, Shelf
from fooo.doctor.finding import Area, Finding, State, sentence
from fooo.errors import ModelError


def check_models(catalog: Catalog, shelf: Shelf, places: Iterable[Path]) -> Iterator[Finding]:
    """Of every file in the folders, and whether there is a base model.

    Args:
        catalog: With the models in diffusers' layout.
        shelf: With the single files.
        places: The configured folders, for the person to see.
    """
    yield _finding("Model folders", State.OK, ", ".join(map(str, places)))
    yield from check_shelf(shelf)
    files = [file.path for file in shelf.files]
    files += [file for model in catalog.models.values() for file in model.weight_files]
    faults = list(check_files(files))
    yield from faults
    whole = len(files) - sum(finding.state is State.FAULT for finding in faults)
    yield _finding("Model files", State.OK, f"{whole:,} whole")
    yield check_base(catalog)


def check_shelf(shelf: Shelf) -> Iterator[Finding]:
    """What the shelf says that a person should know."""
    damaged = {entry.sentence for entry in shelf.refused if entry.refusal is Refusal.DAMAGED}
    for problem in shelf.problems:
        told, _, mend = problem.rstrip(".").rpartition("; ")
        state = State.FAULT if problem in damaged else State.WARNING
        yield _finding("Model file", state, told or problem, sentence(mend))


def check_files(files: Iterable[Path]) -> Iterator[Finding]:
    """Each safetensors file's header, tensor by tensor, against its size; and the size against the published one."""
    for file in files:
        try:
            read_header(file)
            known = known_file(file.name)
            size = file.stat().st_size
        except ModelError as error:
            yield _finding("Model file", State.FAULT, f"{error.path} {error.problem}", sentence(error.hint))
        except OSError as error:
            told = f"{file} cannot be read ({error.strerror})"
            yield _finding("Model file", State.FAULT, told, "Look at its rights, or copy it again.")
        else:
            if known and known.bytes and known.bytes != size:
                told = f"{file} has {size:,} bytes, and the published file of that name {known.bytes:,}"
                yield _finding("Model file", State.WARNING, told, "Rename it if it is another one, or fetch it again.")


def check_hashes(files: Iterable[Path], hashes: FileHashes) -> Iterator[Finding]:
    """Each file that the table of known models has a hash of, against it. Reads every byte of the files."""
    for file in files:
        known = known_file(file.name)
        if known is None or known.sha256 is None:
            continue
        try:
            same = hashes.sha256(file) == known.sha256
        except ModelError as error:
            yield _finding("Model file", State.FAULT, f"{error.path} {error.problem}", sentence(error.hint))
        else:
            told = f"{file} has {'' if same else 'not '}the published hash"
            mend = "" if same else "Rename it if it is another one, or fetch it again."
            yield _finding("Model file", State.OK if same else State.WARNING, told, mend)


def check_base(catalog: Catalog) -> Finding:
    """Whether there is anything to draw with."""
    base = catalog.first_base()
    if base is None:
        mend = "Restore models/pocket from the download of Fooo."
        return _finding("Models", State.FAULT, "no model to draw with is here", mend)
    return _finding("Models", State.OK, ", ".join(_by_kind(catalog)))


def _by_kind(catalog: Catalog) -> Iterator[str]:
    kinds: Mapping[str, list[str]] = {}
    for model in catalog.models.values():
        kinds = {**kinds, model.kind.value: [*kinds.get(model.kind.value, []), model.name]}
    return (f"{', '.join(names)} ({kind})" for kind, names in kinds.items())


def _finding(name: str, state: State, found: str, mend: str = "") -> Finding:
    return Finding(area=Area.MODELS, name=name, state=state, found=found, mend=mend)
