"""What the page is told of a picture of the history. Its path is not among it."""

from typing import Any

from fooo.record.history import Kept

HISTORY_PATH = "/api/history"

TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}
"""Of kept files, by their ending in small letters."""


def told(kept: Kept) -> dict[str, Any]:
    """As JSON. The address changes with the file, so that a browser may keep what lies there for ever."""
    version = f"?v={kept.changed:x}"
    return {
        "id": kept.id,
        "name": kept.path.name,
        "full": f"{HISTORY_PATH}/{kept.id}/full{version}",
        "small": f"{HISTORY_PATH}/{kept.id}/small{version}",
        "made": kept.made,
        "thrown": kept.thrown or None,
        "words": kept.words,
        "styles": list(kept.styles),
        "model": kept.model,
        "seed": kept.seed,
        "width": kept.width,
        "height": kept.height,
        "favourite": kept.favourite,
    }
