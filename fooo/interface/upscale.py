"""The verb `upscale`: pictures and folders of pictures made larger, beside the sources or elsewhere."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tqdm import tqdm

from fooo.catalog.known_models import described, known_file
from fooo.catalog.shelf import Shelf, read_shelf
from fooo.errors import BadPicture, FoooError, RequestError, UnknownName
from fooo.files import fetch
from fooo.image import part_of_shape, times
from fooo.image.picture_files import PICTURE_ENDINGS, OpenedPicture, read_picture, write_picture
from fooo.interface.arguments import Arguments
from fooo.interface.cli import STOPPED_BY_PERSON, exit_code
from fooo.interface.fetching import Ask, asker
from fooo.monitor import Monitor
from fooo.plan.finish import MOST_PIXELS
from fooo.plan.finish.upscalers import SHORT_NAMES
from fooo.settings import NetworkSettings, Settings

Size = tuple[int, int]
"""(width, height) in pixels."""

Enlarge = Callable[[OpenedPicture, Size, Callable[[int, int], bool]], OpenedPicture | None]
"""Makes a picture that large; tells how many tiles are done and of how many, and is told whether to go on."""

_KEPT_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".webp"})


def upscale(
    asked: Arguments,
    settings: Settings,
    network: NetworkSettings,
    load: Callable[[Path], Enlarge],
    ask: Ask | None = None,
) -> int:
    """Enlarge what was asked for, one picture after the other; print the path of each as soon as it is written.

    The sources are only read. One that cannot be enlarged is told, and the others are.

    Args:
        asked: `pictures`, `to` or `by`, `output_path`, `model`.
        settings: Where upscalers lie.
        network: Where a missing one is fetched from.
        load: Reads an upscaler's file.
        ask: How the person is asked before it is fetched; by default on the terminal, where `--yes` is not said.

    Returns:
        0, or the exit code of the first failure.

    Raises:
        FoooError: Nothing can be enlarged: there is no picture, or no such upscaler.
    """
    jobs = _jobs(asked)
    enlarge = load(_upscaler(asked.model, settings, network, ask or asker(yes=asked.yes)))
    worst = 0
    for source, target in jobs:
        try:
            print(_enlarge_one(source, target, asked, enlarge), flush=True)
        except FoooError as error:
            print(error if isinstance(error, BadPicture) else f"{source}: {error}", file=sys.stderr)
            worst = worst or exit_code(error)
        except KeyboardInterrupt:
            print(f"Stopped at {source}; the pictures before it are whole.", file=sys.stderr)
            return STOPPED_BY_PERSON
    return worst


def _jobs(asked: Arguments) -> list[tuple[Path, Path]]:
    """Each picture with the file that it is enlarged into; a folder's own results of an earlier run are no sources.

    Raises:
        RequestError: There is nothing of that name, or no picture in it.
    """
    sources = [source for name in asked.pictures for source in _pictures_at(Path(name).expanduser())]
    jobs = {source: _target(source, asked) for source in sources}
    results = set(jobs.values())
    return [(source, target) for source, target in jobs.items() if source not in results]


def _pictures_at(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise RequestError("upscale", f"{place} is no picture and no folder", "look at its name")
    inside = [path for path in sorted(place.iterdir()) if _is_picture(path)]
    if not inside:
        raise RequestError("upscale", f"the folder {place} has no pictures in it", "choose another one")
    return inside


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURE_ENDINGS and not path.name.startswith(".") and path.is_file()


def _target(source: Path, asked: Arguments) -> Path:
    mark = f"{asked.to[0]}x{asked.to[1]}" if asked.to else f"{asked.by:g}x"
    ending = source.suffix if source.suffix.lower() in _KEPT_ENDINGS else ".png"
    folder = Path(asked.output_path).expanduser() if asked.output_path else source.parent
    return folder / f"{source.stem}_{mark}{ending}"


def _enlarge_one(source: Path, target: Path, asked: Arguments, enlarge: Enlarge) -> Path:
    """Raises: FoooError: It cannot be read, enlarged or written, or is there already."""
    if target.exists():
        raise _is_there(target)
    opened = read_picture(source)
    size = asked.to or times(opened.picture.size, asked.by)
    if size[0] * size[1] > MOST_PIXELS:
        problem = f"would have {size[0]:,} x {size[1]:,} pixels"
        raise BadPicture(str(source), problem, f"choose a size of at most {MOST_PIXELS:,}")
    for note in _notes(source, opened.picture.size, size):
        print(note, file=sys.stderr)
    with tqdm(disable=None, leave=False, file=sys.stderr, unit="tile", desc=source.name) as bar:

        def watch(done: int, count: int) -> bool:
            bar.total = count
            bar.update(done - bar.n)
            return True

        enlarged = enlarge(opened, size, watch)
    assert enlarged is not None, "who watches never says stop"
    try:
        return write_picture(enlarged, target)
    except FileExistsError:
        raise _is_there(target) from None


def _is_there(target: Path) -> BadPicture:
    return BadPicture(str(target), "is there already", "take it away, or choose another folder with --out")


def _notes(source: Path, has: Size, wanted: Size) -> Iterator[str]:
    """What a person may not expect of an exact size."""
    part = part_of_shape(has, wanted)
    lost = max(has[0] - part.width, has[1] - part.height)
    if lost >= 1:
        yield f"{source}: cropped evenly by {lost:.0f} pixels, to the shape of {wanted[0]} x {wanted[1]}."
    if wanted[0] < part.width:
        yield f"{source}: has more pixels than {wanted[0]} x {wanted[1]}, so it becomes smaller."


def _upscaler(name: str, settings: Settings, network: NetworkSettings, ask: Ask) -> Path:
    """The file of that name; fetched where it is published and the person says yes.

    Raises:
        FoooError: There is none, it cannot be had, or is of a kind that is not loaded.
    """
    wanted = SHORT_NAMES.get(name, name)
    shelf = read_shelf(settings.models)
    if found := _named(shelf, wanted):
        return found
    known = known_file(wanted)
    if known is None or known.folder != "upscalers":
        raise UnknownName("--model", name, [*SHORT_NAMES, *shelf.upscalers])
    if ask(f"Not here: {described(known)}. Fetch?"):
        fetched = fetch(known, models=settings.models[0], network=network, monitor=Monitor(_unheard))
        if fetched:
            return fetched
    raise RequestError("--model", f"{wanted} is not here", "fetch it with --yes, or name another one")


def _named(shelf: Shelf, name: str) -> Path | None:
    """Raises: FoooError: It is there and cannot be used: a pickle, damaged, or of no kind that is known."""
    for file in shelf.upscalers.values():
        if name.casefold() in {file.name.casefold(), file.path.stem.casefold()}:
            return file.path
    for refused in shelf.refused:
        path = Path(refused.found.path)
        if name.casefold() in {path.stem.casefold(), path.name.casefold()}:
            raise FoooError(refused.sentence)
    return None


def _unheard(_event: object) -> None:
    pass
