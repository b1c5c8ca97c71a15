"""Features of the denoising loop, one a file. `hook.Hook` says what a feature may do."""

from fooo.pipeline.hooks.composition import Composition, Voice
from fooo.pipeline.hooks.hook import Hook
from fooo.pipeline.hooks.nan_guard import NanGuard
from fooo.pipeline.hooks.prompt_schedule import PromptSchedule, Timetable

__all__ = ["Composition", "Hook", "NanGuard", "PromptSchedule", "Timetable", "Voice"]
