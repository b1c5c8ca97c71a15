"""What a person is told of a plan where it does not come out as asked; the faces have a sentence for each."""

from dataclasses import dataclass
from typing import Literal

from fooo.plan.prompt.grammar import Notice


@dataclass(frozen=True, slots=True)
class NearestName:
    """A sampler or a schedule that is not here. Args: said: As asked. used: The label of the one in its place."""

    said: str
    used: str
    kind: Literal["nearest_name"] = "nearest_name"


@dataclass(frozen=True, slots=True)
class IdleRefiner:
    """A refiner to which its switch, a share of the steps, leaves none of them."""

    refiner: str
    switch: float
    steps: int
    kind: Literal["idle_refiner"] = "idle_refiner"


@dataclass(frozen=True, slots=True)
class Sketch:
    """A time too short for a good picture.

    Attributes:
        budget: As asked.
        steps: That the mode draws in it, of the `fewest` of a good picture.
        enough: The time that those take, such as `9 s`.
    """

    budget: str
    mode: str
    steps: int
    fewest: int
    enough: str
    kind: Literal["sketch"] = "sketch"


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """A time that buys nothing yet, as nobody knows how fast the base draws here. Args: mode: Taken in its place."""

    base: str
    mode: str
    budget: str
    kind: Literal["not_measured"] = "not_measured"


@dataclass(frozen=True, slots=True)
class UnsaidMode:
    """A mode for bases that were made for it, with one whose name does not say so."""

    mode: str
    base: str
    kind: Literal["unsaid_mode"] = "unsaid_mode"


@dataclass(frozen=True, slots=True)
class NoFaceDetector:
    """Faces that a preset has mended, and nothing here that finds them. Args: name: Of what can be fetched for it."""

    name: str
    kind: Literal["no_face_detector"] = "no_face_detector"


@dataclass(frozen=True, slots=True)
class ResearchOnly:
    """A detector that may be used for non-commercial research alone. Args: name: Its pack."""

    name: str
    kind: Literal["research_only"] = "research_only"


@dataclass(frozen=True, slots=True)
class EnglishName:
    """A Chinese name of something that the model has learnt in English only. Args: said: As typed."""

    said: str
    english: str
    kind: Literal["english_name"] = "english_name"


PlanNotice = (
    Notice | NearestName | IdleRefiner | Sketch | NotMeasured | UnsaidMode | NoFaceDetector | ResearchOnly | EnglishName
)
"""The first is of a text, the others of how it is drawn."""
