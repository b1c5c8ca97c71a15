"""What there is: styles, presets, performance modes, samplers, models."""

from fooo.catalog.catalog import Catalog, read_catalog
from fooo.catalog.identify import ModelKind
from fooo.catalog.knowledge import Knowledge
from fooo.catalog.local_models import POCKET, LocalModel, ModelHashes, part_files
from fooo.catalog.performance import Performance
from fooo.catalog.presets import Preset
from fooo.catalog.sampler_names import Sampler, Schedule
from fooo.catalog.styles import Style
from fooo.catalog.tokens import Tokens

__all__ = [
    "POCKET",
    "Catalog",
    "Knowledge",
    "LocalModel",
    "ModelHashes",
    "ModelKind",
    "Performance",
    "Preset",
    "Sampler",
    "Schedule",
    "Style",
    "Tokens",
    "part_files",
    "read_catalog",
]
