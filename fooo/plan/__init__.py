"""How the request will be carried out: every choice made, nothing started. Pure; no torch."""

from fooo.plan.chunks import CHUNK, Chunk, Mark, Weighed, chunk
from fooo.plan.grammar import Nodes, Plain, Prompt
from fooo.plan.parse import parse
from fooo.plan.plan import Fit, Generate, Pass, Plan, Shot, Texts
from fooo.plan.planner import make_plan
from fooo.plan.sayings import Said, Saying, Stretch, plain, stretches

__all__ = [
    "CHUNK",
    "Chunk",
    "Fit",
    "Generate",
    "Mark",
    "Nodes",
    "Pass",
    "Plain",
    "Plan",
    "Prompt",
    "Said",
    "Saying",
    "Shot",
    "Stretch",
    "Texts",
    "Weighed",
    "chunk",
    "make_plan",
    "parse",
    "plain",
    "stretches",
]
