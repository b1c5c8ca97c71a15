"""Expansion: phrases that make a short prompt rich, from a bank of our own; no network, no chance but the seed's."""

from fooo.plan.expansion.bank import Phrase
from fooo.plan.expansion.chooser import Draw, Expander, looks_of
from fooo.plan.expansion.reading import Library, Wish, read_library, read_wish
from fooo.plan.expansion.traits import Facet, Kind, Look

__all__ = [
    "Draw",
    "Expander",
    "Facet",
    "Kind",
    "Library",
    "Look",
    "Phrase",
    "Wish",
    "looks_of",
    "read_library",
    "read_wish",
]
