"""What makes the loop quicker: how networks compute, and which of their layers may rest at a step."""

from fooo.pipeline.speed.compiled_blocks import why_not_compiled
from fooo.pipeline.speed.quick import quick
from fooo.pipeline.speed.step_cache import step_cached

__all__ = ["quick", "step_cached", "why_not_compiled"]
