"""Performance modes: named trades of speed for quality."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """Fills `sampling.steps` where neither the request nor its preset does."""

    name: str
    steps: int


PERFORMANCES = (
    Performance(name="Quality", steps=60),
    Performance(name="Speed", steps=30),
)
