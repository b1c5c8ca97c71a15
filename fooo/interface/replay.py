"""The verbs `info` and `replay`: how a picture was made, and the same once more."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import cast

from fooo.catalog import Catalog
from fooo.errors import RequestError, UnreadableMetadata
from fooo.image.picture_files import read_picture
from fooo.interface.arguments import Arguments
from fooo.interface.cli import STOPPED_BY_PERSON, follow_to_the_end
from fooo.interface.fetching import Ask, asker, fetch_needed
from fooo.record import Read, Record, parameters_text, read
from fooo.record.compare import difference
from fooo.record.export import Export, as_comfyui, as_diffusers_script
from fooo.request import Request, only_set_fields
from fooo.service import Fooo

_LOSSY = " That much may be lost in keeping it: only a PNG keeps every pixel."
_LABELS = 10
"""Characters before each value, so that they stand below each other."""


def info(asked: Arguments, catalog: Catalog) -> int:
    """Print what each picture says of how it was made: for people, or in the form that `--as` names.

    Raises:
        UnreadableMetadata: A picture says nothing, or what it says is broken.
    """
    for name in asked.pictures:
        found = _read(Path(name).expanduser(), catalog)
        if asked.form:
            _print_form(found, asked.form, catalog)
        else:
            print(name, *_lines(found), sep="\n")
    return 0


def replay(program: Fooo, asked: Arguments, ask: Ask | None = None) -> int:
    """Draw a picture again, print its path, and how equal it is to what it was.

    Returns:
        0 where it was drawn, equal or not; else that of a program that was stopped.

    Raises:
        FoooError: The picture cannot be read, or not be drawn.
    """
    path = Path(asked.picture).expanduser()
    found = _read(path, program.catalog)
    before = read_picture(path).picture
    for loss in found.losses:
        print(loss.sentence, file=sys.stderr)
    fetch_needed(program, (found.request,), ask or asker(yes=asked.yes))
    job = program.submit(found.request)
    if not follow_to_the_end(job):
        print("Stopped; nothing can be said of how equal it would be.", file=sys.stderr)
        return STOPPED_BY_PERSON
    for done in job.pictures:
        apart = difference(before, read_picture(done.path).picture)
        if apart is None:
            print("It has another size.")
        elif not apart.largest:
            print("It is the same, pixel for pixel.")
        else:
            print(
                f"It differs by {apart.mean:.3f}/255 on the mean, by {apart.largest}/255 at most, "
                f"in {apart.share:.1%} of its pixels.{_LOSSY if path.suffix.lower() != '.png' else ''}"
            )
    return 0


def _read(path: Path, catalog: Catalog) -> Read:
    try:
        found = read(path, catalog)
    except UnreadableMetadata as error:
        raise UnreadableMetadata(str(path), error.problem, error.hint) from None
    if found is None:
        raise UnreadableMetadata(str(path), "says nothing of how it was made", "choose another picture")
    return found


def _lines(found: Read) -> Iterator[str]:
    """For people: what was asked for, then what could not be carried over."""
    request = found.request
    yield _line("made by", f"{found.program} {found.version}".strip())
    yield _line("prompt", request.prompt)
    yield _line("negative", request.negative)
    usual = Request().model_dump(mode="json")
    said = request.model_dump(mode="json")
    for name in ("styles", "size", "models", "sampling", "start", "faces", "things", "enlarge"):
        if said[name] != usual[name]:
            yield _line(name, _told(said[name], usual[name]))
    if found.record:
        yield _line("drawn by", ", ".join(used.name for used in found.record.models))
        yield _line("took", f"{found.record.seconds:.1f} s")
    for loss in found.losses:
        yield _line("note", loss.sentence)


def _line(label: str, text: str) -> str:
    indent = " " * (2 + _LABELS)
    return f"  {label:<{_LABELS}}" + f"\n{indent}".join(text.splitlines() or ["-"])


def _told(value: object, usual: object) -> str:
    """What of it is not as usual, as `steps 30, seed 7`."""
    if isinstance(value, list):
        return ", ".join(_told(each, None) for each in cast(list[object], value))
    if not isinstance(value, dict):
        return str(value)
    fields = cast(dict[str, object], value)
    if set(fields) == {"width", "height"}:
        return f"{fields['width']}x{fields['height']}"
    of_usual = cast(dict[str, object], usual) if isinstance(usual, dict) else {}
    unusual = {name: each for name, each in fields.items() if each != of_usual.get(name)}
    return ", ".join(f"{name} {_told(each, of_usual.get(name))}" for name, each in unusual.items())


def _print_form(found: Read, form: str, catalog: Catalog) -> None:
    if form == "request":
        print(json.dumps(only_set_fields(found.request), indent=2, ensure_ascii=False))
        return
    if found.record is None:
        problem = f"{form} is written of Fooo's own pictures, and this one is by {found.program}"
        raise RequestError("--as", problem, "draw it here first: python launch.py replay PICTURE")
    export = _FORMS[form](found.record, catalog)
    for line in export.left_out:
        print(line, file=sys.stderr)
    print(export.text)


_FORMS: Mapping[str, Callable[[Record, Catalog], Export]] = {
    "record": lambda record, _: Export(record.model_dump_json(indent=2)),
    "webui": lambda record, _: Export(parameters_text(record)),
    "comfyui": lambda record, _: as_comfyui(record),
    "diffusers": as_diffusers_script,
}
