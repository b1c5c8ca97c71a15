"""The webui's text and that of its kin: Forge, SD.Next, and Fooocus in its `a1111` scheme."""

import re
from collections.abc import Mapping
from typing import Any

from fooo.catalog import Catalog
from fooo.record.bounded import as_object, items, read_list, read_literal
from fooo.record.infotext import Infotext, pairs_of, parse_infotext
from fooo.record.others.draft import Draft
from fooo.record.others.found import LossKind, Program, Read
from fooo.request import Dialect, StrengthSteps

_SIZE = re.compile(r"\s*(\d{1,9})\s*x\s*(\d{1,9})\s*")
_NUMBERS = {
    "sampling.steps": ("Steps",),
    "sampling.guidance": ("CFG scale", "CFG Scale", "Guidance Scale"),
    "sampling.seed": ("Seed",),
    "models.clip_skip": ("Clip skip",),
    "models.refiner_switch": ("Refiner switch at", "Refiner Switch"),
    "sampling.sampler_options.eta": ("Eta", "Eta DDIM"),
    "sampling.sampler_options.s_churn": ("Sigma churn",),
    "sampling.sampler_options.s_tmin": ("Sigma tmin",),
    "sampling.sampler_options.s_tmax": ("Sigma tmax",),
    "sampling.sampler_options.s_noise": ("Sigma noise",),
    "sampling.guidance_options.rescale": ("CFG rescale", "CFG Rescale φ"),
    "sampling.sharpness": ("Sharpness",),
    "sampling.guidance_options.adaptive": ("Adaptive CFG",),
}
_IGNORED = frozenset((
    "Model hash", "VAE hash", "Refiner hash", "Lora hashes", "TI hashes", "TI", "Hashes", "User", "App",
    "Version", "Backend", "Pipeline", "Parser", "Operations", "Template", "Negative Template",
    "Created Date", "Batch index", "Batch", "Raw prompt", "Raw negative prompt", "Hires prompt",
    "Hires negative prompt", "Metadata scheme", "Index", "Script", "Civitai metadata",
))  # fmt: skip
"""What says nothing about the picture that is not said elsewhere."""


def read_webui(text: str, catalog: Catalog | None, program: Program | None = None) -> Read | None:
    """What such a text says; None where it is none. Args: program: Where the file says whose it is."""
    said = parse_infotext(text)
    if said is None:
        return None
    program = program or _program(said.fields)
    if program is Program.FOOOCUS:
        return _read_fooocus(said, catalog)
    draft = Draft(program, said.fields, catalog, Dialect.WEBUI)
    _common(draft, said)
    _variation(draft)
    _resources(draft, said)
    if draft.take("Tiling") in {"True", "true"}:
        draft.put("sampling.tiling", "both", "Tiling")
    strength = _strength(draft)
    version = said.fields.get("Version", "")
    return draft.finish(version, strength, StrengthSteps.SHARE, _IGNORED)


def _program(fields: Mapping[str, str]) -> Program:
    version = fields.get("Version", "")
    if version.startswith("Fooocus"):
        return Program.FOOOCUS
    if version.startswith("ComfyUI"):
        return Program.COMFYUI
    if version.startswith("Fooo "):
        return Program.FOOO
    if fields.get("App", "").startswith("SD.Next") or "Backend" in fields:
        return Program.SD_NEXT
    is_forge = re.match(r"f\d", version) or {"Distilled CFG Scale", "Diffusion in Low Bits", "Module 1"} & set(fields)
    return Program.FORGE if is_forge else Program.WEBUI


def _common(draft: Draft, said: Infotext) -> None:
    draft.words("prompt", said.prompt, "prompt")
    draft.words("negative", said.negative, "negative prompt")
    draft.sampler(draft.take("Sampler"), draft.take("Schedule type", "Scheduler"), "Sampler", "Schedule type")
    for path, names in _NUMBERS.items():
        draft.move(path, *names)
    size = draft.take("Size")
    sides = _SIZE.fullmatch(size or "")
    if sides:
        draft.size(int(sides[1]), int(sides[2]), "Size")
    elif size:
        draft.lose(LossKind.VALUE, "Size", size)
    draft.base(draft.take("Model"), "Model")
    draft.vae(draft.take("VAE"), "VAE")
    draft.refiner(draft.take("Refiner"), "Refiner")


