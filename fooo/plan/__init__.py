"""How the request will be carried out: every choice made, nothing started. Pure; no torch."""

from fooo.plan.plan import Generate, Pass, Plan, Shot, Texts
from fooo.plan.planner import make_plan

__all__ = ["Generate", "Pass", "Plan", "Shot", "Texts", "make_plan"]
