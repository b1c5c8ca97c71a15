"""Features of the denoising loop, one a file. `hook.Hook` says what a feature may do."""

from fooo.pipeline.hooks.composition import Composition, Voice
from fooo.pipeline.hooks.free_u import FreeU
from fooo.pipeline.hooks.hook import Hook
from fooo.pipeline.hooks.looks import hooks_for_looks
from fooo.pipeline.hooks.nan_guard import NanGuard
from fooo.pipeline.hooks.perturbed_attention import PERTURBED, PerturbedAttention
from fooo.pipeline.hooks.prompt_schedule import PromptSchedule, Timetable
from fooo.pipeline.hooks.sharpness import Sharpness
from fooo.pipeline.hooks.size_scale import SizeScale
from fooo.pipeline.hooks.tiling import SeamlessTiling, around

__all__ = [
    "PERTURBED",
    "Composition",
    "FreeU",
    "Hook",
    "NanGuard",
    "PerturbedAttention",
    "PromptSchedule",
    "SeamlessTiling",
    "Sharpness",
    "SizeScale",
    "Timetable",
    "Voice",
    "around",
    "hooks_for_looks",
]
