"""Draw Things: JSON in the comment of EXIF or of XMP."""

import re
from collections.abc import Mapping
from typing import Any

from fooo.catalog import Catalog
from fooo.record.bounded import as_object, items
from fooo.record.others.draft import Draft
from fooo.record.others.found import LossKind, Program, Read
from fooo.request import Dialect

_SIDES = re.compile(r"(\d{1,9})x(\d{1,9})")
_PRECISION = re.compile(r"(_(f16|f32|q\dp|i8x|v\d+_f16))+$")
"""How it marks its own copies of a model."""
_SCHEDULES = {" Trailing": "simple", " AYS": "align_your_steps", " Substep": None}
_IGNORED = frozenset(("v2", "seed_mode", "profile"))


def is_draw_things(fields: Mapping[str, Any]) -> bool:
    return "c" in fields and {"sampler", "steps"} <= set(fields)


def read_draw_things(fields: Mapping[str, Any], catalog: Catalog | None) -> Read:
    draft = Draft(Program.DRAW_THINGS, fields, catalog, Dialect.WEBUI)
    draft.words("prompt", draft.take("c"), "c")
    draft.words("negative", draft.take("uc"), "uc")
    sides = _SIDES.fullmatch(str(draft.take("size")))
    if sides:
        draft.size(int(sides[1]), int(sides[2]), "size")
    draft.move("sampling.steps", "steps")
    draft.move("sampling.guidance", "scale")
    draft.move("sampling.seed", "seed")
    draft.move("models.refiner_switch", "refiner_start")
    _sampler(draft)
    draft.base(_plain(draft.take("model")), "model")
    draft.refiner(_plain(draft.take("refiner", "refiner_model")), "refiner")
    for entry in items(draft.take("lora", "loras")):
        lora = as_object(entry)
        draft.lora(_plain(lora.get("model", lora.get("file"))), lora.get("weight"), "lora")
    strength = draft.take("strength")
    varied = isinstance(strength, int | float) and 0 < strength < 1
    if varied:
        draft.lose(LossKind.PICTURE, "strength", strength)
    return draft.finish(strength=strength if varied else None, ignored=_IGNORED)


def _sampler(draft: Draft) -> None:
    """Its samplers end in the name of a schedule of their own."""
    name = draft.take("sampler")
    if not isinstance(name, str):
        return
    end = next((end for end in _SCHEDULES if name.endswith(end)), "")
    draft.sampler(name.removesuffix(end), _SCHEDULES.get(end), "sampler")
    if end == " Substep":
        draft.lose(LossKind.SAMPLER, "sampler", name, name.removesuffix(end))


def _plain(name: object) -> object:
    return _PRECISION.sub("", name.removesuffix(".ckpt")) if isinstance(name, str) else None
