"""The webui's settings: a few have an effect here, the rest are kept as they were given."""

import json
import re
from collections.abc import Mapping
from typing import Any

from fooo.catalog import BASES, Catalog
from fooo.interface.http.foreign import Refused
from fooo.request import Partial

MODEL, VAE, CLIP_SKIP = "sd_model_checkpoint", "sd_vae", "CLIP_stop_at_last_layers"
_MOST_BYTES = 256 * 2**10
"""Of all of them as JSON."""
_HASH = re.compile(r"\s*\[[0-9a-fA-F]{8,64}\]$")
_NO_VAE = frozenset({"", "automatic", "none"})


class Options:
    """Of the whole server, until it ends."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def shown(self, catalog: Catalog) -> dict[str, Any]:
        """What a client reads: those that have an effect, and what clients have set."""
        base = catalog.first_base()
        own = {MODEL: base.name if base else None, "sd_checkpoint_hash": None, VAE: "Automatic", CLIP_SKIP: 1}
        return {"samples_format": "png", **own, **self._kept}

    def keep(self, given: Mapping[str, Any], catalog: Catalog) -> None:
        """Set these.

        Raises:
            RequestError: There is no such model or VAE.
            Refused: They are too many.
        """
        kept = {**self._kept, **given}
        models_of(kept, catalog)
        if len(json.dumps(kept)) > _MOST_BYTES:
            raise Refused(413, f"These are more than {_MOST_BYTES // 2**10} KB of options; set fewer.")
        self._kept = kept

    def over(self, given: Mapping[str, Any] | None) -> dict[str, Any]:
        """What holds for one message that brings its own."""
        return {**self._kept, **(given or {})}


def models_of(options: Mapping[str, Any], catalog: Catalog) -> Partial:
    """The models that they choose, as fields of a request.

    Raises:
        RequestError: There is no such model or VAE.
    """
    fields: dict[str, Any] = {}
    if options.get(MODEL):
        fields["base"] = catalog.model(plain_name(options[MODEL]), BASES, MODEL).name
    vae = plain_name(options.get(VAE) or "")
    if vae.lower() not in _NO_VAE:
        fields["vae"] = catalog.vae(vae, VAE)
    skip = options.get(CLIP_SKIP)
    # 1 is the webui's default, where an SDXL model nevertheless hears the layer that it was trained with
    if skip not in (None, 1):
        fields["clip_skip"] = skip
    return fields


def plain_name(title: object) -> str:
    """A model's name without the hash that the webui's titles end in."""
    return _HASH.sub("", str(title))
