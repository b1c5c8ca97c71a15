"""What this machine was measured to do, and what that says of a plan: its seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fooo.catalog import LocalModel, Sampler
from fooo.plan.plan import Enlarge, Generate, Plan, Shot
from fooo.request import Frozen

_ADAPTIVE_CALLS = 30
"""Of DPM adaptive, which chooses its steps itself: what it took of easy data, and a little more."""


class Promise(Frozen):
    """How long a job will take, guessed from those before it.

    Attributes:
        seconds: Of the whole job, from its first picture's beginning to its last picture's file.
        loading: Of these, for reading models that are not in memory yet.
        pictures: That it makes.
    """

    seconds: float
    loading: float = 0.0
    pictures: int = 1


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a model draws on a device.

    Attributes:
        call: Seconds of a network call of one megapixel, of all that it guesses at once...
        growth: ... which grow with this power of the megapixels: 1 where twice the pixels take twice the time.
        start: Seconds before a picture's first guess: its words, its noise.
        finish: Seconds a megapixel after its last guess: decoding, keeping.
        loading: Seconds that reading the model takes; of a base, with all that is drawn with it.
    """

    call: float
    growth: float = 1.0
    start: float = 0.0
    finish: float = 0.0
    loading: float = 0.0

    def calls(self, count: float, megapixels: float) -> float:
        """Seconds of so many calls, each of so many megapixels."""
        return count * self.call * megapixels**self.growth


@dataclass(frozen=True, slots=True)
class Speeds:
    """What one device of this machine was measured to do.

    Attributes:
        paces: By the model's name, and by its build (`build_of`) for models that were never drawn with.
        ready: Names of the models that are in memory now.
    """

    paces: Mapping[str, Pace] = field(default_factory=dict[str, Pace])
    ready: frozenset[str] = frozenset()

    def picture(self, generate: Generate, models: Mapping[str, LocalModel], *, prompts: int = 1) -> float | None:
        """Seconds of one picture with its models in memory; None where its networks were never measured.

        Args:
            generate: The pass.
            models: By name, at least those of the pass.
            prompts: How many prompts are parted by `AND`.
        """
        size = megapixels_of(generate)
        base = self._pace(models.get(generate.base))
        seconds = base.start + base.finish * size if base else 0.0
        for name, count in calls_of(generate).items():
            pace = self._pace(models.get(name))
            if pace is None:
                return None
            seconds += pace.calls(count, size * guesses_a_call(generate, prompts=prompts))
        return seconds

    def promise(self, plan: Plan, models: Mapping[str, LocalModel]) -> Promise | None:
        """How long the plan takes; None where that cannot be told. Args: models: By name."""
        pictures = [self._shot(shot, models) for shot in plan.shots]
        known = [seconds for seconds in pictures if seconds is not None]
        if len(known) < len(pictures):
            return None
        read = next((models.get(name) for name in plan.models if name not in self.ready), None)
        pace = self._pace(read)
        loading = pace.loading if pace else 0.0
        return Promise(seconds=sum(known) + loading, loading=loading, pictures=len(known))

    def _shot(self, shot: Shot, models: Mapping[str, LocalModel]) -> float | None:
        """Seconds of all its passes, none of them for mending: nobody knows before how many faces there are.

        How long enlarging takes is not measured.
        """
        if any(isinstance(each, Enlarge) for each in shot.passes):
            return None
        drawn = [self.picture(each, models, prompts=prompts_of(shot)) for each in shot.generates]
        known = [seconds for seconds in drawn if seconds is not None]
        return sum(known) if len(known) == len(drawn) else None

    def _pace(self, model: LocalModel | None) -> Pace | None:
        return self.paces.get(model.name, self.paces.get(build_of(model))) if model else None


NOT_MEASURED = Speeds()


def calls_of(generate: Generate) -> dict[str, float]:
    """How often each model's network is called for one picture, by the model's name."""
    sampler, steps = generate.sampler, generate.steps
    calls = _ADAPTIVE_CALLS if sampler is Sampler.DPM_ADAPTIVE else sampler.calls * steps - (sampler.calls - 1)
    if generate.refiner is None or generate.refiner_step is None:
        return {generate.base: calls}
    of_base = calls * generate.refiner_step / steps
    return {generate.base: of_base, generate.refiner: calls - of_base}


def guesses_a_call(generate: Generate, *, prompts: int = 1) -> float:
    """What is guessed for a picture at once, on average: each prompt, the negative, what further guidance asks for."""
    options = generate.guidance_options
    guided = (options.end - options.start) if generate.guidance != 1 else 0.0
    # the refiner is asked for no perturbed guess
    of_base = generate.refiner_step / generate.steps if generate.refiner_step else 1.0
    perturbed = max(0.0, min(options.end, of_base) - options.start) if options.perturbed_attention else 0.0
    return prompts + guided + perturbed


def megapixels_of(generate: Generate) -> float:
    return generate.size.width * generate.size.height / 1e6


def build_of(model: LocalModel) -> str:
    """What models share that are equally fast: the kind of network, and the size that it is made for."""
    return f"{model.kind.value} {model.native_size}"


def prompts_of(shot: Shot) -> int:
    """How many prompts are drawn together, parted by `AND`."""
    return 1 + sum(span.text == " AND " for span in shot.texts.positive_spans)
