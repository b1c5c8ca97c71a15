"""What the page is told of a picture of the history. Its path is not among it."""

from typing import Any

from fooo.record.history import Family, Kept, difference

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


def told_family(kept: Kept, family: Family) -> dict[str, Any]:
    """The parent, the children, and how the picture's words came from its parent's: what became of which."""
    parent = family.parent
    return {
        "parent": told(parent) if parent else None,
        "children": [told(each) for each in family.children],
        "words": [[fate.value, text] for fate, text in difference(parent.words, kept.words)] if parent else [],
    }
