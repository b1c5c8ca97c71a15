"""How fast and how carefully: the performance mode, what it forces, and what a time budget buys on this machine."""

from fooo.plan.performance.budget import Chosen, keep_to_budget
from fooo.plan.performance.layers import fill_from_preset, is_of_mode, leave_mode
from fooo.plan.performance.speeds import (
    NOT_MEASURED,
    Pace,
    Promise,
    Speeds,
    build_of,
    enlarged_megapixels,
    guesses_a_call,
    megapixels_of,
    prompts_of,
)

__all__ = [
    "NOT_MEASURED",
    "Chosen",
    "Pace",
    "Promise",
    "Speeds",
    "build_of",
    "enlarged_megapixels",
    "fill_from_preset",
    "guesses_a_call",
    "is_of_mode",
    "keep_to_budget",
    "leave_mode",
    "megapixels_of",
    "prompts_of",
]
