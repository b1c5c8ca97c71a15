"""The keys of Fooocus's preset files, and what each comes to in a request of ours."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial as given
from typing import cast

from pydantic import ValidationError

from fooo.catalog.performance import PERFORMANCES, Family
from fooo.catalog.presets.preset import PresetFile
from fooo.catalog.sampler_names import read_sampler_name, read_schedule_name
from fooo.catalog.styles import from_fooocus
from fooo.catalog.user_files import shortened
from fooo.errors import RequestError
from fooo.request import Partial

_NONE = ("None", "", None)
"""How it is said that no file is wanted."""
_MOST_ENTRIES = 100
"""Of a list. Fooocus itself has five LoRAs, and nobody ticks a hundred styles."""

_MODES = {mode.name: mode for mode in PERFORMANCES[Family.SDXL]}
"""Fooocus draws with SDXL alone, and its modes have the names of ours."""

Found = Partial | PresetFile | str
"""Fields of a request, not yet checked; a file that is needed; or why something is left out."""

Reader = Callable[[object], Iterator[Found]]


def readers(known_styles: Mapping[str, str]) -> Mapping[str, Reader]:
    """What reads the value of each key that means something here.

    In order of authority: a performance mode takes away sampler and guidance, a number of steps goes above it.

    Args:
        known_styles: Names of our styles, as from `known_names`.
    """
    return {
        "default_model": given(_model, name="base"),
        "default_refiner": _refiner,
        "default_refiner_switch": _refiner_switch,
        "default_vae": _vae,
        "default_loras": _loras,
        "default_cfg_scale": given(_field, group="sampling", name="guidance"),
        "default_cfg_tsnr": _adaptive,
        "default_sample_sharpness": given(_field, group="sampling", name="sharpness"),
        "default_clip_skip": _clip_skip,
        "default_sampler": _sampler,
        "default_scheduler": _scheduler,
        "default_image_number": given(_field, group="output", name="count"),
        "default_prompt": _prompt,
        "default_prompt_negative": given(_field, group="quality", name="unwanted"),
        "default_styles": given(_styles, known=known_styles),
        "default_aspect_ratio": _size,
        "default_performance": _performance,
        "default_overwrite_step": given(_field_if_on, group="sampling", name="steps"),
        "checkpoint_downloads": given(_downloads, folder="checkpoints"),
        "embeddings_downloads": given(_downloads, folder="embeddings"),
        "lora_downloads": given(_downloads, folder="loras"),
        "vae_downloads": given(_downloads, folder="vae"),
    }


WITHOUT_LIKE: Mapping[str, tuple[object, ...]] = {
    "previous_default_models": ([],),
    "default_overwrite_switch": (-1,),
    "default_inpaint_engine_version": ("None",),
    "default_loras_min_weight": (),
    "default_loras_max_weight": (),
    "default_save_metadata_to_images": (True,),
}
"""What Fooo has nothing like, with the values that change nothing: pictures always hold their record."""


def _field(value: object, *, group: str, name: str) -> Iterator[Found]:
    yield {group: {name: value}}


def _field_if_on(value: object, *, group: str, name: str) -> Iterator[Found]:
    """Of numbers that -1 switches off."""
    if value != -1:
        yield {group: {name: value}}


def _adaptive(value: object) -> Iterator[Found]:
    yield {"sampling": {"guidance_options": {"adaptive": value}}}


def _clip_skip(value: object) -> Iterator[Found]:
    """2 is the layer that SDXL was trained with, which is heard by itself."""
    if value != 2:
        yield {"models": {"clip_skip": value}}


def _model(value: object, *, name: str) -> Iterator[Found]:
    yield {"models": {name: _stem(value)}}


def _refiner(value: object) -> Iterator[Found]:
    yield {"models": {"refiner": None if value in _NONE else _stem(value)}}


def _refiner_switch(value: object) -> Iterator[Found]:
    """At 0 there is no refiner."""
    yield {"models": {"refiner_switch": value} if value != 0 else {"refiner": None}}


def _vae(value: object) -> Iterator[Found]:
    """None is the model's own."""
    if value not in ("Default (model)", *_NONE):
        yield {"models": {"vae": _stem(value)}}


