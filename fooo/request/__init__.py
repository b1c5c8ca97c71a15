"""What the user asks for: small, frozen, made of text and numbers only."""

from fooo.request.frozen import LONGEST_TEXT, Frozen
from fooo.request.merge import Partial, merge, only_set_fields, read_request
from fooo.request.request import Dialect, Expansion, Lora, Models, Output, Quality, Request, Size
from fooo.request.sampling import (
    RANDOM_SEED,
    FreeU,
    GuidanceOptions,
    RefinerMethod,
    SamplerOptions,
    Sampling,
    SizeScale,
    Strength,
    StrengthSteps,
    Tiling,
    Variation,
    WeightedSeed,
)

__all__ = [
    "LONGEST_TEXT",
    "RANDOM_SEED",
    "Dialect",
    "Expansion",
    "FreeU",
    "Frozen",
    "GuidanceOptions",
    "Lora",
    "Models",
    "Output",
    "Partial",
    "Quality",
    "RefinerMethod",
    "Request",
    "SamplerOptions",
    "Sampling",
    "Size",
    "SizeScale",
    "Strength",
    "StrengthSteps",
    "Tiling",
    "Variation",
    "WeightedSeed",
    "merge",
    "only_set_fields",
    "read_request",
]
