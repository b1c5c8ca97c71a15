"""Performance modes: named trades of speed for quality, one table with rows by model family."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fooo.catalog.identify import ModelKind
from fooo.catalog.local_models import LocalModel
from fooo.catalog.sampler_names import Sampler, Schedule
from fooo.request import Partial, merge


class Family(StrEnum):
    """Models that are drawn with in the same ways."""

    SDXL = "SDXL"
    SD = "Stable Diffusion 1 or 2"
    POCKET = "pocket"


@dataclass(frozen=True, slots=True, kw_only=True)
class Distilled:
    """How a network is drawn with that has learnt to do without most steps: as in its training, and not otherwise.

    It is asked without guidance, and no other network goes on with its picture.

    Attributes:
        lora: The published file that makes a plain model such a network; None where the base itself must be one.
        said_by: What the name of such a base holds; nothing in its file tells it.
    """

    sampler: Sampler
    schedule: Schedule
    lora: str | None = None
    weight: float = 1.0
    said_by: str = ""

    @property
    def forced(self) -> Partial:
        """What it asks for, as the fields of a request."""
        loras = [{"name": self.lora, "weight": self.weight}] if self.lora else []
        return {
            "models": {"refiner": None, **({"loras": loras} if loras else {})},
            "sampling": {
                "guidance": 1.0,
                "sampler": self.sampler.value,
                "schedule": self.schedule.value,
                "sharpness": 0.0,
                "size_scale": None,
            },
            # who asks for four steps does not wait for thirty more
            "faces": {"on": False},
            "enlarge": {"repaint": 0.0, "steps": 0},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """A mode.

    Attributes:
        steps: Of a picture.
        fewest: The steps below which its pictures are sketches; where time is short it takes as few as these.
        distilled: None where the network is drawn with as it is, and only the steps are the mode's.
    """

    name: str
    steps: int
    fewest: int
    distilled: Distilled | None = None

    @property
    def forced(self) -> Partial:
        """What the mode asks for, as the fields of a request."""
        steps: Partial = {"sampling": {"performance": self.name, "steps": self.steps}}
        return merge(self.distilled.forced, steps) if self.distilled else steps

    @property
    def lora(self) -> str | None:
        """The published file that it needs."""
        return self.distilled.lora if self.distilled else None

    def is_said_by(self, base: str) -> bool:
        """Whether a model's name says that it was made for this mode."""
        mark = self.distilled.said_by if self.distilled else ""
        return bool(mark) and mark in base.casefold()


DEFAULT_PERFORMANCE = "Speed"
"""The mode where nobody names one; every family has it."""

_SD = (
    Performance(name="Quality", steps=60, fewest=31),
    Performance(name="Speed", steps=30, fewest=15),
)

PERFORMANCES: Mapping[Family, tuple[Performance, ...]] = {
    Family.SDXL: (
        *_SD,
        Performance(
            name="Hyper-SD",
            steps=4,
            fewest=4,
            distilled=Distilled(
                sampler=Sampler.DPMPP_SDE, schedule=Schedule.KARRAS, lora="sdxl_hyper_sd_4step_lora", weight=0.8
            ),
        ),
        Performance(
            name="Lightning",
            steps=4,
            fewest=4,
            distilled=Distilled(sampler=Sampler.EULER, schedule=Schedule.SGM_UNIFORM, lora="sdxl_lightning_4step_lora"),
        ),
        Performance(
            name="Extreme Speed",
            steps=8,
            fewest=4,
            distilled=Distilled(sampler=Sampler.LCM, schedule=Schedule.LCM, lora="sdxl_lcm_lora"),
        ),
        Performance(
            name="Turbo",
            steps=4,
            fewest=1,
            distilled=Distilled(sampler=Sampler.EULER_ANCESTRAL, schedule=Schedule.TURBO, said_by="turbo"),
        ),
    ),
    Family.SD: _SD,
    Family.POCKET: (*_SD, Performance(name="Quick", steps=12, fewest=8)),
}
"""The modes of each family, the most careful first."""


def family_of(model: LocalModel) -> Family:
    """A model that says what it has learnt is a small one, however its network is laid out."""
    if model.knows is not None:
        return Family.POCKET
    return Family.SDXL if model.kind is ModelKind.SDXL_BASE else Family.SD


def modes_by_name() -> dict[str, Performance]:
    """The modes of all families; those of one name differ in their steps at most."""
    return {mode.name: mode for modes in PERFORMANCES.values() for mode in modes}
