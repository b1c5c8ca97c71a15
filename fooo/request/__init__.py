"""What the user asks for: small, frozen, made of text and numbers only."""

from fooo.request.again import Again, again, finished
from fooo.request.finish import LONGEST_SIDE, Enlarging, Faces, Mending, Things
from fooo.request.frozen import LONGEST_TEXT, Frozen
from fooo.request.merge import Partial, merge, only_set_fields, read_request, wrong_field
from fooo.request.request import Dialect, Expansion, FileFormat, Lora, Models, Output, Quality, Request, Size
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
from fooo.request.start import STRONG, SUBTLE, Keep, PictureId, Start, Vary

__all__ = [
    "LONGEST_SIDE",
    "LONGEST_TEXT",
    "RANDOM_SEED",
    "STRONG",
    "SUBTLE",
    "Again",
    "Dialect",
    "Enlarging",
    "Expansion",
    "Faces",
    "FileFormat",
    "FreeU",
    "Frozen",
    "GuidanceOptions",
    "Keep",
    "Lora",
    "Mending",
    "Models",
    "Output",
    "Partial",
    "PictureId",
    "Quality",
    "RefinerMethod",
    "Request",
    "SamplerOptions",
    "Sampling",
    "Size",
    "SizeScale",
    "Start",
    "Strength",
    "StrengthSteps",
    "Things",
    "Tiling",
    "Variation",
    "Vary",
    "WeightedSeed",
    "again",
    "finished",
    "merge",
    "only_set_fields",
    "read_request",
    "wrong_field",
]
