"""How the request will be carried out: every choice made, nothing started. Pure; no torch."""

from fooo.plan.needs import needed_files
from fooo.plan.performance import (
    Pace,
    Promise,
    Speeds,
    build_of,
    guesses_a_call,
    leave_mode,
    megapixels_of,
    prompts_of,
)
from fooo.plan.plan import Fit, Generate, Pass, Plan, Shot, Source, Span, Texts
from fooo.plan.planner import make_plan
from fooo.plan.prompt.chunks import CHUNK, Chunk, LearntToken, Mark, Token, Weighed, chunk
from fooo.plan.prompt.grammar import Nodes, Notice, NoticeKind, Plain, Prompt
from fooo.plan.prompt.parse import parse
from fooo.plan.prompt.room import Ruler
from fooo.plan.prompt.sayings import Learnt, Said, Saying, Stretch, cut, plain, said_first, stretches

__all__ = [
    "CHUNK",
    "Chunk",
    "Fit",
    "Generate",
    "Learnt",
    "LearntToken",
    "Mark",
    "Nodes",
    "Notice",
    "NoticeKind",
    "Pace",
    "Pass",
    "Plain",
    "Plan",
    "Promise",
    "Prompt",
    "Ruler",
    "Said",
    "Saying",
    "Shot",
    "Source",
    "Span",
    "Speeds",
    "Stretch",
    "Texts",
    "Token",
    "Weighed",
    "build_of",
    "chunk",
    "cut",
    "guesses_a_call",
    "leave_mode",
    "make_plan",
    "megapixels_of",
    "needed_files",
    "parse",
    "plain",
    "prompts_of",
    "said_first",
    "stretches",
]
