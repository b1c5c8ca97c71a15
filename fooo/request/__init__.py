"""What the user asks for: small, frozen, made of text and numbers only."""

from fooo.request.merge import Partial, merge, only_set_fields, read_request
from fooo.request.request import (
    LONGEST_TEXT,
    RANDOM_SEED,
    Dialect,
    Expansion,
    Frozen,
    Lora,
    Models,
    Output,
    Quality,
    Request,
    Sampling,
    Size,
)

__all__ = [
    "LONGEST_TEXT",
    "RANDOM_SEED",
    "Dialect",
    "Expansion",
    "Frozen",
    "Lora",
    "Models",
    "Output",
    "Partial",
    "Quality",
    "Request",
    "Sampling",
    "Size",
    "merge",
    "only_set_fields",
    "read_request",
]
