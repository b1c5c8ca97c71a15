"""The plan: a shot for each picture, a pass for each change to it."""

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from fooo.catalog import Sampler, Schedule
from fooo.request import Frozen, Request, Size


class Texts(Frozen):
    """What is said for one picture, in the `fooo` dialect.

    Attributes:
        positive, negative: What the text encoders read, styles applied.
        words, unwanted: The person's own part of them: what their prompt and their negative came to, everything drawn.
    """

    positive: str
    negative: str
    words: str = ""
    unwanted: str = ""


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


class Fit(Frozen):
    """Crop the picture to the shape of `size`, as little as that takes, and resize it."""

    size: Size


def _kind(content: Any) -> str:
    steps = "steps" in content if isinstance(content, dict) else isinstance(content, Generate)
    return "generate" if steps else "fit"


Pass = Annotated[Annotated[Generate, Tag("generate")] | Annotated[Fit, Tag("fit")], Discriminator(_kind)]


class Shot(Frozen):
    """One picture: everything that decides its pixels."""

    number: int
    seed: int
    texts: Texts
    passes: tuple[Pass, ...]
    """The first is a Generate."""

    @property
    def size(self) -> Size:
        """Of the finished picture."""
        return self.passes[-1].size

    @property
    def generate(self) -> Generate:
        """The pass that begins it."""
        first = self.passes[0]
        assert isinstance(first, Generate)
        return first

    @property
    def steps(self) -> int:
        """Of all networks, in all passes."""
        return sum(each.steps for each in self.passes if isinstance(each, Generate))

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models that draw it, in order, each once."""
        drawing = (each for each in self.passes if isinstance(each, Generate))
        return tuple(dict.fromkeys(name for each in drawing for name in (each.base, each.refiner) if name))


class Plan(Frozen):
    """What will be done.

    Attributes:
        request: As asked, with nothing left open: planning it again gives the same shots.
        beyond: The words of the prompt that the base says it has not learnt, as typed. It is drawn all the same.
    """

    request: Request
    shots: tuple[Shot, ...]
    beyond: tuple[str, ...] = ()

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models that draw it, each once."""
        return tuple(dict.fromkeys(name for shot in self.shots for name in shot.models))
