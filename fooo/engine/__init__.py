"""Carries out plans: the local engine, and a fake one. `fooo.engine.local` is imported by name: it brings torch."""

from fooo.engine.engine import Engine, Made
from fooo.engine.fake import FakeEngine

__all__ = ["Engine", "FakeEngine", "Made"]
