"""InvokeAI, by its three forms: the command line of the first, the JSON of the second, and that since the third."""

import re
from collections.abc import Mapping
from typing import Any

from fooo.catalog import Catalog
from fooo.record.bounded import as_object, items, part, read_object
from fooo.record.others.draft import Draft
from fooo.record.others.found import LossKind, Program, Read
from fooo.request import LONGEST_TEXT

_NAMES = {"kdpm_2": "dpm_2", "kdpm_2_a": "dpm_2_ancestral", "k_dpm_2_a": "dpm_2_ancestral", "k_dpm_2": "dpm_2"}
_IGNORED = frozenset((
    "app_version", "app_id", "generation_mode", "rand_device", "positive_style_prompt",
    "negative_style_prompt", "type", "weight", "model", "model_hash", "metadata_version",
    "canvas_v2_metadata", "key",
))  # fmt: skip
_FLAG = re.compile(r"\s-([A-Za-z]+)\s*([^\s-][^\s]*)")
_UNWANTED = re.compile(r"\[([^\[\]]*)\]")
_WEIGHED = re.compile(r"\(([^()]*)\)(\d+(?:\.\d+)?)")
_MORE_OR_LESS = re.compile(r"(\b\w+|\([^()]*\))(\++|-+)(?=[\s,.)]|$)")
_DREAM = {"s": "steps", "S": "seed", "W": "width", "H": "height", "C": "cfg_scale", "A": "sampler"}


def read_invokeai(texts: Mapping[str, str], catalog: Catalog | None) -> Read | None:
    """What the newest form of the picture's says; None where there is none.

    Raises:
        ValueError: It is not JSON.
    """
    if "invokeai_metadata" in texts:
        return read_invokeai_3(read_object(texts["invokeai_metadata"]), catalog)
    if "sd-metadata" in texts:
        return read_invokeai_2(read_object(texts["sd-metadata"]), catalog)
    return _read_first(texts["Dream"], catalog) if "Dream" in texts else None


def read_invokeai_3(fields: Mapping[str, Any], catalog: Catalog | None) -> Read:
    """What the JSON of version 3 and later says."""
    draft = Draft(Program.INVOKEAI, fields, catalog)
    draft.words("prompt", _weights(draft.take("positive_prompt")), "positive_prompt")
    draft.words("negative", _weights(draft.take("negative_prompt")), "negative_prompt")
    _common(draft)
    _scheduler(draft, draft.take("scheduler"), "scheduler")
    draft.move("sampling.guidance_options.rescale", "cfg_rescale_multiplier")
    draft.base(_name(fields.get("model")), "model")
    draft.vae(_name(draft.take("vae")), "vae")
    draft.refiner(_name(draft.take("refiner_model")), "refiner_model")
    draft.move("models.refiner_switch", "refiner_start")
    skipped = draft.take("clip_skip")
    if isinstance(skipped, int) and skipped > 0:
        draft.put("models.clip_skip", skipped + 1, "clip_skip")
    for entry in items(draft.take("loras")):
        draft.lora(_name(part(entry, "model") or part(entry, "lora")), as_object(entry).get("weight"), "loras")
    _tiling(draft)
    strength = draft.take("strength")
    varied = isinstance(strength, int | float) and 0 < strength < 1
    if varied:
        draft.lose(LossKind.PICTURE, "strength", strength)
    version = str(fields.get("app_version", ""))
    return draft.finish(version, strength if varied else None, ignored=_IGNORED)


def read_invokeai_2(fields: Mapping[str, Any], catalog: Catalog | None) -> Read:
    """What the JSON of version 2 says."""
    image = part(fields, "image")
    others = {name: value for name, value in fields.items() if name != "image"}
    draft = Draft(Program.INVOKEAI, {**others, **image}, catalog)
    said = draft.take("prompt")
    parts = [as_object(each).get("prompt", each) for each in items(said)] or [said]
    _one_text(draft, ", ".join(each for each in parts if isinstance(each, str)))
    _common(draft)
    _scheduler(draft, draft.take("sampler"), "sampler")
    draft.base(draft.take("model_weights"), "model_weights")
    _tiling(draft)
    return draft.finish(str(fields.get("app_version", "")), ignored=_IGNORED)


def _read_first(text: str, catalog: Catalog | None) -> Read:
    """A command line: the prompt in quotes, then flags of one letter."""
    prompt, _, flags = text[: 2 * LONGEST_TEXT].strip().removeprefix('"').rpartition('"')
    said = {_DREAM.get(name, f"-{name}"): value for name, value in _FLAG.findall(f" {flags}")}
    draft = Draft(Program.INVOKEAI, said, catalog)
    _one_text(draft, prompt)
    _common(draft)
    _scheduler(draft, draft.take("sampler"), "-A")
    return draft.finish()


def _common(draft: Draft) -> None:
    draft.size(draft.take("width"), draft.take("height"), "width, height")
    draft.move("sampling.steps", "steps")
    draft.move("sampling.guidance", "cfg_scale")
    draft.move("sampling.seed", "seed")


def _one_text(draft: Draft, text: str) -> None:
    """Prompt and negative in one: what stands in square brackets is not wanted."""
    unwanted = [each.strip() for each in _UNWANTED.findall(text)]
    draft.words("prompt", _weights(" ".join(_UNWANTED.sub(" ", text).split())), "prompt")
    draft.words("negative", _weights(", ".join(each for each in unwanted if each)), "prompt")


def _weights(text: object) -> object:
    """Its weights behind brackets and words as ours inside them: `(a)1.3` and `a++`."""
    if not isinstance(text, str) or len(text) > LONGEST_TEXT:
        return text
    return _MORE_OR_LESS.sub(_weighed, _WEIGHED.sub(r"(\1:\2)", text))


def _weighed(said: re.Match[str]) -> str:
    words, marks = said[1].removeprefix("(").removesuffix(")"), said[2][:20]
    return f"({words}:{round((1.1 if marks[0] == '+' else 0.9) ** len(marks), 3):g})"


def _scheduler(draft: Draft, name: object, at: str) -> None:
    """Its names end in `_k` where the schedule is Karras's."""
    if isinstance(name, str):
        plain = name.removesuffix("_k")
        draft.sampler(_NAMES.get(plain, plain), "karras" if plain != name else None, at)


def _tiling(draft: Draft) -> None:
    across, down, both = draft.take("seamless_x"), draft.take("seamless_y"), draft.take("seamless")
    if both is True or (across is True and down is True):
        draft.put("sampling.tiling", "both", "seamless")
    elif across is True or down is True:
        draft.put("sampling.tiling", "x" if across is True else "y", "seamless")


def _name(model: object) -> object:
    """Of a model, by the key of this version or of the one before."""
    if isinstance(model, str):
        return model
    fields = as_object(model)
    return fields.get("name") or fields.get("model_name")
