"""What has a form of its own within words: tags such as `<lora:name:0.8>`, the names of embeddings, numbers."""

import re
from collections.abc import Sequence

from fooo.plan.prompt.grammar import Hypernetwork, Lora, StyleName

NUMBER = r"[+-]?(?:(?!9{9}\.0*[1-9])[0-9]{1,9}(?:\.[0-9]*)?|\.[0-9]+)"
"""Below 1,000,000,000 also when it is rounded to a float, so that it can be written again with nine digits."""
EMBEDDING = r"(?<!\w)embedding:\w(?:[\w./-]*[\w-])?"
TAG = r"<(?:lora|lyco|hypernet|style):[^<>]*>"
TAGS_AT_END = rf"(?:{TAG}\s*)*\Z"
"""They say nothing, so a weight before them stands at the end; people put LoRAs there."""
_VALUE = re.compile(rf"\s*{NUMBER}\s*")


def read_tag(kind: str, content: str) -> Lora | StyleName | Hypernetwork | None:
    """What a tag means; None where it has another form."""
    if kind == "style":
        return StyleName(content.strip()) if content.strip() else None
    name, *values = (each.strip() for each in content.split(":"))
    if not name:
        return None
    return Hypernetwork(name) if kind == "hypernet" else _lora(name, values)


def _lora(name: str, values: Sequence[str]) -> Lora | None:
    """With `0.8`, `0.8:0.5` (text encoders, UNet), `te=0.8`, `unet=0.5`; the UNet's is the text's if it is not said."""
    unnamed = [value for value in values if "=" not in value]
    named = {key.strip(): said for key, equals, said in (value.partition("=") for value in values) if equals}
    weights = dict(zip(("te", "unet"), unnamed, strict=False)) | named
    if len(unnamed) > 2 or not weights.keys() <= {"te", "unet"} or not all(map(_VALUE.fullmatch, weights.values())):
        return None
    text_weight = float(weights.get("te", 1))
    return Lora(name, text_weight, float(weights.get("unet", text_weight)))
