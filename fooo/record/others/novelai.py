"""NovelAI: JSON in the comment of a PNG, or hidden in its transparency."""

import re
from collections.abc import Mapping
from typing import Any

from fooo.catalog import Catalog
from fooo.record.bounded import as_object, items, part, read_object
from fooo.record.others.draft import Draft
from fooo.record.others.found import LossKind, Program, Read
from fooo.request import LONGEST_TEXT, Dialect

_MORE = 1.05
"""What one of its brackets multiplies by."""
_WEIGHED = re.compile(r"(-?\d+(?:\.\d+)?)::([^:]*)::")
_BRACKETS = {
    "{": "(",
    "}": f":{_MORE:g})",
    "[": "(",
    "]": f":{1 / _MORE:.4g})",
    "(": r"\(",
    ")": r"\)",
}
_SCHEDULES = {"native": None, "polyexponential": "exponential"}
_IGNORED = frozenset((
    "n_samples", "v4_prompt", "v4_negative_prompt", "request_type", "signed_hash", "version", "legacy",
    "legacy_v3_extend", "lora_unet_weights", "lora_clip_weights", "uncond_scale", "extra_noise_seed",
    "deliberate_euler_ancestral_bug", "prefer_brownian", "explike_fine_detail", "hide_debug_overlay",
    "stream", "add_original_image", "uncond_per_vibe", "wonky_vibe_correlation", "stage",
))  # fmt: skip
"""What says nothing that is not said elsewhere, or only how its servers worked."""


def is_novelai(texts: Mapping[str, Any]) -> bool:
    return "Comment" in texts and (texts.get("Software") == "NovelAI" or '"sampler"' in str(texts["Comment"]))


def read_novelai(texts: Mapping[str, Any], catalog: Catalog | None) -> Read:
    """What the comment says.

    Raises:
        ValueError: It is not JSON.
    """
    comment = texts["Comment"]
    fields = read_object(comment) if isinstance(comment, str) else part(texts, "Comment")
    draft = Draft(Program.NOVELAI, fields, catalog, Dialect.WEBUI)
    draft.words(
        "prompt", _weights(_caption(fields, "v4_prompt") or fields.get("prompt", texts.get("Description"))), "prompt"
    )
    draft.words("negative", _weights(_caption(fields, "v4_negative_prompt") or fields.get("uc")), "uc")
    draft.take("prompt")
    draft.take("uc")
    draft.size(draft.take("width"), draft.take("height"), "width, height")
    draft.move("sampling.steps", "steps")
    draft.move("sampling.guidance", "scale")
    draft.move("sampling.seed", "seed")
    draft.move("sampling.guidance_options.rescale", "cfg_rescale")
    schedule = draft.take("noise_schedule")
    draft.sampler(draft.take("sampler"), _SCHEDULES.get(str(schedule), schedule), "sampler", "noise_schedule")
    draft.lose(LossKind.MODEL, "Source", texts.get("Source") or "its model", "the model that is here")
    strength = draft.take("strength")
    varied = (
        isinstance(strength, int | float) and 0 < strength < 1 and fields.get("request_type") != "PromptGenerateRequest"
    )
    if varied:
        draft.lose(LossKind.PICTURE, "strength", strength)
    return draft.finish(str(texts.get("Source") or ""), strength if varied else None, ignored=_IGNORED)


def _caption(fields: Mapping[str, Any], name: str) -> str:
    """Of the newer models: the picture's, then each person's."""
    caption = part(part(fields, name), "caption")
    people = [as_object(each).get("char_caption") for each in items(caption.get("char_captions"))]
    return ", ".join(each for each in (caption.get("base_caption"), *people) if isinstance(each, str) and each)


def _weights(text: object) -> object:
    """Its brackets and numbers as the webui's."""
    if not isinstance(text, str) or len(text) > LONGEST_TEXT:
        return text
    letters = "".join(_BRACKETS.get(each, each) for each in text)
    return _WEIGHED.sub(r"(\2:\1)", letters)
