"""The plan: a shot for each picture, a pass for each change to it."""

from fooo.catalog import Sampler, Schedule
from fooo.request import Frozen, Request, Size


class Texts(Frozen):
    """What the text encoders read, styles applied."""

    positive: str
    negative: str


class Generate(Frozen):
    """Denoise noise into a picture.

    Attributes:
        refiner_step: The first step that the refiner carries out, 1 <= refiner_step < steps; None without refiner.
    """

    size: Size
    steps: int
    guidance: float
    sampler: Sampler
    schedule: Schedule
    base: str
    refiner: str | None
    refiner_step: int | None


Pass = Generate


class Shot(Frozen):
    """One picture: everything that decides its pixels."""

    number: int
    seed: int
    texts: Texts
    passes: tuple[Pass, ...]

    @property
    def size(self) -> Size:
        """Of the finished picture."""
        return self.passes[-1].size

    @property
    def steps(self) -> int:
        return sum(each.steps for each in self.passes)

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models that draw it, in order, each once."""
        names = [name for each in self.passes for name in (each.base, each.refiner) if name]
        return tuple(dict.fromkeys(names))


class Plan(Frozen):
    """What will be done.

    Attributes:
        request: As asked, with nothing left open: planning it again gives the same shots.
    """

    request: Request
    shots: tuple[Shot, ...]

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models that draw it, each once."""
        return tuple(dict.fromkeys(name for shot in self.shots for name in shot.models))
