"""Fooocus in its own scheme, and RuinedFooocus: JSON under the webui's name."""

import re
from collections.abc import Mapping
from typing import Any, cast

from fooo.catalog import Catalog
from fooo.record.bounded import items, read_literal
from fooo.record.others.draft import Draft
from fooo.record.others.found import LossKind, Program, Read
from fooo.record.others.webui import fooocus_extras, performance
from fooo.request import Dialect

_LABELS = {
    "fooocus_v2_expansion": "prompt_expansion",
    "cfg_mimicking_from_tsnr": "adaptive_cfg",
    "image_number": "count",
}
"""Of its log, which says the same with other names."""
_IGNORED = frozenset((
    "base_model_hash", "refiner_model_hash", "full_prompt", "full_negative_prompt", "metadata_scheme",
    "version", "created_by", "lora_hashes", "software", "count",
))  # fmt: skip
_COMBINED = re.compile(r"lora_combined_\d+|lora_\d+")
_RUINED_LORAS = re.compile(r"<([^<>:]+):(-?[\d.]+)>")


def is_fooocus(fields: Mapping[str, Any]) -> bool:
    folded = _folded(fields)
    return "base_model" in folded and ("guidance_scale" in folded or "performance" in folded)


def is_ruined(fields: Mapping[str, Any]) -> bool:
    return fields.get("software") == "RuinedFooocus" or {"Prompt", "base_model_name"} <= set(fields)


def read_fooocus(fields: Mapping[str, Any], catalog: Catalog | None) -> Read:
    """What Fooocus's JSON says, by its keys or by the labels of its log."""
    folded = _folded(fields)
    draft = Draft(Program.FOOOCUS, folded, catalog, Dialect.FOOOCUS)
    draft.words("prompt", draft.take("prompt"), "prompt")
    draft.words("negative", draft.take("negative_prompt"), "negative_prompt")
    _styles(draft, catalog)
    _sides(draft)
    for path, name in (
        ("sampling.steps", "steps"),
        ("sampling.guidance", "guidance_scale"),
        ("sampling.sharpness", "sharpness"),
        ("sampling.seed", "seed"),
        ("sampling.guidance_options.adaptive", "adaptive_cfg"),
        ("models.clip_skip", "clip_skip"),
        ("models.refiner_switch", "refiner_switch"),
    ):
        draft.move(path, name)
    draft.sampler(draft.take("sampler"), draft.take("scheduler"), "sampler", "scheduler")
    draft.base(draft.take("base_model"), "base_model")
    draft.refiner(draft.take("refiner_model"), "refiner_model")
    draft.vae(draft.take("vae"), "vae")
    fooocus_extras(draft, draft.take("adm_guidance"), draft.take("freeu"), draft.take("refiner_swap_method"))
    performance(draft, catalog, "performance")
    _loras(draft, folded)
    return draft.finish(str(fields.get("version", fields.get("Version", ""))), ignored=_IGNORED)


def read_ruined(fields: Mapping[str, Any], catalog: Catalog | None) -> Read:
    """What RuinedFooocus's JSON says; its prompts are as they were drawn."""
    draft = Draft(Program.RUINED_FOOOCUS, fields, catalog, Dialect.FOOOCUS)
    draft.words("prompt", draft.take("Prompt", "prompt"), "Prompt")
    draft.words("negative", draft.take("Negative"), "Negative")
    draft.size(draft.take("width"), draft.take("height"), "width, height")
    for path, name in (
        ("sampling.steps", "steps"),
        ("sampling.guidance", "cfg"),
        ("sampling.seed", "seed"),
        ("models.clip_skip", "clip_skip"),
    ):
        draft.move(path, name)
    draft.sampler(draft.take("sampler_name"), draft.take("scheduler"), "sampler_name", "scheduler")
    draft.base(draft.take("base_model_name"), "base_model_name")
    draft.refiner(draft.take("refiner_model_name"), "refiner_model_name")
    for name, weight in _ruined_loras(draft.take("loras")):
        draft.lora(name, weight, "loras")
    return draft.finish(ignored=_IGNORED)


def _folded(fields: Mapping[str, Any]) -> dict[str, Any]:
    folded = {str(name).casefold().replace(" ", "_"): value for name, value in fields.items()}
    return {_LABELS.get(name, name): value for name, value in folded.items()}


def _styles(draft: Draft, catalog: Catalog | None) -> None:
    said = draft.take("styles")
    names = [each for each in items(read_literal(said) if isinstance(said, str) else said) if isinstance(each, str)]
    draft.styled()
    draft.put("quality", {"words": "", "unwanted": ""}, "styles")
    if catalog is None:
        draft.put("styles", [name for name in names if name != "Fooocus V2"], "styles")
        draft.put("expansion", "gentle" if "Fooocus V2" in names else "off", "styles")
        return
    known = catalog.styles_of_fooocus(names)
    draft.put("styles", list(known.styles), "styles")
    draft.put("expansion", known.expansion, "styles")
    for name in known.missing:
        draft.lose(LossKind.STYLE, "styles", name)


def _sides(draft: Draft) -> None:
    said = draft.take("resolution")
    sides = items(read_literal(said) if isinstance(said, str) else said)
    if len(sides) == 2:
        draft.size(sides[0], sides[1], "resolution")
    elif said is not None:
        draft.lose(LossKind.VALUE, "resolution", said)


def _loras(draft: Draft, folded: Mapping[str, Any]) -> None:
    """From the list, else from the combined entries of older versions, which say the same."""
    combined = [str(draft.take(name)) for name in folded if _COMBINED.fullmatch(name)]
    listed = items(draft.take("loras"))
    for entry in listed:
        name, weight, *_ = [*items(entry), None, None]
        draft.lora(name, weight, "loras")
    for entry in () if listed else combined:
        name, colon, weight = entry.rpartition(":")
        draft.lora(name.strip() if colon else entry, weight.strip() or None, "loras")


def _ruined_loras(said: object) -> list[tuple[str, str]]:
    """Newer ones are lists of a hash and `weight - name`, older ones a text of tags."""
    if isinstance(said, str):
        return [(name, weight) for name, weight in _RUINED_LORAS.findall(said[:100_000])]
    pairs = (str(cast(object, items(entry)[1])) for entry in items(said) if len(items(entry)) > 1)
    return [(name, weight) for weight, dash, name in (pair.partition(" - ") for pair in pairs) if dash]
