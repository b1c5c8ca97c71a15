"""Which published files a request stands on that are not here yet."""

from collections.abc import Callable, Iterator

from fooo.catalog import BASES, Catalog, ModelKind, PresetFile
from fooo.catalog.known_models import find_file, known_file, missing_files
from fooo.errors import RequestError, UnknownName
from fooo.plan.finish import needed_face_detector, needed_upscaler
from fooo.plan.performance import fill_from_preset
from fooo.request import Request

_REFINERS = frozenset({ModelKind.SDXL_REFINER})


def needed_files(request: Request, catalog: Catalog) -> tuple[PresetFile, ...]:
    """The files that must be fetched before the request can be planned; none where nothing can be fetched for it.

    Whatever else is wrong with the request is left for the planner to say: a preset that is not there, a name that
    neither the preset nor the table of published files knows.
    """
    try:
        filled = fill_from_preset(request, catalog)
    except RequestError:
        return ()
    own = catalog.preset(filled.preset).files if filled.preset else ()
    detector = needed_face_detector(request, filled, catalog)
    names = (*_absent(filled, catalog), *([detector] if detector else []))
    wanted = (find_file(name, own) or known_file(name) for name in names)
    return missing_files((file for file in wanted if file), here=())


def _absent(filled: Request, catalog: Catalog) -> Iterator[str]:
    """The names of model files in the request that the catalog lacks."""
    models = filled.models
    finders: list[tuple[str | None, Callable[[str], object]]] = [
        (models.base, lambda name: catalog.model(name, BASES, "models.base")),
        (models.refiner, lambda name: catalog.model(name, _REFINERS, "models.refiner")),
        (models.vae, lambda name: catalog.vae(name, "models.vae")),
        *((lora.name, lambda name: catalog.lora(name, "models.loras")) for lora in models.loras),
    ]
    upscaler = needed_upscaler(filled, catalog)
    finders.append((upscaler, lambda name: catalog.upscaler(name, "enlarge.upscaler")))
    for name, find in finders:
        if name:
            try:
                find(name)
            except UnknownName:
                yield name
