"""What this machine was measured to do, and what that says of a plan: its seconds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from fooo.catalog import LocalModel, Sampler
from fooo.plan.finish.windows import windows_of
from fooo.plan.plan import Enlarge, Fit, Generate, Mend, Open, Pass, Plan, Shot
from fooo.request import Frozen, Size

_ADAPTIVE_CALLS = 30
"""Of DPM adaptive, which chooses its steps itself: what it took of easy data, and a little more."""


_ROUND = 4
"""How many times larger an upscaler makes a picture at once."""


class Promise(Frozen):
    """How long a job will take, guessed from those before it.

    Attributes:
        seconds: Of the whole job, from its first picture's beginning to its last picture's file.
        loading: Of these, for reading models that are not in memory yet.
        finishing: Of these, for mending and enlarging what is drawn.
        pictures: That it makes.
    """

    seconds: float
    loading: float = 0.0
    finishing: float = 0.0
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
        enlarging: By the upscaler's name; a call is of all that it is shown of a picture.
        found: How many things are mended in a picture, by the detector's name.
    """

    paces: Mapping[str, Pace] = field(default_factory=dict[str, Pace])
    ready: frozenset[str] = frozenset()
    enlarging: Mapping[str, Pace] = field(default_factory=dict[str, Pace])
    found: Mapping[str, float] = field(default_factory=dict[str, float])

    def picture(self, generate: Generate, models: Mapping[str, LocalModel], *, prompts: int = 1) -> float | None:
        """Seconds of one picture with its models in memory; None where its networks were never measured.

        Args:
            generate: The pass.
            models: By name, at least those of the pass.
            prompts: How many prompts are parted by `AND`.
        """
        windows, megapixels = windows_of(generate)
        base = self._pace(models.get(generate.base))
        seconds = base.start + base.finish * megapixels_of(generate) if base else 0.0
        for name, count in calls_of(generate).items():
            pace = self._pace(models.get(name))
            if pace is None:
                return None
            seconds += pace.calls(count * windows, megapixels * guesses_a_call(generate, prompts=prompts))
        return seconds

    def promise(self, plan: Plan, models: Mapping[str, LocalModel]) -> Promise | None:
        """How long the plan takes; None where that cannot be told. Args: models: By name."""
        drawing, finishing = 0.0, 0.0
        for shot in plan.shots:
            drawn = self.drawing(shot.passes, models, prompts=prompts_of(shot))
            finished = self.finishing(shot.passes, models, prompts=prompts_of(shot))
            if drawn is None or finished is None:
                return None
            drawing, finishing = drawing + drawn, finishing + finished
        read = next((models.get(name) for name in plan.models if name not in self.ready), None)
        pace = self._pace(read)
        loading = pace.loading if pace else 0.0
        seconds = drawing + finishing + loading
        return Promise(seconds=seconds, loading=loading, finishing=finishing, pictures=len(plan.shots))

    def drawing(self, passes: Sequence[Pass], models: Mapping[str, LocalModel], *, prompts: int = 1) -> float | None:
        """Seconds of the passes that draw the whole of one picture; None where a network was never measured."""
        drawn = (self.picture(each, models, prompts=prompts) for each in passes if isinstance(each, Generate))
        return _sum(drawn)

    def finishing(self, passes: Sequence[Pass], models: Mapping[str, LocalModel], *, prompts: int = 1) -> float | None:
        """Seconds of mending and enlarging one picture; None where a network was never measured.

        Nobody knows before how many faces there are: they are promised to be as many as there mostly were.
        """
        return _sum(self._finish(each, before.size, models, prompts) for before, each in pairwise(passes))

    def _finish(self, pass_: Pass, source: Size, models: Mapping[str, LocalModel], prompts: int) -> float | None:
        match pass_:
            case Enlarge():
                pace = self.enlarging.get(pass_.upscaler)
                return pace.calls(1, enlarged_megapixels(source, pass_.size)) if pace else None
            case Mend():
                one = self.picture(pass_.generate, models, prompts=prompts)
                return None if one is None else one * min(pass_.most, self.found.get(pass_.detector, 0.0))
            case Open() | Fit() | Generate():
                return 0.0

    def _pace(self, model: LocalModel | None) -> Pace | None:
        return self.paces.get(model.name, self.paces.get(build_of(model))) if model else None


NOT_MEASURED = Speeds()


def calls_of(generate: Generate) -> dict[str, float]:
    """How often each model's network is called for one picture, by the model's name.

    One or a few more than are, where a sampler that asks twice leaves pure noise by one.
    """
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


def enlarged_megapixels(source: Size, size: Size) -> float:
    """What an upscaler is shown of a picture of the size `source`, in all its rounds.

    It is taken for one that makes pictures four times as large, as nearly all do.
    """
    pixels, width, height = source.width * source.height, size.width, size.height
    while width > _ROUND * source.width or height > _ROUND * source.height:
        width, height = -(-width // _ROUND), -(-height // _ROUND)
        pixels += width * height
    return pixels / 1e6


def megapixels_of(generate: Generate) -> float:
    return generate.size.width * generate.size.height / 1e6


def build_of(model: LocalModel) -> str:
    """What models share that are equally fast: the kind of network, and the size that it is made for."""
    return f"{model.kind.value} {model.native_size}"


def prompts_of(shot: Shot) -> int:
    """How many prompts are drawn together, parted by `AND`."""
    return 1 + sum(span.text == " AND " for span in shot.texts.positive_spans)


def _sum(seconds: Iterable[float | None]) -> float | None:
    """None where one of them is not known."""
    added = 0.0
    for each in seconds:
        if each is None:
            return None
        added += each
    return added