def _loras(value: object) -> Iterator[Found]:
    """`[name, weight]`, or `[on, name, weight]` since Fooocus 2.4."""
    if not isinstance(value, list):
        yield f"{shortened(value)} is not a list"
        return
    for entry in cast(list[object], value)[:_MOST_ENTRIES]:
        on, name, weight = _lora(entry)
        if not isinstance(name, str):
            yield f"{shortened(entry)} is not a name and a weight"
        elif on is not False and name != "None":
            yield {"models": {"loras": [{"name": _stem(name), "weight": weight}]}}


def _lora(entry: object) -> tuple[object, object, object]:
    """Whether it is on, its name and its weight; all None where the entry is something else."""
    parts = cast(list[object], entry) if isinstance(entry, list) else []
    match len(parts):
        case 2:
            return True, parts[0], parts[1]
        case 3:
            return parts[0], parts[1], parts[2]
        case _:
            return None, None, None


def _styles(value: object, *, known: Mapping[str, str]) -> Iterator[Found]:
    if not isinstance(value, list):
        yield f"{shortened(value)} is not a list"
        return
    names = cast(list[object], value)[:_MOST_ENTRIES]
    chosen = from_fooocus([name for name in names if isinstance(name, str)], known)
    yield {"styles": list(chosen.styles), "expansion": chosen.expansion.value}
    yield from (f"no style here is like {shortened(name)}" for name in chosen.missing)
    yield from (f"{shortened(name)} is not a name" for name in names if not isinstance(name, str))


def _sampler(value: object) -> Iterator[Found]:
    if not isinstance(value, str):
        yield f"{shortened(value)} is not a name"
        return
    try:
        found = read_sampler_name(value[:100])
    except RequestError as error:
        yield f"{error.problem} ({error.hint})"
        return
    yield {"sampling": {"sampler": found.sampler.value}}
    if found.notice:
        yield found.notice.rstrip(".")


def _scheduler(value: object) -> Iterator[Found]:
    if not isinstance(value, str):
        yield f"{shortened(value)} is not a name"
        return
    try:
        found = read_schedule_name(value[:100])
    except RequestError as error:
        yield f"{error.problem} ({error.hint})"
        return
    if found.schedule:
        yield {"sampling": {"schedule": found.schedule.value}}
    if found.notice:
        yield found.notice.rstrip(".")


def _size(value: object) -> Iterator[Found]:
    """`1152*896`; Fooocus writes its label `1152×896` too, with the ratio behind."""
    sides = re.match(r"\s*(\d{1,5})\s*[*x×]\s*(\d{1,5})\b", value) if isinstance(value, str) else None
    if sides:
        yield {"size": {"width": int(sides[1]), "height": int(sides[2])}}
    else:
        yield f"{shortened(value)} is not a width and a height"


def _prompt(value: object) -> Iterator[Found]:
    if value:
        yield {"prompt": value}


def _performance(value: object) -> Iterator[Found]:
    """A mode of few steps forces its sampler and guidance there: what the preset says of these is left open."""
    mode = _MODES.get(value) if isinstance(value, str) else None
    if mode is None:
        yield f"{shortened(value)} is no performance mode"
        return
    if mode.distilled:
        yield {"sampling": dict.fromkeys(("guidance", "sampler", "schedule")), "models": {"refiner": None}}
    yield {"sampling": {"performance": mode.name}}


def _downloads(value: object, *, folder: str) -> Iterator[Found]:
    if not isinstance(value, dict):
        yield f"{shortened(value)} is not an object of names and addresses"
        return
    for name, url in list(cast(dict[str, object], value).items())[:_MOST_ENTRIES]:
        try:
            yield PresetFile(folder=folder, name=name, url=cast(str, url))
        except ValidationError:
            yield f"{shortened(name)} cannot be had from {shortened(url)}"


def _stem(name: object) -> object:
    """A model file's name as requests have it: with `/`, without the ending."""
    if not isinstance(name, str):
        return name
    return re.sub(r"\.(safetensors|ckpt|pth?|bin)$", "", name.replace("\\", "/"), flags=re.IGNORECASE)
