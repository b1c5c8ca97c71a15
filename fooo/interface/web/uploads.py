"""A picture that was dropped onto the page, or chosen: the request that made it, as far as it can be carried out.

Its file stays where the browser has put it, for what may be done with it; gradio removes it after an hour.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder

from fooo.catalog import BASES, Catalog, ModelKind
from fooo.errors import BadPicture, UnknownName, UnreadableMetadata
from fooo.image import Picture
from fooo.image.picture_files import read_picture
from fooo.image.store import PictureStore
from fooo.interface.i18n import Words
from fooo.plan.texts import canonical_style
from fooo.record import Read, read
from fooo.request import Keep, Request, only_set_fields, read_request
from fooo.service import Fooo

_START = "start.picture"
"""Among what is missing, the picture that one was begun with."""


def read_upload(shown: object, program: Fooo) -> Read | None:
    """What a dropped picture was made from, by whatever program; None where it does not say.

    Raises:
        UnreadableMetadata: What it says is broken, it is no picture, or what the browser names is no upload.
    """
    path = uploaded(shown)
    if path is None:
        raise UnreadableMetadata(
            "picture", "is not a PNG, JPEG or WebP file that can be read", "choose another picture"
        )
    return read(path, program.catalog)


def seen_upload(shown: object) -> Picture | None:
    """The picture that was dropped; None where there is none, and then its file is gone too."""
    path = uploaded(shown)
    if path is None:
        return None
    try:
        opened = read_picture(path)
    except BadPicture:
        path.unlink(missing_ok=True)
        return None
    return Picture(opened.picture.pixels, opened.alpha)


def uploaded(shown: object) -> Path | None:
    """The file that the browser has put here, or None: it may name any other path, and none of those is touched."""
    if not isinstance(shown, str):
        return None
    try:
        path = Path(shown).resolve()
        known = path.is_relative_to(Path(get_upload_folder()).resolve()) and path.is_file()
    except (OSError, RuntimeError, ValueError):
        return None
    return path if known else None


def loaded(found: Read, program: Fooo, words: Words) -> tuple[Request, str]:
    """What made a picture, as far as it can be carried out here, and the sentence that says so."""
    asked, gone = as_known_here(found.request, program.catalog, program.pictures)
    missing = [
        *(f"{loss.at} {words('quoted', word=loss.said)}" for loss in found.losses),
        *(_told(kind, name, words) for kind, name in gone),
    ]
    names = words("list_mark").join(missing)
    told = words("settings_loaded_without", names=names) if missing else words("settings_loaded")
    return asked, told


def _told(kind: str, name: str, words: Words) -> str:
    return words("start_gone") if kind == _START else f"{words(kind)} {words('quoted', word=name)}"


def as_known_here(recorded: Request, catalog: Catalog, pictures: PictureStore) -> tuple[Request, list[tuple[str, str]]]:
    """The request with each name as this catalog writes it, and the names that it lacks, which are left open.

    Each of those has the id of the words for what it names before it.
    """
    partial = only_set_fields(recorded)
    models, sampling = partial.get("models", {}), partial.get("sampling", {})
    finders: tuple[tuple[dict[str, Any], str, str, Callable[[str], str]], ...] = (
        (partial, "preset", "preset", lambda name: catalog.preset(name).name),
        (models, "base", "model", lambda name: catalog.model(name, BASES, "models.base").name),
        (models, "refiner", "refiner", lambda name: catalog.model(name, {ModelKind.SDXL_REFINER}, "refiner").name),
        (sampling, "performance", "performance", catalog.performance_name),
        (sampling, "sampler", "sampler", lambda name: catalog.sampler(name).sampler.value),
        (sampling, "schedule", "schedule", lambda name: catalog.schedule(name).schedule or name),
    )
    missing: list[tuple[str, str]] = []
    start = recorded.start
    if start is None:
        partial.pop("start", None)
    elif isinstance(start, Keep) or pictures.size(start.picture) is None:
        # what keeps a picture as it is draws no words, and the next press is to draw those in the box
        del partial["start"]
        if isinstance(start, Keep):  # as what was done to that picture is done to no other
            for finish in ("enlarge", "faces", "things"):
                partial.pop(finish, None)
        missing.append((_START, start.picture))
    # of a picture of a contact sheet the finished one is meant
    partial.pop("sheet", None)
    if recorded.styles:
        partial["styles"] = _known(recorded.styles, lambda name: canonical_style(name, catalog), missing)
    for place, leaf, kind, find in finders:
        if place.get(leaf):
            try:
                place[leaf] = find(place[leaf])
            except UnknownName:
                missing.append((kind, place.pop(leaf)))
    return read_request(partial), missing


def _known(names: Sequence[str], find: Callable[[str], str], missing: list[tuple[str, str]]) -> list[str]:
    """The names of styles as found; those that are not are put to the missing ones."""
    found: list[str] = []
    for name in names:
        try:
            found.append(find(name))
        except UnknownName:
            missing.append(("style", name))
    return found
