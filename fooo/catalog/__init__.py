"""What there is: styles, presets, performance modes, samplers, models."""

from fooo.catalog.catalog import BASES, Catalog, read_catalog, still_here
from fooo.catalog.current import CurrentCatalog
from fooo.catalog.identify import ModelKind
from fooo.catalog.knowledge import Knowledge, Suggestion
from fooo.catalog.local_models import POCKET, LocalModel, ModelHashes, part_files
from fooo.catalog.performance import DEFAULT_PERFORMANCE, PERFORMANCES, Family, Performance, family_of, modes_by_name
from fooo.catalog.presets import Preset, PresetFile
from fooo.catalog.sampler_names import (
    Sampler,
    SamplerName,
    Schedule,
    ScheduleName,
    read_sampler_name,
    read_schedule_name,
)
from fooo.catalog.styles import POCKET_FAMILY, RANDOM_STYLE, FooocusStyles, Style, is_random
from fooo.catalog.tokens import Tokens, read_tokens

__all__ = [
    "BASES",
    "DEFAULT_PERFORMANCE",
    "PERFORMANCES",
    "POCKET",
    "POCKET_FAMILY",
    "RANDOM_STYLE",
    "Catalog",
    "CurrentCatalog",
    "Family",
    "FooocusStyles",
    "Knowledge",
    "LocalModel",
    "ModelHashes",
    "ModelKind",
    "Performance",
    "Preset",
    "PresetFile",
    "Sampler",
    "SamplerName",
    "Schedule",
    "ScheduleName",
    "Style",
    "Suggestion",
    "Tokens",
    "family_of",
    "is_random",
    "modes_by_name",
    "part_files",
    "read_catalog",
    "read_sampler_name",
    "read_schedule_name",
    "read_tokens",
    "still_here",
]
