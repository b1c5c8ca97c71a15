"""A picture that was dropped onto the page, or chosen: the request that made it, as far as it can be carried out."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder

from fooo.catalog import BASES, Catalog, ModelKind
from fooo.errors import UnknownName, UnreadableMetadata
from fooo.interface.i18n import Words
from fooo.plan.texts import canonical_style
from fooo.record import Read, read
from fooo.request import Request, only_set_fields, read_request
from fooo.service import Fooo


def read_upload(shown: object, program: Fooo) -> Read:
    """What a dropped picture was made from, by whatever program; the file is needed no more.

    Raises:
        UnreadableMetadata: It holds nothing to read, or what the browser names is no upload.
    """
    path = uploaded(shown)
    if path is None:
        raise UnreadableMetadata(
            "picture", "is not a PNG, JPEG or WebP file that can be read", "choose another picture"
        )
    try:
        found = read(path, program.catalog)
        if found is None:
            raise UnreadableMetadata("picture", "says nothing of how it was made", "choose another picture")
        return found
    finally:
        path.unlink(missing_ok=True)


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


def loaded(found: Read, catalog: Catalog, words: Words) -> tuple[Request, str]:
    """What made a picture, as far as it can be carried out here, and the sentence that says so."""
    asked, gone = as_known_here(found.request, catalog)
    missing = [*(loss.said for loss in found.losses), *gone]
    told = words("settings_loaded_without", names=", ".join(missing)) if missing else words("settings_loaded")
    return asked, told


def as_known_here(recorded: Request, catalog: Catalog) -> tuple[Request, list[str]]:
    """The request with each name as this catalog writes it, and the names that it lacks, which are left open."""
    partial = only_set_fields(recorded)
    models, sampling = partial.get("models", {}), partial.get("sampling", {})
    finders: tuple[tuple[dict[str, Any], str, Callable[[str], str]], ...] = (
        (partial, "preset", lambda name: catalog.preset(name).name),
        (models, "base", lambda name: catalog.model(name, BASES, "models.base").name),
        (models, "refiner", lambda name: catalog.model(name, {ModelKind.SDXL_REFINER}, "models.refiner").name),
        (sampling, "performance", catalog.performance_name),
        (sampling, "sampler", lambda name: catalog.sampler(name).sampler.value),
        (sampling, "schedule", lambda name: catalog.schedule(name).schedule or name),
    )
    missing: list[str] = []
    if partial.pop("start", None):
        # the page has nothing that shows it, and words typed later would be drawn over the old picture
        missing.append("start.picture")
    if recorded.styles:
        partial["styles"] = _known(recorded.styles, lambda name: canonical_style(name, catalog), missing)
    for place, leaf, find in finders:
        if place.get(leaf):
            try:
                place[leaf] = find(place[leaf])
            except UnknownName:
                missing.append(place.pop(leaf))
    return read_request(partial), missing


def _known(names: Sequence[str], find: Callable[[str], str], missing: list[str]) -> list[str]:
    """The names as found; those that are not are put to the missing ones."""
    found: list[str] = []
    for name in names:
        try:
            found.append(find(name))
        except UnknownName:
            missing.append(name)
    return found