def _variation(draft: Draft) -> None:
    seed, strength = draft.take("Variation seed"), draft.take("Variation seed strength")
    if strength is not None:
        variation = {"strength": strength, **({} if seed is None else {"seed": seed})}
        draft.put("sampling.variation", variation, "Variation seed strength")


def _resources(draft: Draft, said: Infotext) -> None:
    """The files of a picture that Civitai drew itself, by their titles there."""
    listed = draft.take("Civitai resources")
    for entry in read_list(listed) if listed else ():
        match as_object(entry):
            case {"type": "checkpoint", "modelName": str(name)} if "Model" not in said.fields:
                draft.base(name, "Civitai resources")
            case {"type": "lora", "modelName": str(name), **others}:
                draft.lora(name, others.get("weight"), "Civitai resources")
            case _:
                pass


def _strength(draft: Draft) -> float | None:
    """How much of another picture was drawn anew; with a hires pass it is the strength of that."""
    said = draft.take("Denoising strength")
    if draft.has("Hires upscale") or draft.has("Hires resize") or draft.has("Hires upscaler"):
        _hires(draft, said)
        return None
    strength = _share(said)
    if strength is None or strength >= 1:
        return None
    draft.lose(LossKind.PICTURE, "Denoising strength", said)
    return strength


def _hires(draft: Draft, strength: object) -> None:
    draft.move("enlarge.by", "Hires upscale")
    draft.put("enlarge.repaint", strength, "Denoising strength")
    draft.move("enlarge.steps", "Hires steps")
    upscaler = str(draft.take("Hires upscaler") or "")
    if "ESRGAN" in upscaler:
        draft.put("enlarge.upscaler", "drawing" if "anime" in upscaler.casefold() else "photo", "Hires upscaler")
    elif upscaler:
        draft.lose(LossKind.FIELD, "Hires upscaler", upscaler)


def _share(said: object) -> float | None:
    try:
        share = float(str(said))
    except ValueError:
        return None
    return share if 0 < share <= 1 else None


def _read_fooocus(said: Infotext, catalog: Catalog | None) -> Read:
    """The resolved texts, as they were drawn: what its styles said stands in them."""
    draft = Draft(Program.FOOOCUS, said.fields, catalog, Dialect.FOOOCUS)
    _common(draft, said)
    overwritten = draft.take("Overwrite Switch")
    if overwritten not in (None, "-1"):
        draft.lose(LossKind.FIELD, "Overwrite Switch", overwritten)
    fooocus_extras(draft, draft.take("ADM Guidance"), draft.take("FreeU"), draft.take("Refiner Swap Method"))
    for name, weight in pairs_of(draft.take("Lora weights") or "").items():
        draft.lora(name, weight, "Lora weights")
    performance(draft, catalog, "Performance")
    return draft.finish(said.fields.get("Version", ""), ignored=_IGNORED)


def performance(draft: Draft, catalog: Catalog | None, at: str) -> None:
    """A mode by the name that Fooocus gives it; its names are ours too."""
    name = draft.take(at)
    if not isinstance(name, str) or not name:
        return
    try:
        draft.put("sampling.performance", catalog.performance_name(name) if catalog else name, at)
    except ValueError:
        draft.lose(LossKind.VALUE, at, name)


def fooocus_extras(draft: Draft, scale: object, free_u: object, method: object) -> None:
    """What Fooocus writes as Python prints it: of the size's scale and of FreeU, and how the refiner takes over."""
    _tuple(draft, "sampling.size_scale", ("positive", "negative", "end"), scale, "ADM Guidance")
    _tuple(draft, "sampling.free_u", ("b1", "b2", "s1", "s2"), free_u, "FreeU")
    if method in {"joint", "separate"}:
        draft.put("models.refiner_method", method, "Refiner Swap Method")
    elif method is not None:
        draft.lose(LossKind.FIELD, "Refiner Swap Method", method)


def _tuple(draft: Draft, path: str, names: tuple[str, ...], said: object, at: str) -> None:
    if said is None or said == "":
        return
    numbers: list[Any] = items(read_literal(said) if isinstance(said, str) else said)
    if len(numbers) == len(names):
        draft.put(path, dict(zip(names, numbers, strict=True)), at)
    else:
        draft.lose(LossKind.VALUE, at, said)
