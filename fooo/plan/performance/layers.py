"""The preset, the performance mode and the request, laid over each other: what stands above wins."""

from collections.abc import Sequence
from functools import reduce
from pathlib import PurePosixPath
from typing import Any

from fooo.catalog import BASES, DEFAULT_PERFORMANCE, Catalog, Family, Performance, Preset, family_of, modes_by_name
from fooo.errors import UnknownName
from fooo.request import Partial, Request, merge, only_set_fields, read_request

_NO_PRESET = Preset("", {})


def fill_from_preset(request: Request, catalog: Catalog) -> Request:
    """The request's own fields over its mode's and its preset's; the mode is named in the end.

    The preset that is left open is the fitting one; set to null, there is none. A mode that the person names forces its
    values on the preset, and what the preset says for another mode goes; a mode that the preset names, or nobody, only
    fills what the preset leaves open.

    Raises:
        RequestError: The preset or the mode is unknown, or the mode is not for the family of the base.
    """
    preset = _preset(request, catalog)
    family = _family(request.models.base or preset.partial.get("models", {}).get("base"), catalog)
    of_preset = _mode_of(preset.partial)
    name = request.sampling.performance or (of_preset.name if of_preset else DEFAULT_PERFORMANCE)
    mode = catalog.performance(name, family)
    forces = request.sampling.performance is not None and (of_preset is None or mode.name != of_preset.name)
    own = only_set_fields(request)
    layers = (leave_mode(preset.partial), mode.forced, own) if forces else (mode.forced, preset.partial, own)
    merged: dict[str, Any] = reduce(merge, layers, {})
    # none of one's own, said in so many words, leaves those of the mode
    beside = layers if own.get("models", {}).get("loras") != [] else (mode.forced,)
    merged["models"] = {**merged.get("models", {}), "loras": _loras(beside)}
    merged["sampling"] = {**merged["sampling"], "performance": mode.name}
    return read_request({**merged, "preset": preset.name or None})


def leave_mode(partial: Partial) -> dict[str, Any]:
    """The fields without those that belong to their mode: the steps, and of few steps all that these force."""
    mode = _mode_of(partial)
    forced: Partial = mode.forced if mode else {"sampling": {"performance": "", "steps": 0}}
    left = dict(partial)
    if "sampling" in partial:
        sampling: Partial = partial["sampling"]
        left["sampling"] = {name: value for name, value in sampling.items() if name not in forced["sampling"]}
    if mode and mode.lora and "loras" in partial.get("models", {}):
        models: Partial = partial["models"]
        left["models"] = {**models, "loras": [lora for lora in models["loras"] if _plain(lora) != mode.lora]}
    return left


def is_of_mode(lora: str) -> bool:
    """Whether a LoRA is what a mode of few steps stands on. Args: lora: Its name, with or without folders."""
    return any(mode.lora == _plain_name(lora) for mode in modes_by_name().values())


def _preset(request: Request, catalog: Catalog) -> Preset:
    if request.preset is None and "preset" in request.model_fields_set:
        return _NO_PRESET
    return catalog.preset(request.preset or catalog.fitting_preset())


def _family(base: str | None, catalog: Catalog) -> Family:
    """Of the base that will draw; of one that is not here yet SDXL, as all are that can be fetched."""
    try:
        model = catalog.model(base, BASES, "models.base") if base else catalog.first_base()
    except UnknownName:
        model = None
    return family_of(model) if model else Family.SDXL


def _mode_of(partial: Partial) -> Performance | None:
    """The mode that the fields name, or the one whose LoRA they bring."""
    modes = modes_by_name()
    named = partial.get("sampling", {}).get("performance")
    if named:
        return next((mode for name, mode in modes.items() if name.casefold() == named.casefold()), None)
    brought = {_plain(lora) for lora in partial.get("models", {}).get("loras", ())}
    return next((mode for mode in modes.values() if mode.lora in brought), None)


def _loras(layers: Sequence[Partial]) -> list[Partial]:
    """Those of all layers, each as the topmost layer has it that names it: what a preset stands on stays."""
    lists: list[list[Partial]] = [layer.get("models", {}).get("loras", []) for layer in layers]
    named = [{_plain(lora) for lora in loras} for loras in lists]
    return [
        lora
        for number, loras in enumerate(lists)
        for lora in loras
        if not any(_plain(lora) in above for above in named[number + 1 :])
    ]


def _plain(lora: Partial) -> str:
    return _plain_name(lora["name"])


def _plain_name(name: str) -> str:
    """Without folders, ending and capitals."""
    path = PurePosixPath(name.casefold())
    return path.stem if path.suffix == ".safetensors" else path.name
