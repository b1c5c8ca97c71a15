"""Prompt templates with a name: what a style is, and where they are read from."""

from fooo.catalog.styles.aliases import FooocusStyles, from_fooocus, known_names, read_aliases
from fooo.catalog.styles.pictures import find_pictures, picture_name
from fooo.catalog.styles.selection import suiting, varied
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
    "find_pictures",
    "fold",
    "from_fooocus",
    "in_families",
    "is_random",
    "known_names",
    "picture_name",
    "read_aliases",
    "read_styles",
    "suiting",
    "varied",
    "without_holes",
]
