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
from fooo.plan.plan import Enlarge, Fit, Generate, Mend, Open, Pass, Plan, Region, Shot, Source, Span, Spans, Texts
from fooo.plan.planner import make_plan
from fooo.plan.prompt.chunks import CHUNK, Chunk, LearntToken, Mark, Token, Weighed, chunk
from fooo.plan.prompt.grammar import Nodes, Notice, NoticeKind, Plain, Prompt
from fooo.plan.prompt.notices import (
    EnglishName,
    IdleRefiner,
    NearestName,
    NotMeasured,
    PlanNotice,
    Sketch,
    UnsaidMode,
)
from fooo.plan.prompt.parse import parse
from fooo.plan.prompt.room import Ruler
from fooo.plan.prompt.sayings import Learnt, Said, Saying, Stretch, cut, plain, said_first, stretches
from fooo.plan.start import PictureSizes
from fooo.plan.styling import droppable, pieces_of

__all__ = [
    "CHUNK",
    "Chunk",
    "EnglishName",
    "Enlarge",
    "Fit",
    "Generate",
    "IdleRefiner",
    "Learnt",
    "LearntToken",
    "Mark",
    "Mend",
    "NearestName",
    "Nodes",
    "NotMeasured",
    "Notice",
    "NoticeKind",
    "Open",
    "Pace",
    "Pass",
    "PictureSizes",
    "Plain",
    "Plan",
    "PlanNotice",
    "Promise",
    "Prompt",
    "Region",
    "Ruler",
    "Said",
    "Saying",
    "Shot",
    "Sketch",
    "Source",
    "Span",
    "Spans",
    "Speeds",
    "Stretch",
    "Texts",
    "Token",
    "UnsaidMode",
    "Weighed",
    "build_of",
    "chunk",
    "cut",
    "droppable",
    "guesses_a_call",
    "leave_mode",
    "make_plan",
    "megapixels_of",
    "needed_files",
    "parse",
    "pieces_of",
    "plain",
    "prompts_of",
    "said_first",
    "stretches",
]
