"""Prompt templates with a name: what a style is, and where they are read from."""

from fooo.catalog.styles.aliases import FooocusStyles, from_fooocus, known_names, read_aliases
from fooo.catalog.styles.style import (
    FAMILIES,
    PLACE,
    POCKET_FAMILY,
    RANDOM_STYLE,
    Style,
    fold,
    in_families,
    is_random,
    without_holes,
)
from fooo.catalog.styles.style_files import read_styles

__all__ = [
    "FAMILIES",
    "PLACE",
    "POCKET_FAMILY",
    "RANDOM_STYLE",
    "FooocusStyles",
    "Style",
    "fold",
    "from_fooocus",
    "in_families",
    "is_random",
    "known_names",
    "read_aliases",
    "read_styles",
    "without_holes",
]
