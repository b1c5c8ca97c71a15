"""The verb `models`: what lies on the shelf, and how it gets there and away."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from tqdm import tqdm

from fooo.catalog import Catalog, read_catalog
from fooo.catalog.known_models import described, known_file, missing_files, preset_files
from fooo.catalog.local_models import find_models
from fooo.catalog.presets import PresetFile
from fooo.catalog.shelf import FileHashes, Refusal, Shelf, kind_of, model_roots, read_shelf
from fooo.doctor import Finding, State, as_line, exit_code
from fooo.doctor.models import check_files, check_hashes
from fooo.errors import FoooError, RequestError, UnknownName
from fooo.events import Downloading, Event
from fooo.files import add, convert, move_to_trash
from fooo.interface.arguments import Arguments
from fooo.interface.fetching import Ask, asker
from fooo.monitor import Monitor
from fooo.settings import NetworkSettings, Settings


def manage_models(asked: Arguments, settings: Settings, network: NetworkSettings, ask: Ask | None = None) -> int:
    """Carry out `models list|add|check|remove|convert`; gives the exit code.

    Args:
        asked: `action` and `names`.
        settings: Where models lie; our own folder first.
        network: Where they are fetched from.
        ask: How the person is asked before something is fetched; by default on the terminal, where `--yes` is not said.

    Raises:
        FoooError: The one thing asked for cannot be done.
    """
    own = settings.models[0]
    match asked.action:
        case "list":
            return _list(settings)
        case "add":
            return _each(asked.names, lambda name: _add(name, own, network, ask or asker(yes=asked.yes)))
        case "check":
            return _check(settings, asked.names)
        case "remove":
            return _each(asked.names, lambda name: _remove(name, settings, own))
        case _:
            return _each(asked.names, lambda name: print(convert(Path(name).expanduser())))


def _list(settings: Settings) -> int:
    catalog = read_catalog(styles=settings.styles, presets=settings.presets, models=settings.models)
    for model in catalog.models.values():
        print(f"{model.kind.value:<14} {model.name}")
    of_models = {model.path for model in catalog.models.values()}
    for file in catalog.shelf.files:
        if file.path not in of_models:
            print(f"{kind_of(file.identity.contents):<14} {file.name}")
    for problem in catalog.shelf.problems:
        print(problem, file=sys.stderr)
    _list_missing(catalog)
    return 0


def _list_missing(catalog: Catalog) -> None:
    here = [*catalog.models, *(file.name for file in catalog.shelf.files)]
    for preset in catalog.presets.values():
        for file in missing_files(preset_files(preset), here):
            print(f"{'not here':<14} {described(file)}: for the preset {preset.name}")


def _add(name: str, own: Path, network: NetworkSettings, ask: Ask) -> None:
    if not Path(name).expanduser().is_file() and not ask(f"Fetch {_announced(name)}?"):
        raise RequestError("model", f"{name} was not fetched", "say yes, or --yes")
    with tqdm(disable=None, leave=False, file=sys.stderr, unit="B", unit_scale=True) as bar:

        def show(event: Event) -> None:
            if isinstance(event, Downloading):
                bar.set_description_str(event.what)
                bar.total = event.total
                bar.update(event.done - bar.n)

        path = add(name, models=own, network=network, monitor=Monitor(show))
    if path:
        print(path)


def _announced(name: str) -> str:
    file: PresetFile | None = known_file(name)
    return described(file) if file else name


def _check(settings: Settings, names: Iterable[str]) -> int:
    shelf = read_shelf(settings.models)
    damaged = [Path(file.found.path) for file in shelf.refused if file.refusal is Refusal.DAMAGED]
    folders = find_models(model_roots(settings.models)).values()
    every = [*(file.path for file in shelf.files), *damaged, *(file for each in folders for file in each.weight_files)]
    paths = [_named(shelf, name) for name in names] or every
    hashes = FileHashes(settings.models[0] / ".cache")
    findings: list[Finding] = []
    for finding in (*check_files(paths), *check_hashes(paths, hashes)):
        findings.append(finding)
        print(as_line(finding), flush=True)
    whole = len(paths) - sum(finding.state is State.FAULT for finding in findings)
    print(f"{whole:,} of {len(paths):,} model files are whole.")
    return exit_code(findings)


def _remove(name: str, settings: Settings, own: Path) -> None:
    print(move_to_trash(_named(read_shelf(settings.models), name), models=own))


def _named(shelf: Shelf, name: str) -> Path:
    """The file of that name, with or without its folders and its ending; also one that cannot be used.

    Raises:
        UnknownName: There is none, or there are several.
    """
    there = [(file.name, file.path) for file in shelf.files]
    there += [(file.found.name, Path(file.found.path)) for file in shelf.refused]
    plain = name.casefold()
    found = [path for full, path in there if plain in {full.casefold(), path.stem.casefold()}]
    if len(found) != 1:
        raise UnknownName("model", name, [full for full, _ in there])
    return found[0]


def _each(names: Iterable[str], do: Callable[[str], object]) -> int:
    """One after the other; the others are done though one cannot be, and the first failure is raised at the end."""
    failures: list[FoooError] = []
    for name in names:
        try:
            do(name)
        except FoooError as error:
            if failures:
                print(error, file=sys.stderr)
            failures.append(error)
    if failures:
        raise failures[0]
    return 0
