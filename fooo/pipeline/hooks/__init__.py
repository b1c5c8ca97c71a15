"""Features of the denoising loop, one a file. `hook.Hook` says what a feature may do."""

from fooo.pipeline.hooks.hook import Hook
from fooo.pipeline.hooks.nan_guard import NanGuard

__all__ = ["Hook", "NanGuard"]
