"""Published model files that Fooo knows: where they can be had, how large they are, what they are for."""

from fooo.catalog.known_models.known_model import KnownModel, Purpose
from fooo.catalog.known_models.links import read_link, source_url
from fooo.catalog.known_models.missing import (
    described,
    find_file,
    known_file,
    missing_files,
    preset_files,
    size_in_words,
    with_known_facts,
)
from fooo.catalog.known_models.table import KNOWN_MODELS

__all__ = [
    "KNOWN_MODELS",
    "KnownModel",
    "Purpose",
    "described",
    "find_file",
    "known_file",
    "missing_files",
    "preset_files",
    "read_link",
    "size_in_words",
    "source_url",
    "with_known_facts",
]
