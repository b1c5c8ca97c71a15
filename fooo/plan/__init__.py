"""How the request will be carried out: every choice made, nothing started. Pure; no torch."""

from fooo.plan.needs import needed_files
from fooo.plan.plan import Fit, Generate, Pass, Plan, Shot, Source, Span, Texts
from fooo.plan.planner import make_plan
from fooo.plan.prompt.chunks import CHUNK, Chunk, LearntToken, Mark, Token, Weighed, chunk, room_left
from fooo.plan.prompt.grammar import Nodes, Plain, Prompt
from fooo.plan.prompt.parse import parse
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
    "Pass",
    "Plain",
    "Plan",
    "Prompt",
    "Said",
    "Saying",
    "Shot",
    "Source",
    "Span",
    "Stretch",
    "Texts",
    "Token",
    "Weighed",
    "chunk",
    "cut",
    "make_plan",
    "needed_files",
    "parse",
    "plain",
    "room_left",
    "said_first",
    "stretches",
]
